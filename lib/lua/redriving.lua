#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- redriving: the oldest redrive goes on: some of its jobs wait again, each at
-- its time, none more than a minute ahead, so that a cancel stops the rest.
-- ARGV: jobs to look at
-- Returns whether there is more to do at once (0/1).
-- uses: time, status, record, move, outbox, change, revive, redrive
local AHEAD = 60000 -- ms
local KEPT = 604800000 -- ms that one is known after its end
local limit, at = tonumber(ARGV[1]), now_ms()

local function go_on(id)
	local key, r = 'redrive:' .. id, {}
	local list = redis.call('HGETALL', key)
	for i = 1, #list, 2 do
		r[list[i]] = list[i + 1]
	end
	local page = redrive_page(r, limit)
	local done, skipped, full = tonumber(r.done), tonumber(r.skipped), false
	for _, place in ipairs(page) do
		if redrive_wants(r, place[1]) then
			local next_at = math.floor(math.max(at, r.started_at +
				done * 1000 / tonumber(r.rate)))
			if next_at > at + AHEAD then
				full = true
				break
			end
			local answer = revive(revive_read(place[1], at), {word = id,
				next_at = next_at, expires_at = 0,
				message = 'Tried again by redrive ' .. id})
			if answer[1] == 'done' then
				done = done + 1
			else
				skipped = skipped + 1
			end
		end
		r.last, r.score = place[1], place[2]
	end
	redis.call('HSET', key, 'done', int(done), 'skipped', int(skipped), 'last',
		r.last, 'score', r.score)
	if #page == 0 then
		redis.call('HSET', key, 'state', 'done')
		redis.call('ZREM', 'redrives', id)
		redis.call('PEXPIRE', key, KEPT)
	end
	return not full
end

local more = 0
for _, id in ipairs(redis.call('ZRANGE', 'redrives', 0, -1)) do
	if go_on(id) then
		more = 1
		break
	end
end
return more

-- SPDX-License-Identifier: MIT
-- A redrive, `redrive:<id>`: which failed or unknown jobs are tried again, how
-- fast, and how far it has come: the place (score, last) in the index.

-- Whether job `id` is one that it is for: over since before it began.
local function redrive_wants(r, id)
	local j = job_read(id, 'status', 'reason', 'to', 'updated_at',
		'created_at')
	return j.status == r.status and (r.reason == '' or j.reason == r.reason) and
		tonumber(j.updated_at or j.created_at) < tonumber(r.started_at) and
		(r.domain == '' or string.find(j.to or '', '@' .. r.domain .. '"', 1,
		true) ~= nil)
end

-- Byte by byte, as in the index: Lua's own < goes by the locale.
local function is_behind(id, last)
	for i = 1, math.min(#id, #last) do
		local x, y = string.byte(id, i), string.byte(last, i)
		if x ~= y then
			return x > y
		end
	end
	return #id > #last
end

-- Up to `limit` of the index behind its place: {id, score}...
local function redrive_page(r, limit)
	local page, skip = {}, 0
	repeat
		local list = redis.call('ZRANGEBYSCORE', 'jobs:status:' .. r.status,
			r.score, r.before, 'WITHSCORES', 'LIMIT', skip, limit)
		for i = 1, #list, 2 do
			if list[i + 1] ~= r.score or is_behind(list[i], r.last) then
				page[#page + 1] = {list[i], list[i + 1]}
			end
		end
		skip = skip + limit
	until #page > 0 or #list < 2 * limit
	return page
end

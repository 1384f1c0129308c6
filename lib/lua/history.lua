#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- history: a page of jobs behind a place (created_at, id), at a price that does
-- not depend on how many there are.
-- ARGV: status or '', id of the place or '', its created_at (ms; -1: that of
--       the job), limit, older (newest first) or newer (oldest first)
-- Returns {total, since when a change waits to be recorded (ms, 0: none does),
-- created_at of the place, {fields, history}...}, or nil when there is no job
-- of that id to take it from.
-- uses: view
local index = ARGV[1] == '' and 'jobs:created' or 'jobs:status:' .. ARGV[1]
local id, created_at, newer = ARGV[2], ARGV[3], ARGV[5] == 'newer'

-- Byte by byte, as in the index: Lua's own < goes by the locale.
local function is_less(a, b)
	for i = 1, math.min(#a, #b) do
		local x, y = string.byte(a, i), string.byte(b, i)
		if x ~= y then
			return x < y
		end
	end
	return #a < #b
end

-- How many of the index stand before the page, in its order.
local function count_before()
	local rank = redis.call(newer and 'ZRANK' or 'ZREVRANK', index, id)
	if rank then
		return rank + 1
	end
	-- It is not in this index (any more): by its time, then by its id.
	local before = newer and redis.call('ZCOUNT', index, '-inf',
		'(' .. created_at) or redis.call('ZCOUNT', index, '(' .. created_at,
		'+inf')
	for _, other in ipairs(redis.call('ZRANGEBYSCORE', index, created_at,
		created_at)) do
		if is_less(other, id) == newer then
			before = before + 1
		end
	end
	return before
end

local first = 0
if id ~= '' then
	if created_at == '-1' then
		created_at = redis.call('HGET', 'job:' .. id, 'created_at')
		if not created_at then
			return nil
		end
	end
	first = count_before()
end
local oldest = redis.call('ZRANGE', 'record:dirty', 0, 0, 'WITHSCORES')[2]
local page = {redis.call('ZCARD', index), tonumber(oldest or 0),
	tonumber(created_at)}
local limit, ids = tonumber(ARGV[4]), {}
if limit > 0 then
	ids = redis.call(newer and 'ZRANGE' or 'ZREVRANGE', index, first,
		first + limit - 1)
end
for _, found in ipairs(ids) do
	local job = job_show(found)
	if job then
		page[#page + 1] = job
	end
end
return page

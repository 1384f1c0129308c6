#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- history: a page of jobs, newest first, at a price that does not depend on
-- how many there are.
-- ARGV: status or '', cursor id or '', cursor created_at (ms), limit
-- Returns {total, {fields, history}...}.
-- uses: view
local index = ARGV[1] == '' and 'jobs:created' or 'jobs:status:' .. ARGV[1]
local first = 0

if ARGV[2] ~= '' then
	local rank = redis.call('ZREVRANK', index, ARGV[2])
	if rank then
		first = rank + 1
	else -- it has left this index: go on by its time
		first = redis.call('ZCOUNT', index, '(' .. ARGV[3], '+inf')
	end
end
local page = {redis.call('ZCARD', index)}
for _, id in ipairs(redis.call('ZREVRANGE', index, first,
	first + tonumber(ARGV[4]) - 1)) do
	local job = job_show(id)
	if job then
		table.insert(page, job)
	end
end
return page

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- recorded: jobs are in the record as they were at a seq. What has changed
-- since then still waits.
-- ARGV: "id seq" of each, blanks between. Returns how many wait no more.
local removed = 0
for id, seq in string.gmatch(ARGV[1], '(%S+) (%d+)') do
	local now = redis.call('HGET', 'job:' .. id, 'seq')
	if now == seq or not now then
		removed = removed + redis.call('ZREM', 'record:dirty', id)
	end
end
return removed

#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- stats: what Redis can tell of all jobs at once, at a price that does not
-- depend on how many there are.
-- ARGV: statuses to count
-- Returns {now, created_at of the oldest queued job (0: none), hints in the
-- outbox, jobs that wait to be recorded, of each lane 'depth lag' or false
-- (lanes.lua), how many of each status...}.
-- uses: time, lanes
local oldest = redis.call('ZRANGE', 'jobs:status:queued', 0, 0, 'WITHSCORES')[2]
local stats = {now_ms(), tonumber(oldest or 0), redis.call('ZCARD', 'outbox'),
	redis.call('ZCARD', 'record:dirty'),
	redis.call('HMGET', 'queue:lanes', unpack(LANES))}
for _, status in ipairs(ARGV) do
	stats[#stats + 1] = redis.call('ZCARD', 'jobs:status:' .. status)
end
return stats

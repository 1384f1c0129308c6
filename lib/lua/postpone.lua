#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- postpone: the message of a job that waits goes up the ladder, as the job cannot
-- be sent now. Its place in the queue is of that time. It stays due: what passes
-- until it is claimed does not count towards giving up.
-- ARGV: id, when its message comes back (ms)
-- Returns 1, or 0 when it does not wait.
-- uses: time, status
local key = 'job:' .. ARGV[1]
local status = redis.call('HGET', key, 'status')
if not status or is_over(status) or status == 'processing' then
	return 0
end
redis.call('HSET', key, 'published_at', ARGV[2])
redis.call('ZADD', 'jobs:due', int(ARGV[2] + LOOK_AGAIN), ARGV[1])
return 1

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- forget: terminal jobs whose time is over leave Redis; a tombstone stays as
-- long as a late copy of their message could still be taken for a new job.
-- ARGV: limit. Returns how many.
-- uses: time, record
local TOMBSTONE = 86400000 -- ms after next_at
local at = now_ms()
local ids = redis.call('ZRANGEBYSCORE', 'jobs:ended', '-inf', int(at), 'LIMIT',
	0, ARGV[1])

for _, id in ipairs(ids) do
	local j = job_read(id, 'status', 'next_at')
	local until_ms = tonumber(j.next_at or 0) + TOMBSTONE
	if until_ms > at then
		redis.call('ZADD', 'jobs:tombstones', int(until_ms), id)
	end
	redis.call('DEL', 'job:' .. id)
	redis.call('ZREM', 'jobs:created', id)
	redis.call('ZREM', 'jobs:ended', id)
	if j.status then
		redis.call('ZREM', 'jobs:status:' .. j.status, id)
	end
end
redis.call('ZREMRANGEBYSCORE', 'jobs:tombstones', '-inf', int(at))
return #ids

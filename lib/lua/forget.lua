#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- forget: terminal jobs whose time is over leave Redis, but none that waits to
-- be recorded; a tombstone stays as long as a late copy of their message could
-- still be taken for a new job.
-- ARGV: limit. Returns how many it has looked at.
-- uses: time, record
local TOMBSTONE = 86400000 -- ms after the latest next_at

-- Whether it must stay; it is then looked at again later.
local function is_unrecorded(id, at)
	-- record: if redis.call('ZSCORE', 'record:dirty', id) then
	-- record: 	redis.call('ZADD', 'jobs:ended', int(at + LOOK_AGAIN), id)
	-- record: 	return true
	-- record: end
	return false
end

local function forget(id, at)
	local j = job_read(id, 'status', 'next_at', 'latest_at')
	local until_ms = TOMBSTONE +
		math.max(tonumber(j.next_at or 0), tonumber(j.latest_at or 0))
	if until_ms > at then
		redis.call('ZADD', 'jobs:tombstones', int(until_ms), id)
	end
	redis.call('DEL', 'job:' .. id)
	redis.call('ZREM', 'jobs:created', id)
	redis.call('ZREM', 'jobs:ended', id)
	redis.call('ZREM', 'jobs:expiring', id)
	if j.status then
		redis.call('ZREM', 'jobs:status:' .. j.status, id)
	end
end

local at = now_ms()
local ids = redis.call('ZRANGEBYSCORE', 'jobs:ended', '-inf', int(at), 'LIMIT',
	0, ARGV[1])

for _, id in ipairs(ids) do
	if not is_unrecorded(id, at) then
		forget(id, at)
	end
end
redis.call('ZREMRANGEBYSCORE', 'jobs:tombstones', '-inf', int(at))
return #ids

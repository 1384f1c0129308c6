#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- forget: terminal jobs whose time is over leave Redis, but none that waits to
-- be recorded; events leave the stream after the same time. What a late copy of
-- a job's message must not be taken for a new job by:
-- - of those that went the plain way there is hardly a copy. For all of them the
--   latest time that one was due is kept, jobs:forgotten.
-- - the others leave a tombstone each, for as long as a copy could come.
-- Suppressions whose time is over go, too.
-- ARGV: limit, how long events are kept (ms). Returns how many jobs it has looked
-- at.
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

local forgotten = 0 -- next_at, the latest

-- Accepted, sent at the first attempt, its message published once.
local function is_plain(j, next_at, at)
	return tonumber(j.seq) <= 3 and next_at <= at and not j.latest_at and
		not j.published_at and not j.recreated
end

local function forget(id, at)
	local j = job_read(id, 'status', 'seq', 'next_at', 'latest_at',
		'published_at', 'recreated')
	local next_at = tonumber(j.next_at or 0)
	local until_ms = TOMBSTONE + math.max(next_at, tonumber(j.latest_at or 0))
	if until_ms > at and is_plain(j, next_at, at) then
		forgotten = math.max(forgotten, next_at)
	elseif until_ms > at then
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
if forgotten > tonumber(redis.call('GET', 'jobs:forgotten') or 0) then
	redis.call('SET', 'jobs:forgotten', int(forgotten))
end
redis.call('ZREMRANGEBYSCORE', 'jobs:tombstones', '-inf', int(at))
if redis.call('EXISTS', 'suppressions:expiring') == 1 then
	-- uses: suppression
	suppressions_expire(at, 100)
end

-- The last event stays: workers know this store by it (clock.lua).
local last = redis.call('XREVRANGE', 'job_events', '+', '-', 'COUNT', 1)[1]
if last then
	redis.call('XTRIM', 'job_events', 'MINID', '~',
		int(math.min(at - ARGV[2], tonumber(string.match(last[1], '^%d+')))),
		'LIMIT', 0)
end
return #ids

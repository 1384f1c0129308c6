-- SPDX-License-Identifier: MIT
-- Changes of a job that waits, or is to wait, after which a hint is to be
-- published.

local HINT_CONTENT_MAX = 262144 -- bytes: a longer payload travels by id

-- The time that the job is due moves. The hint for a later one is still to
-- come: forget keeps a tombstone until then.
local function change_time(j, next_at, fields)
	if tonumber(j.next_at or 0) > next_at then
		fields[#fields + 1] = 'latest_at'
		fields[#fields + 1] = int(math.max(tonumber(j.next_at),
			tonumber(j.latest_at or 0)))
	end
	fields[#fields + 1] = 'next_at'
	fields[#fields + 1] = int(next_at)
	j.next_at = int(next_at)
end

local function change_expiry(j, expires_at, fields)
	fields[#fields + 1] = 'expires_at'
	fields[#fields + 1] = int(expires_at)
	j.expires_at = int(expires_at)
	redis.call('ZADD', 'jobs:expiring', int(expires_at), j.id)
end

-- What the caller needs to publish the hint.
local function change_done(j)
	local key, payload = 'job:' .. j.id, ''
	if redis.call('HSTRLEN', key, 'payload') <= HINT_CONTENT_MAX then
		payload = redis.call('HGET', key, 'payload') or ''
	end
	return {'done', j.status, tonumber(j.next_at), j.at,
		tonumber(j.expires_at or 0), payload,
		redis.call('HGET', key, 'recipients') or '',
		redis.call('HGET', key, 'priority') or ''}
end

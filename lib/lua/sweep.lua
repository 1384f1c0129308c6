#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- sweep: what must be put right now. One sweeper at a time, by a lock.
-- ARGV: owner (the sweeper), lock time (ms), limit, outbox_after (ms),
--       overdue_after (ms), longest pause of an outbox entry (ms),
--       content limit (bytes), broker up (0/1)
-- Returns {} when another sweeps, else {publish, dead, expired}:
--   publish {id, next_at, payload or '', results}... from the outbox
--   dead    {owner}... whose lease is gone and who still hold jobs
--   expired {id, owner, claim_seq}... processing past their lease
-- uses: time, status, record, outbox, events
local at = now_ms()
local limit = tonumber(ARGV[3])
local publish, dead, expired = {}, {}, {}

local holder = redis.call('GET', 'sweeper:lock')
if holder and holder ~= ARGV[1] then
	return {}
end
redis.call('SET', 'sweeper:lock', ARGV[1], 'PX', ARGV[2])

-- Jobs that nobody looked at for too long: no hint of them is on its way.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'jobs:due', '-inf', int(at),
	'LIMIT', 0, limit)) do
	local j = job_read(id, 'status', 'owner', 'claim_seq', 'next_at',
		'lease_until')
	redis.call('ZADD', 'jobs:due', int(at + LOOK_AGAIN), id)
	if not j.status or is_over(j.status) then
		redis.call('ZREM', 'jobs:due', id)
	elseif j.status == 'processing' and
		tonumber(j.lease_until or 0) > at then
		redis.call('ZADD', 'jobs:due', j.lease_until, id)
	elseif j.status == 'processing' then
		for _, v in ipairs({id, j.owner or '',
			tonumber(j.claim_seq or 0)}) do
			table.insert(expired, v)
		end
	elseif tonumber(j.next_at or 0) < at - tonumber(ARGV[5]) and
		ARGV[8] == '1' then
		redis.call('ZADD', 'outbox', 'NX', int(at - tonumber(ARGV[4])),
			outbox_entry(id, j.next_at))
	end
end

-- The outbox: entries that were not published in time, each again after a
-- growing pause.
local entries = {}
if ARGV[8] == '1' then
	entries = redis.call('ZRANGEBYSCORE', 'outbox', '-inf',
		int(at - tonumber(ARGV[4])), 'LIMIT', 0, limit)
end
for _, entry in ipairs(entries) do
	local id, next_at = string.match(entry, '^(%S+) (%S+)$')
	local j = job_read(id, 'status', 'next_at', 'payload', 'recipients')
	if not j.status or is_over(j.status) or j.status == 'processing' or
		j.next_at ~= next_at then
		redis.call('ZREM', 'outbox', entry)
		redis.call('HDEL', 'outbox:tries', entry)
	else
		local tries = redis.call('HINCRBY', 'outbox:tries', entry, 1)
		local pause = math.min(tonumber(ARGV[6]),
			tonumber(ARGV[4]) * 2 ^ math.min(tries, 20))
		redis.call('ZADD', 'outbox', int(at - tonumber(ARGV[4]) + pause),
			entry)
		local payload = j.payload or ''
		if #payload > tonumber(ARGV[7]) then
			payload = ''
		end
		for _, v in ipairs({id, tonumber(next_at), payload,
			j.recipients or ''}) do
			table.insert(publish, v)
		end
	end
end

for _, owner in ipairs(redis.call('SMEMBERS', 'owners')) do
	if redis.call('EXISTS', 'worker:' .. owner) == 0 then
		table.insert(dead, owner)
	end
end
redis.call('XTRIM', 'job_events', 'MAXLEN', '~', EVENTS_MAX, 'LIMIT', '0')
return {publish, dead, expired}

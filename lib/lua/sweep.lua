#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- sweep: what must be put right now. One sweeper at a time, by a lock.
-- ARGV: owner (the sweeper), lock time (ms), limit, outbox_after (ms),
--       overdue_after (ms), longest pause of an outbox entry (ms),
--       content limit (bytes), publish (0/1), look for what is overdue (0/1),
--       uptime (ms) of Redis from which on owners are judged, keep (ms, failed),
--       and of each lane its depth and how long ago that was 0 (lanes.lua)
-- Returns {} when another sweeps, else {at, more (0/1), publish, dead, forsaken,
-- overdue, expired}; `more` asks for another round at once:
--   publish  {id, next_at, payload or '', results, priority, expires_at}... from
--            the outbox
--   dead     {owner}... whose lease is gone
--   forsaken {id, owner, claim_seq}... processing past their lease
--   overdue  {id}... put back into the outbox
--   expired  {id}... failed now: their time was over
-- uses: time, status, record, outbox, events, lanes, unpark
local at = now_ms()
local limit = tonumber(ARGV[3])
local outbox_after, overdue_after = tonumber(ARGV[4]), tonumber(ARGV[5])
local ROUND_BYTES = 4194304 -- of payloads published in one round, about
local FAR = 3600000 -- ms after which a job is looked at again at the latest
local publish, dead, forsaken, overdue, expired, more = {}, {}, {}, {}, {}, 0

local holder = redis.call('GET', 'sweeper:lock')
if holder and holder ~= ARGV[1] then
	return {}
end
redis.call('SET', 'sweeper:lock', ARGV[1], 'PX', ARGV[2])

local function add(list, ...)
	for _, v in ipairs({...}) do
		list[#list + 1] = v
	end
end

-- What the workers say of themselves.
local lives, lanes = {}, lanes_new(at)
for _, owner in ipairs(redis.call('SMEMBERS', 'owners')) do
	local about = redis.call('GET', 'worker:' .. owner)
	if about then
		lives[owner] = true
		lanes_hear(lanes, about)
	else
		dead[#dead + 1] = owner
	end
end
lanes_measured(lanes, at, 12)

-- A Redis that is just back may have lost leases of owners who live.
local function has_been_up()
	local up = string.match(redis.call('INFO', 'server'),
		'uptime_in_seconds:(%d+)')
	return tonumber(up) * 1000 >= tonumber(ARGV[10])
end
if #dead > 0 and not has_been_up() then
	dead = {}
end

-- A job's score in jobs:due is LOOK_AGAIN after the time that counts, and it is
-- looked at OVERDUE_AFTER after that.
local early = LOOK_AGAIN - overdue_after
local function look_again(id, when)
	redis.call('ZADD', 'jobs:due', int(when + early), id)
end

-- An owner who lives knows himself what he has in hand, however slow his relay.
local function look_at_processing(id, j)
	if tonumber(j.lease_until or 0) > at then
		look_again(id, tonumber(j.lease_until))
	elseif not lives[j.owner] and has_been_up() then
		add(forsaken, id, j.owner or '', tonumber(j.claim_seq or 0))
	end
end

-- No hint of it is on its way when all that came into the queue before the
-- frontier is done with, and its own was to be there before that. The further
-- it is from there, the later it is looked at again.
local function look_at_waiting(id, j)
	local came = math.max(tonumber(j.next_at or 0),
		tonumber(j.published_at or 0))
	local frontier = ARGV[9] == '1' and lanes_frontier(lanes, j.priority)
	local far = at - came
	if frontier then
		far = came - (frontier - overdue_after)
	end
	if not frontier or far >= 0 then
		look_again(id, at + overdue_after +
			math.max(0, math.min(far / 2, FAR)))
	elseif redis.call('ZADD', 'outbox', 'NX', int(at - outbox_after),
		outbox_entry(id, j.next_at)) == 1 then
		add(overdue, id)
	end
end

-- No trace of it stays in an index.
local function drop(id)
	redis.call('ZREM', 'jobs:due', id)
	redis.call('ZREM', 'jobs:created', id)
	for _, status in ipairs({'queued', 'scheduled', 'processing', 'retrying',
		'completed', 'failed', 'cancelled', 'unknown'}) do
		redis.call('ZREM', 'jobs:status:' .. status, id)
	end
end

-- Jobs whose time is over. Who has one in hand sees it himself, before the dot
-- and when he settles it.
local late = redis.call('ZRANGEBYSCORE', 'jobs:expiring', '-inf', int(at),
	'LIMIT', 0, limit)
for _, id in ipairs(late) do
	-- uses: move, expire
	local j = job_read(id, 'status', 'seq', 'created_at', 'next_at')
	if j.status and not is_over(j.status) and j.status ~= 'processing' then
		j.id, j.seq, j.at = id, j.seq + 1, at
		outbox_drop(id, j.next_at)
		job_expire(j, tonumber(ARGV[11]))
		add(expired, id)
	end
	redis.call('ZREM', 'jobs:expiring', id)
end

-- Jobs that nobody looked at for too long.
local due = redis.call('ZRANGEBYSCORE', 'jobs:due', '-inf', int(at + early),
	'LIMIT', 0, limit)
for _, id in ipairs(due) do
	local j = job_read(id, 'status', 'owner', 'claim_seq', 'next_at',
		'published_at', 'lease_until', 'priority', 'parked')
	look_again(id, at + overdue_after)
	if not j.status then
		drop(id)
	elseif is_over(j.status) then
		redis.call('ZREM', 'jobs:due', id)
	elseif j.status == 'processing' then
		look_at_processing(id, j)
	elseif j.parked and redis.call('HEXISTS', 'paused', j.parked) == 1 then
		look_again(id, at + PARKED_LOOK)
	else
		look_at_waiting(id, j)
	end
end

-- What the operator had paused.
local unparked = pause_unpark(limit, at, int(at - outbox_after))

-- The outbox: entries that were not published in time, each again after a
-- growing pause.
local entries, bytes = {}, 0
if ARGV[8] == '1' then
	entries = redis.call('ZRANGEBYSCORE', 'outbox', '-inf',
		int(at - outbox_after), 'LIMIT', 0, limit)
end
if #due == limit or #entries == limit or #late == limit or
	unparked == limit then
	more = 1
end
for _, entry in ipairs(entries) do
	local id, next_at = string.match(entry, '^(%S+) (%S+)$')
	local j = job_read(id, 'status', 'next_at', 'payload', 'recipients',
		'priority', 'expires_at')
	if not j.status or is_over(j.status) or j.status == 'processing' or
		j.next_at ~= next_at then
		outbox_drop(id, next_at)
	else
		local tries = redis.call('HINCRBY', 'outbox:tries', entry, 1)
		local pause = math.min(tonumber(ARGV[6]),
			outbox_after * 2 ^ math.min(tries, 20))
		local payload = j.payload or ''
		if #payload > tonumber(ARGV[7]) then
			payload = ''
		end
		redis.call('ZADD', 'outbox', int(at - outbox_after + pause), entry)
		redis.call('HSET', 'job:' .. id, 'published_at', int(at))
		redis.call('ZADD', 'jobs:due', 'GT',
			int(math.max(at, tonumber(next_at)) + LOOK_AGAIN), id)
		add(publish, id, tonumber(next_at), payload, j.recipients or '',
			j.priority or '', tonumber(j.expires_at or 0))
		bytes = bytes + #payload
		if bytes > ROUND_BYTES then
			more = 1
			break
		end
	end
end

redis.call('XTRIM', 'job_events', 'MAXLEN', '~', EVENTS_MAX, 'LIMIT', '0')
return {at, more, publish, dead, forsaken, overdue, expired}

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- recreate: a message came whose job is not (any more) in Redis: an older
-- publisher made it, or Redis lost it. The job is made from the message; the
-- worker then claims it. Too old a message is never sent: it may have been.
-- ARGV: id, to (JSON array), subject, from, payload ('' = hint by id),
--       next_at, created_at, keep (ms), why it is here, results ('' = all
--       recipients wait), then (field, value)... of choice
-- Returns {'missing'} when it can be claimed now, {'orphan'} or {'skip'}.
-- uses: time, move, outbox
local id = ARGV[1]
local key = 'job:' .. id
local ORPHAN_AFTER = 86400000 -- ms

if redis.call('EXISTS', key) == 1 then
	return {'missing'}
end
if redis.call('ZSCORE', 'jobs:tombstones', id) then
	return {'skip'}
end
local at = now_ms()
local next_at = tonumber(ARGV[6])
local created = tonumber(ARGV[7])
if next_at <= 0 then
	next_at = created > 0 and created or at
end
if created <= 0 then
	created = at
end
redis.call('ZADD', 'jobs:created', int(created), id)

local j = {id = id, seq = 1, at = at, created_at = int(created)}
local m, reason = {}, ''
if tonumber(ARGV[6]) > 0 and
	next_at <= tonumber(redis.call('GET', 'jobs:forgotten') or 0) then
	m.to, reason = 'unknown', 'orphan'
	m.message = 'Not sent: Redis does not know the job, and has forgotten ' ..
		'jobs of that time: it may be one of them'
elseif ARGV[5] == '' then
	m.to, reason = 'failed', 'payload_lost'
	m.message = 'The queue held only the id, and Redis has lost the rest'
elseif at >= next_at + ORPHAN_AFTER then
	m.to, reason = 'unknown', 'orphan'
	m.message = 'Not sent: the message is over a day late and Redis does ' ..
		'not know the job'
end
m.fields = {'next_at', int(next_at), 'created_at', int(created), 'to', ARGV[2],
	'subject', ARGV[3], 'from', ARGV[4], 'payload', ARGV[5], 'reason', reason,
	'recreated', '1'}
if ARGV[10] ~= '' then -- there was an attempt: claim looks for its results
	for _, v in ipairs({'recipients', ARGV[10], 'attempt', '0'}) do
		table.insert(m.fields, v)
	end
end
for i = 11, #ARGV, 2 do
	table.insert(m.fields, ARGV[i])
	table.insert(m.fields, ARGV[i + 1])
	if ARGV[i] == 'expires_at' then
		redis.call('ZADD', 'jobs:expiring', ARGV[i + 1], id)
	end
end
if m.to then
	m.keep = tonumber(ARGV[8])
	job_move(j, m)
	return {'orphan'}
end
m.to, m.due, m.message = 'queued', next_at + LOOK_AGAIN, ARGV[9]
job_move(j, m)
if next_at > at then -- no hint waits for that time but the one in hand
	outbox_add(id, next_at, at)
end
return {'missing'}

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- claim: a worker takes a due job for one attempt.
-- ARGV: id, owner, nonce, lease (ms), want payload (0/1), keep (ms, failed)
-- Returns {answer, ...}: claimed claim_seq attempt expires_at retry_count
-- results payload | missing | skip | not_now | early next_at | not_due
local id, owner, nonce = ARGV[1], ARGV[2], ARGV[3]
local key = 'job:' .. id

if redis.call('TYPE', key).ok == 'string' then
	job_adopt(id, tonumber(ARGV[6]))
end
local j = job_read(id, 'status', 'owner', 'nonce', 'claim_seq', 'attempt',
	'next_at', 'published_for', 'expires_at', 'retry_count', 'recipients',
	'created_at', 'updated_at', 'give_up_at')
if not j.status then
	if redis.call('ZSCORE', 'jobs:tombstones', id) then
		return {'skip'}
	end
	return {'missing'}
end

local function claimed(seq, attempt)
	local payload = ''
	if ARGV[5] == '1' then
		payload = redis.call('HGET', key, 'payload') or ''
	end
	return {'claimed', tonumber(seq), tonumber(attempt),
		tonumber(j.expires_at or 0), tonumber(j.retry_count or 0),
		j.recipients or '', payload}
end

if j.status == 'processing' then
	if j.owner == owner and j.nonce == nonce then
		return claimed(j.claim_seq, j.attempt)
	end
	return {'not_now'}
end
if TERMINAL[j.status] then
	return {'skip'}
end
local at = now_ms()
local next_at = tonumber(j.next_at)
if next_at > at + 1000 then
	if j.published_for == j.next_at then
		return {'not_due'}
	end
	return {'early', next_at}
end
if j.expires_at and at >= tonumber(j.expires_at) then
	job_move({id = id, from = j.status, to = 'failed', at = at,
		created_at = j.created_at, keep = tonumber(ARGV[6]),
		message = 'Expired before it could be sent',
		fields = {'reason', 'expired'}})
	return {'skip'}
end
local seq = redis.call('HINCRBY', key, 'seq', 1)
local attempt = tonumber(j.attempt or 0) + 1
local lease = at + tonumber(ARGV[4])
local fields = {'attempt', attempt, 'owner', owner, 'nonce', nonce,
	'claim_seq', int(seq), 'lease_until', int(lease)}
-- The time it was due and nobody could take it (the relay down, a pause, no
-- worker) does not count towards giving up. The ladder's rounding does: a
-- second, or a 32nd of the delay.
local give_up_at = tonumber(j.give_up_at or 0)
local late = at - next_at - math.max(1000,
	(next_at - tonumber(j.updated_at or at)) / 32)
if give_up_at > 0 and late > 0 then
	table.insert(fields, 'give_up_at')
	table.insert(fields, int(give_up_at + late))
end
job_move({id = id, from = j.status, to = 'processing', at = at, seq = seq,
	created_at = j.created_at, due = lease,
	extra = ',"attempt":' .. int(attempt), fields = fields})
redis.call('SADD', 'owned:' .. owner, id)
-- A hint has arrived, so none needs to be published for this time.
redis.call('ZREM', 'outbox', id)
return claimed(seq, attempt)

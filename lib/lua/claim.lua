#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- claim: a worker takes a due job for one attempt.
-- ARGV: id, owner, nonce, lease (ms), want payload (0/1), keep (ms, failed)
-- Returns {answer, ...}: claimed claim_seq attempt expires_at retry_count
-- results payload | missing | skip | not_now | early next_at | not_due
-- uses: time, status, move, outbox, adopt
local id, owner, nonce = ARGV[1], ARGV[2], ARGV[3]
local key = 'job:' .. id

local function read()
	return redis.pcall('HMGET', key, 'status', 'seq', 'owner', 'nonce',
		'claim_seq', 'attempt', 'next_at', 'expires_at', 'retry_count',
		'recipients', 'created_at', 'give_up_at', 'updated_at')
end

local list = read()
if list.err then -- WRONGTYPE
	job_adopt(id, tonumber(ARGV[6]))
	list = read()
end
local status, seq, has_owner, has_nonce, claim_seq, attempt, due_at, expires_at,
	retry_count, recipients, created_at, give_up_at, updated_at = unpack(list)
if not status then
	if redis.call('ZSCORE', 'jobs:tombstones', id) then
		return {'skip'}
	end
	return {'missing'}
end

local function claimed(by_seq, attempts)
	return {'claimed', tonumber(by_seq), tonumber(attempts),
		tonumber(expires_at or 0), tonumber(retry_count or 0),
		recipients or '', ARGV[5] == '1' and
		redis.call('HGET', key, 'payload') or ''}
end

if status == 'processing' then
	if has_owner == owner and has_nonce == nonce then
		return claimed(claim_seq, attempt)
	end
	return {'not_now'}
end
if is_over(status) then
	return {'skip'}
end
local at, next_at = now_ms(), tonumber(due_at)
if next_at > at + 1000 then
	if redis.call('ZSCORE', 'outbox', outbox_entry(id, due_at)) then
		return {'early', next_at}
	end
	return {'not_due'}
end
seq = tonumber(seq or 0) + 1
local m = {id = id, from = status, seq = seq, at = at, created_at = created_at}
if expires_at and at >= tonumber(expires_at) then
	m.to, m.keep, m.fields = 'failed', tonumber(ARGV[6]), {'reason', 'expired'}
	m.idem = redis.call('HGET', key, 'idem')
	m.message = 'Expired before it could be sent'
	job_move(m)
	return {'skip'}
end
attempt = tonumber(attempt or 0) + 1
local attempts = int(attempt)
m.to, m.extra = 'processing', ',"attempt":' .. attempts
m.fields = {'attempt', attempts, 'owner', owner, 'nonce', nonce, 'claim_seq',
	int(seq), 'lease_until', int(at + ARGV[4])}
-- The time it was due and nobody could take it (the relay down, a pause, no
-- worker) does not count towards giving up. The ladder's rounding does: a
-- second, or a 32nd of the delay.
give_up_at = tonumber(give_up_at or 0)
if give_up_at > 0 then
	local late = at - next_at - math.max(1000,
		(next_at - tonumber(updated_at or at)) / 32)
	if late > 0 then
		table.insert(m.fields, 'give_up_at')
		table.insert(m.fields, int(give_up_at + late))
	end
end
-- Its place in jobs:due comes before the lease's end; sweep moves it there.
job_move(m)
return claimed(seq, attempt)

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- claim: a worker takes due jobs, each for one attempt.
-- ARGV: (id, owner, nonce, lease (ms), want payload (0/1), keep (ms, failed),
--       pace ('': none; '?': it depends on whom it is for; else pace.lua))...
-- Returns of each {answer, ...}: claimed claim_seq attempt expires_at
-- retry_count results payload | held name (of a pause) | missing | skip |
-- not_now | early next_at priority expires_at | paced next_at priority
-- expires_at turn (ms) | whom to-cc-bcc | not_due; or an error
-- uses: time, status, move, group
local at = now_ms()
-- Mostly there is neither: one look for both.
local paused = redis.call('EXISTS', 'paused', 'suppressed') > 0
local suppresses = paused and redis.call('EXISTS', 'suppressed') == 1
paused = paused and redis.call('EXISTS', 'paused') == 1

local function claim(id, owner, nonce, lease, want_payload, keep, pace)
	local key = 'job:' .. id
	local list = redis.pcall('HMGET', key, 'status', 'seq', 'created_at',
		'next_at', 'expires_at', 'attempt')
	if list.err then -- WRONGTYPE: of the older system
		-- uses: adopt
		return job_adopt(id, keep) and {'skip'} or list
	end
	local status, seq, created_at, due_at, expires_at, attempt = unpack(list)
	if not status then
		if redis.call('ZSCORE', 'jobs:tombstones', id) then
			return {'skip'}
		end
		return {'missing'}
	end
	if is_over(status) then
		return {'skip'}
	end

	-- What there is after a first attempt only.
	local has_owner, has_nonce, claim_seq, retry_count, recipients,
		give_up_at
	if attempt then
		has_owner, has_nonce, claim_seq, retry_count, recipients,
			give_up_at = unpack(redis.call('HMGET', key, 'owner', 'nonce',
			'claim_seq', 'retry_count', 'recipients', 'give_up_at'))
	end

	-- The last claim once more, given back since: Redis runs late what came by
	-- a connection that is gone. Nobody has it in hand.
	if status ~= 'processing' and has_owner == owner and
		has_nonce == nonce then
		return {'not_now'}
	elseif status ~= 'processing' then
		local next_at = tonumber(due_at)
		if next_at > at + 1000 then
			-- uses: outbox
			if redis.call('ZSCORE', 'outbox', outbox_entry(id, due_at)) then
				return {'early', next_at,
					redis.call('HGET', key, 'priority') or '',
					tonumber(expires_at or 0)}
			end
			return {'not_due'}
		end
		claim_seq = seq + 1
		local j = {id = id, status = status, seq = claim_seq, at = at,
			created_at = created_at, index = group_index}
		if expires_at and at >= tonumber(expires_at) then
			-- uses: expire
			job_expire(j, keep)
			return {'skip'}
		end
		if paused then
			-- uses: pause
			local held = pause_hold(id, key, created_at, at)
			if held then
				return {'held', held}
			end
		end
		if pace == '?' then
			local to, cc, bcc = unpack(redis.call('HMGET', key, 'to', 'cc',
				'bcc'))
			return {'whom', (to or '') .. (cc or '') .. (bcc or '')}
		elseif pace ~= '' then
			-- uses: pace
			local turn = pace_hold(id, key, pace, at)
			if turn then
				return {'paced', next_at, redis.call('HGET', key, 'priority')
					or '', tonumber(expires_at or 0), turn}
			end
		end
		attempt = int((attempt or 0) + 1)
		local fields = {'attempt', attempt, 'owner', owner, 'nonce', nonce,
			'claim_seq', int(claim_seq), 'lease_until', int(at + lease)}
		-- The time it was due and nobody could take it (the relay down, a
		-- pause, no worker) does not count towards giving up. The ladder's
		-- rounding, a second, does.
		if (tonumber(give_up_at) or 0) > 0 then
			local late = at - next_at - 1000
			if late > 0 then
				fields[#fields + 1] = 'give_up_at'
				fields[#fields + 1] = int(give_up_at + late)
			end
		end
		-- Its place in jobs:due is before the lease's end; sweep moves it
		-- there.
		job_move(j, {to = 'processing', extra = ',"attempt":' .. attempt,
			fields = fields})
	elseif has_owner ~= owner or has_nonce ~= nonce then
		return {'not_now'}
	end
	if suppresses then
		-- uses: suppressmark
		recipients = suppressed_mark(key, recipients, at)
	end
	return {'claimed', tonumber(claim_seq), tonumber(attempt),
		tonumber(expires_at or 0), tonumber(retry_count or 0),
		recipients or '',
		want_payload == '1' and redis.call('HGET', key, 'payload') or ''}
end

return group(7, claim)

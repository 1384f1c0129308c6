-- SPDX-License-Identifier: MIT
-- A job that has failed, or whose outcome is unknown, waits again.

local function revive_read(id, at)
	local j = job_read(id, 'status', 'seq', 'created_at', 'next_at',
		'latest_at', 'expires_at', 'recipients', 'idem', 'revived')
	j.id, j.at = id, at
	return j
end

-- `p`: word (marks this revival), next_at, expires_at (0: as it was), message.
-- Who was refused is asked for again, who was suppressed if he is not any more;
-- who has it gets it no second time.
local function revive(j, p)
	if j.status ~= 'failed' and j.status ~= 'unknown' then
		return {'refused', j.status}
	elseif redis.call('HSTRLEN', 'job:' .. j.id, 'payload') == 0 then
		return {'no_payload', j.status}
	end
	local expires_at = p.expires_at
	if expires_at == 0 then
		expires_at = tonumber(j.expires_at or 0)
	end
	if expires_at > 0 and expires_at <= p.next_at then
		return {'expired', j.status}
	end
	local to = p.next_at > j.at and 'scheduled' or 'queued'
	local fields = {'reason', '', 'last_error', '', 'give_up_at', '0',
		'unknown_count', '0', 'revived', p.word}
	if j.recipients then
		fields[#fields + 1] = 'recipients'
		fields[#fields + 1] = (string.gsub(j.recipients,
			'"state":"refused"', '"state":"waiting"'))
	end
	-- Never the same time again: it would be the same entry of the outbox.
	local next_at = p.next_at
	if tonumber(j.next_at or 0) == next_at then
		next_at = next_at + 1
	end
	change_time(j, next_at, fields)
	if expires_at > 0 then
		change_expiry(j, expires_at, fields)
	end
	if j.idem then
		local record = 'idem:' .. j.idem
		redis.call('PERSIST', record)
		if redis.call('HEXISTS', record, ':left') == 1 then -- of a batch
			redis.call('HINCRBY', record, ':left', 1)
		end
	end
	redis.call('ZREM', 'jobs:ended', j.id)
	j.seq = j.seq + 1
	job_move({id = j.id, status = j.status, seq = j.seq, at = j.at,
		created_at = j.created_at}, {to = to, due = next_at + LOOK_AGAIN,
		message = p.message, fields = fields})
	j.status = to
	outbox_add(j.id, next_at, j.at)
	return change_done(j)
end

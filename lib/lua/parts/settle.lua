-- SPDX-License-Identifier: MIT
-- Settling an attempt. The fence is (owner, claim_seq) of the claim; the last
-- settle is remembered with its step, so that a repeated call gets the same
-- answer.

local function settle_open(step, at, id, owner, claim_seq)
	local key, claim = 'job:' .. id, owner .. ' ' .. claim_seq
	local status, seq, has_owner, has_claim_seq, created_at, reason, idem =
		unpack(redis.call('HMGET', key, 'status', 'seq', 'owner',
		'claim_seq', 'created_at', 'reason', 'idem'))
	local s = {id = id, at = at, claim = '(' .. claim .. ')',
		step = claim .. ' ' .. step, status = status, reason = reason, seq = (seq or 0) + 1,
		created_at = created_at, idem = idem,
		mine = status == 'processing' and has_owner == owner and
		has_claim_seq == claim_seq}
	if not s.mine then
		local settled, next_at, priority = unpack(redis.call('HMGET', key,
			'settled', 'next_at', 'priority'))
		if settled == s.step then
			s.repeated = is_over(status) and {'settled', status, 0} or
				{'settled', status, tonumber(next_at or 0),
				priority or ''}
		end
	end
	return s
end

-- `m` as for job_move.
local function settle_move(s, m)
	local fields = m.fields
	fields[#fields + 1] = 'settled'
	fields[#fields + 1] = s.step
	job_move(s, m)
end

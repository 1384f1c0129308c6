-- SPDX-License-Identifier: MIT
-- Settling an attempt: every script that does so begins with ARGV id, owner,
-- claim_seq. The fence is (owner, claim_seq) of the claim; the last settle is
-- remembered with its step, so that a repeated call gets the same answer.

local function settle_open(step)
	local id, claim = ARGV[1], ARGV[2] .. ' ' .. ARGV[3]
	local status, seq, owner, claim_seq, settled, created_at, next_at,
		unknown_claims, reason, idem = unpack(redis.call('HMGET', 'job:' .. id,
		'status', 'seq', 'owner', 'claim_seq', 'settled', 'created_at',
		'next_at', 'unknown_claims', 'reason', 'idem'))
	local s = {id = id, at = now_ms(), claim = '(' .. claim .. ')',
		step = claim .. ' ' .. step, settled = settled, status = status,
		reason = reason,
		seq = (seq or 0) + 1, created_at = created_at, idem = idem,
		next_at = next_at or 0, unknown_claims = unknown_claims or '',
		mine = status == 'processing' and owner == ARGV[2] and
		claim_seq == ARGV[3]}
	if settled == s.step then
		s.repeated = {'settled', status, is_over(status) and 0 or
			tonumber(next_at or 0)}
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

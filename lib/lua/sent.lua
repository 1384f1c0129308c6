#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- sent: the relay took the mails. Also told late, by the journal's proof, of a
-- claim that had become unknown.
-- ARGV: (id, owner, claim_seq, results, code, reply, keep (ms),
--       keep payload)...
-- Returns of each {answer, status, next_at}: settled | late | lost; or an error
-- uses: time, status, move, group, settle
local at = now_ms()

local function sent(id, owner, claim_seq, results, code, reply, keep,
	keep_payload)
	local s = settle_open('sent', at, id, owner, claim_seq)
	if s.repeated then
		return s.repeated
	end
	s.index = group_index
	local answer, message, status = 'settled', nil, s.status
	local extra = ',"code":' .. code .. ',"reply":' .. cjson.encode(reply)

	if not s.mine then
		local unknown = redis.call('HGET', 'job:' .. id, 'unknown_claims')
		if not string.find(unknown or '', s.claim, 1, true) then
			return {'lost', status or '', 0}
		end
		if status ~= 'queued' and status ~= 'retrying' and
			status ~= 'unknown' then
			-- Somebody else has it, or it is over: only noted.
			job_move(s, {to = status, extra = extra, fields = {},
				message = 'also taken by the relay'})
			return {'late', status, 0}
		end
		answer, message = 'late', 'Proof came late: the relay had taken it'
	end
	-- A list that grows costs more than what is in it.
	local fields = keep_payload == '1' and
		{'recipients', results, 'last_code', code, 'last_reply', reply,
			'settled', s.step} or
		{'recipients', results, 'last_code', code, 'last_reply', reply,
			'settled', s.step, 'payload', ''}
	if s.reason and s.reason ~= '' then -- no last_error is without one
		for _, v in ipairs({'reason', '', 'last_error', ''}) do
			table.insert(fields, v)
		end
	end
	job_move(s, {to = 'completed', keep = keep, message = message,
		extra = extra, fields = fields})
	return {answer, 'completed', 0}
end

return group(8, sent)

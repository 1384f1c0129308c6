#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- sent: the relay took the mails. Also told late, by the journal's proof, of a
-- claim that had become unknown (parts/late).
-- ARGV: (id, owner, claim_seq, results, code, reply, keep (ms),
--       keep payload, more JSON of the entry)...
-- Returns of each {answer, status, next_at}: settled | late | lost; or an error
-- uses: time, status, move, group, settle
local at = now_ms()

local function sent(id, owner, claim_seq, results, code, reply, keep,
	keep_payload, about)
	local s = settle_open('sent', at, id, owner, claim_seq)
	if s.repeated then
		return s.repeated
	end
	if not s.mine then
		-- uses: late
		return settle_late(s, {claim_seq = claim_seq, results = results,
			code = code, reply = reply, about = about, keep = keep,
			keep_payload = keep_payload == '1'})
	end
	s.index = group_index
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
	job_move(s, {to = 'completed', keep = keep, fields = fields,
		extra = ',"code":' .. code .. ',"reply":' .. cjson.encode(reply) ..
			about})
	return {'settled', 'completed', 0}
end

return group(9, sent)

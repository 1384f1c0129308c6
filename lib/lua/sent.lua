#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- sent: the relay took the mail. Also told late, by the journal's proof, of a
-- claim that had become unknown, or that is later than all the job knows: the
-- store has gone back in time.
-- ARGV: id, owner, claim_seq, results, code, reply, keep (ms), keep payload,
--       of a late one: other recipients wait (0/1)
-- Returns {answer, status, next_at}: settled | late | lost
-- uses: time, status, move, settle
local s = settle_open('sent')
if s.repeated then
	return s.repeated
end
local answer, message = 'settled', nil
local extra = ',"code":' .. ARGV[5] .. ',"reply":' .. cjson.encode(ARGV[6])

if not s.mine then
	s.step = s.step .. ' late'
	if s.settled == s.step then
		return {'late', s.status, 0}
	end
	local waits = s.status == 'queued' or s.status == 'retrying' or
		s.status == 'scheduled' or s.status == 'unknown'
	if not string.find(s.unknown_claims, s.claim, 1, true) and
		not (waits and tonumber(ARGV[3]) >= s.seq) then
		return {'lost', s.status or '', 0}
	end
	if not waits then
		-- Somebody else has it, or it is over: only noted.
		settle_move(s, {to = s.status, message = 'also taken by the relay',
			extra = extra, fields = {}})
		return {'late', s.status, 0}
	end
	answer, message = 'late', 'Proof came late: the relay had taken it'
	if ARGV[9] == '1' then
		settle_move(s, {to = s.status, message = message, extra = extra,
			fields = {'recipients', ARGV[4]}})
		return {'late', s.status, 0}
	end
end
local fields = {'recipients', ARGV[4], 'last_code', ARGV[5], 'last_reply',
	ARGV[6]}
if ARGV[8] ~= '1' then
	fields[#fields + 1] = 'payload'
	fields[#fields + 1] = ''
end
if s.reason and s.reason ~= '' then -- no last_error is without one
	for _, v in ipairs({'reason', '', 'last_error', ''}) do
		table.insert(fields, v)
	end
end
settle_move(s, {to = 'completed', keep = ARGV[7], message = message,
	extra = extra, fields = fields})
return {answer, 'completed', 0}

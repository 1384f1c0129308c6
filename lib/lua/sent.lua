#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- sent: the relay took the mail. Also told late, by the journal's proof, of a
-- claim that had become unknown.
-- ARGV: id, owner, claim_seq, results, code, reply, keep (ms), keep payload
-- Returns {answer, status, next_at}: settled | late | lost
local s = settle_open('sent')
if s.repeated then
	return s.repeated
end
local reply = ',"code":' .. int(ARGV[5]) .. ',"reply":' ..
	cjson.encode(ARGV[6])
local late = not s.mine

if late and not s.was_unknown then
	return {'lost', s.j.status or '', 0}
end
if late and s.j.status ~= 'queued' and s.j.status ~= 'retrying' and
	s.j.status ~= 'unknown' then
	-- Somebody else has it, or it is over: only noted.
	local seq = redis.call('HINCRBY', s.key, 'seq', 1)
	history_add(s.id, seq, s.j.status, s.at, 'also taken by the relay', reply)
	tell(s.id, seq, s.j.status, s.at, 'also taken by the relay')
	return {'late', s.j.status, 0}
end
settle_move(s, {to = 'completed', keep = tonumber(ARGV[7]), extra = reply,
	message = late and 'Proof came late: the relay had taken it' or '',
	fields = {'recipients', ARGV[4], 'last_code', ARGV[5], 'last_reply',
		ARGV[6], 'last_error', '', 'reason', ''}})
if ARGV[8] ~= '1' then
	redis.call('HDEL', s.key, 'payload')
end
return {late and 'late' or 'settled', 'completed', 0}

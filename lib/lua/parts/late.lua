-- SPDX-License-Identifier: MIT
-- The relay took a mail in a claim that is not the job's any more: one that
-- became unknown, or one later than all that a waiting job knows: the store has
-- gone back in time. `p`: claim_seq, results, code, reply, about (JSON), keep, keep_payload,
-- others_wait (recipients that it was not for).

local function settle_late(s, p)
	s.step = s.step .. ' late'
	local settled, unknown = unpack(redis.call('HMGET', 'job:' .. s.id,
		'settled', 'unknown_claims'))
	if settled == s.step then
		return {'late', s.status, 0}
	end
	local waits = s.status == 'queued' or s.status == 'retrying' or
		s.status == 'scheduled' or s.status == 'unknown'
	if not string.find(unknown or '', s.claim, 1, true) and
		not (waits and tonumber(p.claim_seq) >= s.seq) then
		return {'lost', s.status or '', 0}
	end
	local m = {to = s.status, fields = {},
		extra = ',"code":' .. p.code .. ',"reply":' .. cjson.encode(p.reply) ..
		(p.about or '')}
	if not waits then -- somebody else has it, or it is over: only noted
		m.message = 'also taken by the relay'
	else
		m.message = 'Proof came late: the relay had taken it'
		m.fields = {'recipients', p.results}
	end
	if waits and not p.others_wait then
		m.to, m.keep = 'completed', p.keep
		for _, v in ipairs({'last_code', p.code, 'last_reply', p.reply,
			'reason', '', 'last_error', ''}) do
			table.insert(m.fields, v)
		end
		if not p.keep_payload then
			table.insert(m.fields, 'payload')
			table.insert(m.fields, '')
		end
	end
	settle_move(s, m)
	return {'late', m.to, 0}
end

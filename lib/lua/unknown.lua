#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- unknown: the dot was sent and no complete reply came. Tried once more when
-- allowed, else left for a person.
-- ARGV: id, owner, claim_seq, results, error, delay (ms), unknown_max (0 to
--       hold), keep (ms, unknown), more JSON of the entry
-- uses: time, status, record, move, outbox, settle, attempt
local s = settle_mine('unknown', true)
if s.answer then
	return s.answer
end
local count = tonumber(s.j.unknown_count or 0)
local m = {message = 'outcome unknown', last_error = ARGV[5],
	extra = ',"error":' .. cjson.encode(ARGV[5]) .. (ARGV[9] or ''),
	fields = {'last_error', ARGV[5], 'unknown_count', count + 1,
		'unknown_claims', (s.j.unknown_claims or '') .. s.claim,
		'reason', 'outcome_unknown',
		'retry_count', tonumber(s.j.retry_count or 0) + 1}}
if ARGV[4] ~= '' then
	table.insert(m.fields, 'recipients')
	table.insert(m.fields, ARGV[4])
end
if count < tonumber(ARGV[7]) and not is_expired(s) then
	m.to = 'retrying'
	return settle_wait(s, m, s.at + tonumber(ARGV[6]))
end
m.to, m.keep = 'unknown', tonumber(ARGV[8])
settle_move(s, m)
return {'settled', 'unknown', 0}

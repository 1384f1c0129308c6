#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- defer: failed for now, before the dot or by a 4xx reply. Past give_up_at it
-- has failed for good. An attempt that took some recipients and left the rest
-- for later has not failed.
-- ARGV: id, owner, claim_seq, results, code, error, delay (ms), retry_for (ms),
--       keep (ms, failed), attempt failed (0/1), more JSON of the entry
-- uses: time, status, record, move, outbox, settle, attempt
local s = settle_mine('defer')
if s.answer then
	return s.answer
end
local give_up_at = tonumber(s.j.give_up_at or 0)
if give_up_at == 0 then
	give_up_at = s.at + ARGV[8]
end
local m = {extra = failure(ARGV[5], ARGV[6], ARGV[11]), last_error = ARGV[6],
	fields = {'recipients', ARGV[4], 'last_code', ARGV[5], 'last_error',
		ARGV[6], 'give_up_at', int(give_up_at),
		'retry_count', tonumber(s.j.retry_count or 0) + tonumber(ARGV[10]),
		'reason', 'deferred'}}
if s.at >= give_up_at then
	m.to, m.keep = 'failed', tonumber(ARGV[9])
	m.message = 'Gave up: tried for as long as RETRY_FOR says'
	m.fields[#m.fields] = 'gave_up'
	settle_move(s, m)
	return {'settled', 'failed', 0}
end
m.to = 'retrying'
return settle_wait(s, m, math.min(s.at + tonumber(ARGV[7]), give_up_at),
	ARGV[9])

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- fail: no recipient was taken and none waits. The payload is kept for a
-- retry by hand.
-- ARGV: id, owner, claim_seq, results, code, error, reason, keep (ms), more
--       JSON of the entry
-- uses: time, status, record, move, outbox, settle, attempt
local s = settle_mine('fail')
if s.answer then
	return s.answer
end
settle_move(s, {to = 'failed', keep = tonumber(ARGV[8]), message = ARGV[6],
	extra = failure(ARGV[5], ARGV[6], ARGV[9]), last_error = ARGV[6],
	fields = {'recipients', ARGV[4], 'last_code', ARGV[5], 'last_error',
		ARGV[6], 'reason', ARGV[7],
		'retry_count', tonumber(s.j.retry_count or 0) + 1}})
return {'settled', 'failed', 0}

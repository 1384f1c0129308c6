#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- release: surely not sent, and not the mail's fault. No attempt is burnt.
-- ARGV: id, owner, claim_seq, why, keep (ms, failed: when its time is over)
-- uses: time, status, record, move, outbox, settle, attempt
local s = settle_mine('release')
if s.answer then
	return s.answer
end
return settle_wait(s, {to = 'queued', message = ARGV[4],
	fields = {'attempt', math.max(tonumber(s.j.attempt or 1) - 1, 0)}}, s.at,
	ARGV[5])

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- proven: by its journal, the relay took a mail in a claim that its owner does
-- not hold any more.
-- ARGV: id, owner, claim_seq, results, code, reply, keep (ms), keep payload
--       (0/1), other recipients wait (0/1)
-- Returns {answer, status, 0}: late | lost
-- uses: time, status, move, settle, late
local s = settle_open('sent', now_ms(), ARGV[1], ARGV[2], ARGV[3])
if s.repeated or s.mine then
	return {'lost', s.status, 0} -- it needs no proof
end
return settle_late(s, {claim_seq = ARGV[3], results = ARGV[4], code = ARGV[5],
	reply = ARGV[6], keep = ARGV[7], keep_payload = ARGV[8] == '1',
	others_wait = ARGV[9] == '1'})

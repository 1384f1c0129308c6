#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- release: surely not sent, and not the mail's fault. No attempt is burnt.
-- ARGV: id, owner, claim_seq, why
local s = settle_open('release')
if s.repeated then
	return s.repeated
end
if not s.mine then
	return {'lost', s.j.status or '', 0}
end
return settle_wait(s, {to = 'queued', message = ARGV[4],
	fields = {'attempt', math.max(tonumber(s.j.attempt or 1) - 1, 0)}}, s.at)

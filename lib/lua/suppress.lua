#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- suppress: an address is not sent to from now on. One that is on the list for
-- the same reason stays as it is, but for a later end. Also by a full Redis: who
-- said no is not written to.
-- ARGV: address (normal form), list ('*': all mail), reason, reply, job id, when
--       that was (ms, 0: now), until (ms, 0: for ever), by whom, how long a mail
--       that nobody may get is kept (ms)
-- Returns {'added' or 'known', it as JSON}.
-- uses: time, suppressed, suppression
local at = now_ms()
local address, scope = string.lower(ARGV[1]), ARGV[2] .. ' ' .. ARGV[3]
local member, expires = address .. ' ' .. scope, tonumber(ARGV[7])

suppressions_expire(at, 10)
redis.call('SET', 'suppressions:keep', ARGV[9])
local all = suppression_all(address)
local s, answer = all[scope], 'known'
if s and not suppression_lives(s, at) then
	suppression_drop(address, all, scope, 'expiry', at)
	s = nil
end
if s and (s.expires == '' or
	expires > 0 and expires <= tonumber(s.expires)) then
	return {answer, suppression_text(address, scope, s)}
end
if not s then
	local when = tonumber(ARGV[6])
	answer = 'added'
	s = {id = int(redis.call('INCR', 'suppressions:last')), reply = ARGV[4],
		job = ARGV[5], at = int(when > 0 and when or at),
		created = int(at), by = ARGV[8]}
	redis.call('ZADD', 'suppressions', s.id, member)
end
if expires > 0 then
	s.expires = int(expires)
	redis.call('ZADD', 'suppressions:expiring', s.expires, member)
else
	s.expires = ''
	redis.call('ZREM', 'suppressions:expiring', member)
end
all[scope] = s
suppression_store(address, all)
return {answer, suppression_changed(suppression_text(address, scope, s))}

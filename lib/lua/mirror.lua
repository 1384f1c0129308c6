#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- mirror: what changed in the suppression list while there was no record waits
-- to be recorded, a part at a time: all of it as it is now, for a row that is
-- there already is written once more. `suppressions:mirrored` is how far that
-- has come; a change that is not recorded takes it away.
-- ARGV: most entries of a part. Returns 1 while there may be more, then 0.
-- uses: suppressed, suppression
local MARK = 'suppressions:mirrored'
local part, place = string.match(redis.call('GET', MARK) or 'entries 0',
	'^(%a+) ?(%d*)$')
if part == 'all' then
	return 0
end
local found = redis.call('ZRANGEBYSCORE', part == 'entries' and 'suppressions'
	or 'suppressions:removed', '(' .. place, '+inf', 'WITHSCORES', 'LIMIT', 0,
	ARGV[1])

for i = 1, #found, 2 do
	local text = found[i]
	if part == 'entries' then
		local address, scope = string.match(text, '^(%S+) (%S+ %S+)$')
		local s = suppression_all(address)[scope]
		text = s and suppression_text(address, scope, s)
	end
	if text then
		redis.call('RPUSH', 'suppressions:unrecorded', text)
	end
	place = found[i + 1]
end
if #found > 0 then
	redis.call('SET', MARK, part .. ' ' .. place)
elseif part == 'entries' then
	redis.call('SET', MARK, 'removed 0')
else
	redis.call('SET', MARK, 'all')
end
return 1

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- queue: the operator pauses or resumes the sending of all mail ('*'), or of
-- that for a recipient's domain; and what is paused.
-- ARGV: pause, resume or show, name
-- Returns {now, (name, since (ms), jobs that wait for its end)...}
-- uses: time
local at = now_ms()
if ARGV[1] == 'pause' then
	redis.call('HSETNX', 'paused', ARGV[2], int(at))
elseif ARGV[1] == 'resume' then
	redis.call('HDEL', 'paused', ARGV[2])
end
local list, answer = redis.call('HGETALL', 'paused'), {at}
for i = 1, #list, 2 do
	for _, v in ipairs({list[i], tonumber(list[i + 1]),
		redis.call('ZCARD', 'parked:' .. list[i])}) do
		answer[#answer + 1] = v
	end
end
return answer

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- heartbeat: this worker lives. Returns what time it is here (ms); while the
-- operator has paused something, or another program says otherwise than this one
-- whether jobs are recorded, {time, since when all mail is paused (0: it is not),
-- of how many domains the mail is, another says otherwise (0/1)}.
-- ARGV: owner, ttl (ms), what is to be known of it: when the newest message
--       that it was brought came into the queue, when the oldest that waits
--       (ms, 0: none), and more; the domains that it has DKIM keys for,
--       with blanks between them
-- uses: time, agree
redis.call('SET', 'worker:' .. ARGV[1], ARGV[3], 'PX', ARGV[2])
if (ARGV[4] or '') ~= '' then
	redis.call('SET', 'dkim:' .. ARGV[1], ARGV[4], 'PX', ARGV[2])
end
redis.call('SADD', 'owners', ARGV[1])
redis.call('SET', RECORD_MINE, 1, 'PX', ARGV[2])
local paused = redis.call('HLEN', 'paused')
local differs = redis.call('EXISTS', RECORD_OTHER)
if paused + differs > 0 then
	local all = tonumber(redis.call('HGET', 'paused', '*') or 0)
	return {now_ms(), all, all > 0 and paused - 1 or paused, differs}
end
return now_ms()

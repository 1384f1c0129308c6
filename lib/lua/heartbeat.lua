#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- heartbeat: this worker lives. Returns what time it is here (ms).
-- ARGV: owner, ttl (ms), what is to be known of it: when the newest message
--       that it was brought came into the queue, when the oldest that waits
--       (ms, 0: none), and more
-- uses: time
redis.call('SET', 'worker:' .. ARGV[1], ARGV[3], 'PX', ARGV[2])
redis.call('SADD', 'owners', ARGV[1])
return now_ms()

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- heartbeat: this worker lives.
-- ARGV: owner, ttl (ms), what is to be known of it (text)
redis.call('SET', 'worker:' .. ARGV[1], ARGV[3], 'PX', ARGV[2])
redis.call('SADD', 'owners', ARGV[1])
return 1

#!lua
-- SPDX-License-Identifier: MIT
-- ticket: lets one client follow events, once and soon, as its key could.
-- ARGV: SHA-256 of the ticket, id of the key, ms that it is good for
redis.call('SET', 'ticket:' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
return 1

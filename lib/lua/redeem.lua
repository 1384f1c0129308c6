#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- redeem: a ticket, which is gone then; sent twice, it is not good any more.
-- ARGV: SHA-256 of the ticket
-- Returns nil, or {id of its key, {field, value...}}; nil, too, when that key
-- does not live any more.
-- uses: key
local id = redis.call('GETDEL', 'ticket:' .. ARGV[1])
local fields = id and key_live(id)
return fields and {id, fields} or nil

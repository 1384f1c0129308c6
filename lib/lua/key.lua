#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- key: an API key that lives: not revoked, not expired.
-- ARGV: id
-- Returns nil, or {field, value...}.
-- uses: time
local key = 'key:' .. ARGV[1]
local kept = redis.call('HMGET', key, 'digest', 'expires_at')
if not kept[1] or kept[2] and tonumber(kept[2]) <= now_ms() then
	return nil
end
return redis.call('HGETALL', key)

-- SPDX-License-Identifier: MIT
-- uses: time

-- The fields and values of an API key that lives: not revoked, not expired.
local function key_live(id)
	local key = 'key:' .. id
	local kept = redis.call('HMGET', key, 'digest', 'expires_at')
	if not kept[1] or kept[2] and tonumber(kept[2]) <= now_ms() then
		return nil
	end
	return redis.call('HGETALL', key)
end

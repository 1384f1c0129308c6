-- SPDX-License-Identifier: MIT
-- Times are ms of Redis TIME.

local LOOK_AGAIN = 60000 -- ms after next_at that a waiting job is looked at

local function now_ms()
	local t = redis.call('TIME')
	return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Numbers as text: Lua would write 1.7512123374e+12.
local function int(n)
	return string.format('%d', tonumber(n) or 0)
end

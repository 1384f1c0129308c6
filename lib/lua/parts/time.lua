-- SPDX-License-Identifier: MIT
-- Times are ms of Redis TIME.

local LOOK_AGAIN = 60000 -- ms after next_at that a waiting job is looked at

local function now_ms()
	local t = redis.call('TIME')
	return t[1] * 1000 + (t[2] - t[2] % 1000) / 1000
end

-- A number as text: Lua would write 1.7512123374e+12. Most are small, and
-- string.format takes 2 000 instructions.
local function int(n)
	if n >= 0 and n < 10 then
		return string.sub('0123456789', n + 1, n + 1)
	end
	return string.format('%d', n)
end

-- SPDX-License-Identifier: MIT
-- Times are ms of Redis TIME.

local LOOK_AGAIN = 60000 -- ms after next_at that a waiting job is looked at

local function now_ms()
	local t = redis.call('TIME')
	return t[1] * 1000 + (t[2] - t[2] % 1000) / 1000
end

-- A number as text: Lua would write 1.7512123374e+12. string.format takes 2 000
-- instructions, and a group of jobs has the same numbers over and over.
local texts = {}
local function int(n)
	local text = texts[n]
	if not text then
		text = string.format('%d', n)
		texts[n] = text
	end
	return text
end

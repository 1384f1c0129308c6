-- SPDX-License-Identifier: MIT
-- An entry of a job's history, and those who are told of it.

-- RFC 3339, from days since 1970 (H. Hinnant, "chrono-compatible low-level
-- date algorithms", civil_from_days). string.format and math.floor would take
-- three times as long. Jobs of a group have the same time.
local stamped, stamp
local function rfc3339(ms)
	if ms == stamped then
		return stamp
	end
	stamped = ms
	local f = ms % 1000
	local sec = (ms - f) / 1000
	local s = sec % 60
	local min = (sec - s) / 60
	local n = min % 60
	local hour = (min - n) / 60
	local h = hour % 24
	local z = (hour - h) / 24 + 719468
	local doe = z % 146097
	local yoe = doe - (doe - doe % 1460) / 1460 +
		(doe - doe % 36524) / 36524 - (doe - doe % 146096) / 146096
	yoe = (yoe - yoe % 365) / 365
	local doy = doe - 365 * yoe - (yoe - yoe % 4) / 4 +
		(yoe - yoe % 100) / 100
	local mp = 5 * doy + 2
	mp = (mp - mp % 153) / 153
	local d = 153 * mp + 2
	d = doy - (d - d % 5) / 5 + 1
	local m = mp < 10 and mp + 3 or mp - 9
	local y = yoe + (z - doe) / 146097 * 400 + (m <= 2 and 1 or 0)
	local yy, ff = y % 100, f % 100
	y = (y - yy) / 100
	stamp = string.char(48 + (y - y % 10) / 10, 48 + y % 10,
		48 + (yy - yy % 10) / 10, 48 + yy % 10, 45,
		48 + (m - m % 10) / 10, 48 + m % 10, 45,
		48 + (d - d % 10) / 10, 48 + d % 10, 84,
		48 + (h - h % 10) / 10, 48 + h % 10, 58,
		48 + (n - n % 10) / 10, 48 + n % 10, 58,
		48 + (s - s % 10) / 10, 48 + s % 10, 46,
		48 + (f - ff) / 100, 48 + (ff - ff % 10) / 10, 48 + ff % 10, 90)
	return stamp
end

-- Without its first brace. `message` and `extra` (more JSON) are of choice.
local function entry_text(seq, to, at, message, extra)
	return '"seq":' .. seq .. ',"status":"' .. to ..
		'","timestamp":"' .. rfc3339(at) .. '","message":' ..
		(message and cjson.encode(message) or '""') .. (extra or '') .. '}'
end

local function entry_tell(id, error, entry)
	local event = '{"job_id":"' .. id .. '","last_error":' ..
		(error and error ~= '' and cjson.encode(error) or 'null') ..
		',' .. entry
	redis.call('XADD', 'job_events', '*', 'event', event)
	redis.call('PUBLISH', 'job_status_updates', event)
end


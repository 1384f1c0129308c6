-- SPDX-License-Identifier: MIT
-- The one door (job_move) through which a job's status changes.

-- A job's history is the fields h<seq> of its hash: the first 5 and the last
-- 45 stay.
local HISTORY_LAST, HISTORY_MAX = 45, 50

-- RFC 3339, from days since 1970 (H. Hinnant, "chrono-compatible low-level
-- date algorithms", civil_from_days).
local function rfc3339(ms)
	local floor = math.floor
	local s = floor(ms / 1000)
	local z = floor(s / 86400) + 719468
	local doe = z % 146097
	local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) -
		floor(doe / 146096)) / 365)
	local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
	local mp = floor((5 * doy + 2) / 153)
	local month = mp < 10 and mp + 3 or mp - 9
	return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ',
		yoe + (z - doe) / 146097 * 400 + (month <= 2 and 1 or 0), month,
		doy - floor((153 * mp + 2) / 5) + 1, floor(s / 3600) % 24,
		floor(s / 60) % 60, s % 60, ms % 1000)
end

-- JSON; the encoder is asked only where there is something to escape.
local function quoted(text)
	if string.find(text, '[%c"\\]') then
		return cjson.encode(text)
	end
	return '"' .. text .. '"'
end

-- Writes a change into the job (with `seq`, a number, one more than before),
-- its history, the stream, and the older channel.
local function job_write(m)
	local call, key, to = redis.call, 'job:' .. m.id, m.to
	local at, seq = int(m.at), int(m.seq)
	local message, last_error = m.message or '', m.last_error or ''
	local moment = '"status":"' .. to .. '","timestamp":"' .. rfc3339(m.at)
	call('HSET', key, 'status', to, 'seq', seq, 'updated_at', at, 'h' .. seq,
		'{"seq":' .. seq .. ',' .. moment .. '","message":' ..
		quoted(message) .. (m.extra or '') .. '}', unpack(m.fields))
	if m.seq > HISTORY_MAX then
		call('HDEL', key, 'h' .. int(m.seq - HISTORY_LAST))
	end
	call('XADD', 'job_events', 'MAXLEN', '~', '100000', '*', 'job_id', m.id,
		'seq', seq, 'status', to, 'at', at, 'message', message,
		'last_error', last_error)
	call('PUBLISH', 'job_status_updates', '{"job_id":"' .. m.id .. '",' ..
		moment .. '","last_error":' .. (last_error ~= '' and
		quoted(last_error) or 'null') .. ',"seq":' .. seq .. '}')
end

-- `m`: id, from, to, seq, at, created_at (text), fields (flat list for HSET),
-- and of choice: due (score in jobs:due of a job that waits; it is in there
-- already without), keep (ms that a terminal job is kept), message, extra
-- (more JSON of the history entry), last_error.
local function job_move(m)
	local call, id = redis.call, m.id
	job_write(m)
	if m.from ~= m.to then
		if m.from then
			call('ZREM', 'jobs:status:' .. m.from, id)
		end
		call('ZADD', 'jobs:status:' .. m.to, m.created_at, id)
	end
	if m.keep then
		if m.from then
			call('ZREM', 'jobs:due', id)
		end
		call('ZADD', 'jobs:ended', int(m.at + m.keep), id)
	elseif m.due then
		call('ZADD', 'jobs:due', int(m.due), id)
	end
end

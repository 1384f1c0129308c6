-- SPDX-License-Identifier: MIT
-- The one door (job_move) through which a job's status changes. What counts
-- here is how many calls and arguments there are: each is written to the AOF.

-- A job's history is the fields h<seq> of its hash: the first 5 and the last
-- 45 stay.
local HISTORY_LAST, HISTORY_MAX = 45, 50

-- The two digits of a number below 100, as bytes.
local function digits(n)
	local last = n % 10
	return 48 + (n - last) / 10, 48 + last
end

-- RFC 3339, from days since 1970 (H. Hinnant, "chrono-compatible low-level
-- date algorithms", civil_from_days). string.format would take four times as
-- long.
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
	local year = yoe + (z - doe) / 146097 * 400 + (month <= 2 and 1 or 0)
	local y1, y2 = digits(floor(year / 100))
	local y3, y4 = digits(year % 100)
	local m1, m2 = digits(month)
	local d1, d2 = digits(doy - floor((153 * mp + 2) / 5) + 1)
	local h1, h2 = digits(floor(s / 3600) % 24)
	local n1, n2 = digits(floor(s / 60) % 60)
	local s1, s2 = digits(s % 60)
	local f1, f2 = digits(floor(ms % 1000 / 10))
	return string.char(y1, y2, y3, y4, 45, m1, m2, 45, d1, d2, 84, h1, h2,
		58, n1, n2, 58, s1, s2, 46, f1, f2, 48 + ms % 10, 90)
end

-- Writes a change into the job (with `seq`, a number, one more than before),
-- its history, the stream, and the older channel.
local function job_write(m)
	local call, key, error = redis.call, 'job:' .. m.id, m.last_error
	local seq = int(m.seq)
	local words = '"seq":' .. seq .. ',"status":"' .. m.to ..
		'","timestamp":"' .. rfc3339(m.at) .. '","message":' ..
		cjson.encode(m.message or '') .. (m.extra or '') .. '}'
	local event = '{"job_id":"' .. m.id .. '","last_error":' ..
		(error and error ~= '' and cjson.encode(error) or 'null') ..
		',' .. words
	call('HSET', key, 'status', m.to, 'seq', seq, 'h' .. seq, '{' .. words,
		unpack(m.fields))
	if m.seq > HISTORY_MAX then
		call('HDEL', key, 'h' .. int(m.seq - HISTORY_LAST))
	end
	call('XADD', 'job_events', '*', 'event', event)
	call('PUBLISH', 'job_status_updates', event)
end

-- `m`: id, from, to, seq, at, created_at (text), fields (flat list for HSET),
-- and of choice: due (score in jobs:due of a job that waits; it is in there
-- already without), keep (ms that a terminal job is kept), idem (the record of
-- its Idempotency-Key: its time runs from now on), message, extra (more JSON of
-- the history entry), last_error.
local function job_move(m)
	local call, id, from, fields = redis.call, m.id, m.from, m.fields
	if from then
		fields[#fields + 1] = 'updated_at'
		fields[#fields + 1] = int(m.at)
	end
	job_write(m)
	if from ~= m.to then
		if from then
			call('ZREM', 'jobs:status:' .. from, id)
		end
		call('ZADD', 'jobs:status:' .. m.to, m.created_at, id)
	end
	if m.keep then
		if m.idem then
			local record = 'idem:' .. m.idem
			call('PEXPIRE', record, call('HGET', record, ':ttl') or 0)
		end
		if from then
			call('ZREM', 'jobs:due', id)
		end
		call('ZADD', 'jobs:ended', int(m.at + m.keep), id)
	elseif m.due then
		call('ZADD', 'jobs:due', int(m.due), id)
	end
end

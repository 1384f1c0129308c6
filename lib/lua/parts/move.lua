-- SPDX-License-Identifier: MIT
-- The one door (job_move) through which a job changes. What it costs is how
-- many calls, arguments, closures and calls of C there are.
-- uses: history

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

-- `j`: id, status (nil: a new job), created_at (text), seq (one more than
-- before), at, idem (the record of its Idempotency-Key: its time runs once the
-- job is over), and index (in redis.call's place for what is moved between
-- indexes). `m`: to (the status from now on), fields (flat list for HSET;
-- it is added to), and of choice: due (score in jobs:due of a job that waits;
-- it is in there already without), keep (ms that a terminal job is kept),
-- message, extra (more JSON of the history entry), last_error.
local function job_move(j, m)
	local call, id, from, to, fields = redis.call, j.id, j.status, m.to, m.fields
	local index = j.index or call
	local key, seq, error = 'job:' .. id, int(j.seq), m.last_error
	local words = '"seq":' .. seq .. ',"status":"' .. to ..
		'","timestamp":"' .. rfc3339(j.at) .. '","message":' ..
		(m.message and cjson.encode(m.message) or '""') ..
		(m.extra or '') .. '}'
	local event = '{"job_id":"' .. id .. '","last_error":' ..
		(error and error ~= '' and cjson.encode(error) or 'null') ..
		',' .. words
	if from then -- else it is created_at
		fields[#fields + 1] = 'updated_at'
		fields[#fields + 1] = int(j.at)
	end
	call('HSET', key, 'status', to, 'seq', seq, 'h' .. seq, '{' .. words,
		unpack(fields))
	if j.seq > HISTORY_FIRST + HISTORY_LAST then
		call('HDEL', key, 'h' .. int(j.seq - HISTORY_LAST))
	end
	call('XADD', 'job_events', '*', 'event', event)
	call('PUBLISH', 'job_status_updates', event)
	if from ~= to then
		if from then
			index('ZREM', 'jobs:status:' .. from, id)
		end
		index('ZADD', 'jobs:status:' .. to, j.created_at, id)
	end
	if m.keep then
		if j.idem then
			local record = 'idem:' .. j.idem
			call('PEXPIRE', record, call('HGET', record, ':ttl') or 0)
		end
		if from then
			index('ZREM', 'jobs:due', id)
		end
		index('ZADD', 'jobs:ended', int(j.at + m.keep), id)
	elseif m.due then
		index('ZADD', 'jobs:due', int(m.due), id)
	end
	-- record: call('ZADD', 'record:dirty', 'NX', int(j.at), id)
end

-- SPDX-License-Identifier: MIT
-- Put before every script at build time: the words and the one door
-- (job_move) through which a job's status changes. Times are ms of Redis TIME.

local TERMINAL = {completed = true, failed = true, cancelled = true,
	unknown = true}
local LOOK_AGAIN = 60000 -- ms after next_at that a waiting job is looked at
local HISTORY_FIRST, HISTORY_MAX = 5, 50
local EVENTS_MAX = 100000

local function now_ms()
	local t = redis.call('TIME')
	return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Numbers as text: Lua would write 1.7512123374e+12.
local function int(n)
	return string.format('%d', tonumber(n) or 0)
end

-- RFC 3339, from days since 1970 (H. Hinnant, "chrono-compatible low-level
-- date algorithms", civil_from_days).
local function rfc3339(ms)
	local s = math.floor(ms / 1000)
	local z = math.floor(s / 86400) + 719468
	local era = math.floor(z / 146097)
	local doe = z - era * 146097
	local yoe = math.floor((doe - math.floor(doe / 1460) +
		math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
	local doy = doe - (365 * yoe + math.floor(yoe / 4) -
		math.floor(yoe / 100))
	local mp = math.floor((5 * doy + 2) / 153)
	local month = mp < 10 and mp + 3 or mp - 9
	return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ',
		yoe + era * 400 + (month <= 2 and 1 or 0), month,
		doy - math.floor((153 * mp + 2) / 5) + 1,
		math.floor(s / 3600) % 24, math.floor(s / 60) % 60, s % 60,
		ms % 1000)
end

local function field_map(list, ...)
	local map = {}
	for i, name in ipairs({...}) do
		map[name] = list[i] or nil
	end
	return map
end

local function job_read(id, ...)
	return field_map(redis.call('HMGET', 'job:' .. id, ...), ...)
end

-- Appends to the history: first 5 and last 45 stay, the rest is counted.
local function history_add(id, seq, status, at, message, extra)
	local key = 'hist:' .. id
	local entry = '{"seq":' .. int(seq) .. ',"status":"' .. status ..
		'","timestamp":"' .. rfc3339(at) .. '","message":' ..
		cjson.encode(message) .. (extra or '') .. '}'
	if redis.call('RPUSH', key, entry) > HISTORY_MAX then
		redis.call('LSET', key, HISTORY_FIRST, '')
		redis.call('LREM', key, 1, '')
		redis.call('HINCRBY', 'job:' .. id, 'history_omitted', 1)
	end
end

-- What others are told: the stream (events), and the older channel.
local function tell(id, seq, status, at, message, last_error)
	redis.call('XADD', 'job_events', 'MAXLEN', '~', EVENTS_MAX, '*',
		'job_id', id, 'seq', int(seq), 'status', status, 'at', int(at),
		'message', message, 'last_error', last_error or '')
	redis.call('INCR', 'clock')
	redis.call('PUBLISH', 'job_status_updates', '{"job_id":"' .. id ..
		'","status":"' .. status .. '","timestamp":"' .. rfc3339(at) ..
		'","last_error":' .. (last_error and last_error ~= '' and
		cjson.encode(last_error) or 'null') .. ',"seq":' .. int(seq) ..
		'}')
end

-- The one door. `m`: id, from, to, at, created_at, and of choice: due (score
-- in jobs:due of a job that waits), keep (ms that a terminal job is kept),
-- message, extra (more JSON of the history entry), last_error, fields (flat
-- list for HSET), seq (when it was raised already). Returns the new seq.
local function job_move(m)
	local key = 'job:' .. m.id
	local seq = m.seq or redis.call('HINCRBY', key, 'seq', 1)
	redis.call('HSET', key, 'status', m.to, 'updated_at', int(m.at),
		unpack(m.fields or {}))
	if m.from ~= m.to then
		if m.from then
			redis.call('ZREM', 'jobs:status:' .. m.from, m.id)
		end
		redis.call('ZADD', 'jobs:status:' .. m.to, m.created_at, m.id)
	end
	if TERMINAL[m.to] then
		redis.call('ZREM', 'jobs:due', m.id)
		redis.call('ZREM', 'outbox', m.id)
		redis.call('ZADD', 'jobs:ended', int(m.at + m.keep), m.id)
	else
		redis.call('ZADD', 'jobs:due', int(m.due), m.id)
		if m.from and TERMINAL[m.from] then
			redis.call('ZREM', 'jobs:ended', m.id)
		end
	end
	history_add(m.id, seq, m.to, m.at, m.message or '', m.extra)
	tell(m.id, seq, m.to, m.at, m.message or '', m.last_error)
	return seq
end

-- A job of the older system is a string of JSON at the same key: it is read
-- once and rewritten as a hash, terminal when it was, else for a person.
local function job_adopt(id, keep)
	local key = 'job:' .. id
	if redis.call('TYPE', key).ok ~= 'string' then
		return false
	end
	local text = redis.call('GET', key)
	local fine, old = pcall(cjson.decode, text)
	if not fine or type(old) ~= 'table' then
		old = {}
	end
	local function text_of(value)
		return type(value) == 'string' and value or ''
	end
	local at = now_ms()
	local status = text_of(old.status)
	if status ~= 'completed' and status ~= 'failed' and
		status ~= 'cancelled' then
		status = 'unknown'
	end
	local to = type(old.to) == 'table' and cjson.encode(old.to) or
		'[' .. cjson.encode(text_of(old.to)) .. ']'
	redis.call('DEL', key)
	redis.call('HSET', key, 'created_at', int(at), 'to', to, 'from', '',
		'subject', text_of(old.subject), 'attempt', 0, 'retry_count', 0,
		'payload', text, 'reason',
		status == 'unknown' and 'older_system' or '')
	redis.call('ZADD', 'jobs:created', int(at), id)
	job_move({id = id, to = status, at = at, created_at = int(at),
		keep = keep, message = 'Taken over from the older system, was ' ..
		(text_of(old.status) == '' and 'without status' or
		text_of(old.status))})
	return true
end

-- Settling an attempt: every script that does so begins with ARGV id, owner,
-- claim_seq. The fence is (owner, claim_seq) of the claim; the last settle is
-- remembered with its step, so that a repeated call gets the same answer.
local function settle_open(step)
	local s = {id = ARGV[1], key = 'job:' .. ARGV[1], at = now_ms()}
	local claim = ARGV[2] .. ' ' .. ARGV[3]
	s.claim, s.step = claim, claim .. ' ' .. step
	s.j = job_read(s.id, 'status', 'owner', 'claim_seq', 'settled',
		'created_at', 'next_at', 'give_up_at', 'attempt', 'retry_count',
		'unknown_count', 'unknown_claims', 'expires_at')
	if s.j.settled == s.step then
		s.repeated = {'settled', s.j.status, TERMINAL[s.j.status] and 0 or
			tonumber(s.j.next_at or 0)}
		return s
	end
	s.mine = s.j.status == 'processing' and s.j.owner == ARGV[2] and
		s.j.claim_seq == ARGV[3]
	s.was_unknown = s.j.unknown_claims and string.find(s.j.unknown_claims,
		'(' .. claim .. ')', 1, true) ~= nil
	return s
end

-- For all but late proof: `answer` is set when there is nothing to do.
local function settle_mine(step)
	local s = settle_open(step)
	s.answer = s.repeated or
		(not s.mine and {'lost', s.j.status or '', 0}) or nil
	return s
end

local function settle_move(s, m)
	m.id, m.from, m.at, m.created_at = s.id, s.j.status, s.at, s.j.created_at
	m.fields = m.fields or {}
	for _, v in ipairs({'settled', s.step, 'owner', '', 'nonce', ''}) do
		table.insert(m.fields, v)
	end
	redis.call('SREM', 'owned:' .. ARGV[2], s.id)
	return job_move(m)
end

-- The job waits for another attempt at `next_at`: a hint is to be published.
local function settle_wait(s, m, next_at)
	m.due = next_at + LOOK_AGAIN
	table.insert(m.fields, 'next_at')
	table.insert(m.fields, int(next_at))
	settle_move(s, m)
	redis.call('ZADD', 'outbox', int(s.at), s.id)
	return {'settled', m.to, next_at}
end

-- One failed attempt's words for the history.
local function failure(code, text)
	return ',"code":' .. int(code) .. ',"error":' .. cjson.encode(text)
end

local SHOWN = {'id', 'status', 'reason', 'seq', 'attempt', 'retry_count',
	'unknown_count', 'owner', 'claim_seq', 'lease_until', 'next_at',
	'give_up_at', 'expires_at', 'created_at', 'updated_at', 'last_error',
	'last_code', 'last_reply', 'history_omitted', 'to', 'subject', 'from',
	'recipients'}

-- All but the payload, and the history; nil when there is no such job.
local function job_show(id)
	local values = redis.call('HMGET', 'job:' .. id, unpack(SHOWN))
	if not values[2] then
		return nil
	end
	local fields = {'id', id}
	for i = 2, #SHOWN do
		if values[i] then
			table.insert(fields, SHOWN[i])
			table.insert(fields, values[i])
		end
	end
	return {fields, redis.call('LRANGE', 'hist:' .. id, 0, -1)}
end

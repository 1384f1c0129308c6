-- SPDX-License-Identifier: MIT
-- A job of the older system is a string of JSON at the same key: it is read
-- once and rewritten as a hash, terminal when it was, else for a person.

local function text_of(value)
	return type(value) == 'string' and value or ''
end

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
	local at, was, status = now_ms(), text_of(old.status), 'unknown'
	if was == 'completed' or was == 'failed' or was == 'cancelled' then
		status = was
	end
	local to = type(old.to) == 'table' and cjson.encode(old.to) or
		'[' .. cjson.encode(text_of(old.to)) .. ']'
	redis.call('DEL', key)
	redis.call('ZADD', 'jobs:created', int(at), id)
	job_move({id = id, seq = 1, at = at, created_at = int(at)}, {to = status,
		keep = keep, message = 'Taken over from the older system, was ' ..
		(was == '' and 'without status' or was),
		fields = {'created_at', int(at), 'to', to, 'from', '', 'subject',
		text_of(old.subject), 'payload',
		text, 'reason', status == 'unknown' and 'older_system' or ''}})
	return true
end

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- clock: which store this is, and how far it has come: the last id of the
-- stream job_events, which gets one at each change, and how many it ever got.
-- ARGV: of the store that the worker knows: its id ('': it knows none), last
--       event and number of events; an id for a store that has none; the worker
--       holds its mail (0/1); its last claim: job's id ('': none), claim_seq
-- Returns {id, last event, number, same (0/1), follows (0/1)}: whether it is the
-- one that the worker knows, and has come no less far; whether the operator said
-- that it takes the place of that one.
local known = {id = ARGV[1], last = ARGV[2], added = tonumber(ARGV[3])}
local id = redis.call('GET', 'store:id')
if not id then
	id = ARGV[4]
	redis.call('SET', 'store:id', id)
end
if ARGV[5] == '1' then
	redis.call('HSET', 'store:asked', known.id,
		string.match(known.last, '^%d+'))
end
local stream = {['last-generated-id'] = '0-0', ['entries-added'] = 0}
if redis.call('EXISTS', 'job_events') == 1 then
	local about = redis.call('XINFO', 'STREAM', 'job_events')
	for i = 1, #about, 2 do
		stream[about[i]] = about[i + 1]
	end
end

local function parts(event)
	local ms, count = string.match(event, '^(%d+)-(%d+)$')
	return tonumber(ms), tonumber(count)
end

-- Later events do not hide that those the worker saw are gone: the last of them
-- is there, or was trimmed.
local function has(event)
	local first = stream['first-entry']
	if event == '0-0' then
		return true
	end
	if not first then
		return stream['last-generated-id'] == event
	end
	if #redis.call('XRANGE', 'job_events', event, event) > 0 then
		return true
	end
	local ms, count = parts(event)
	local first_ms, first_count = parts(first[1])
	return ms < first_ms or ms == first_ms and count < first_count
end

-- A job knows all its claims; one that is gone says nothing.
local seq = tonumber(redis.call('HGET', 'job:' .. ARGV[6], 'seq') or ARGV[7])
local same = id == known.id and stream['entries-added'] >= known.added and
	has(known.last) and seq >= tonumber(ARGV[7])
return {id, stream['last-generated-id'], stream['entries-added'],
	same and 1 or 0, redis.call('SISMEMBER', 'store:follows', known.id)}

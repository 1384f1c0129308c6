#!lua
-- SPDX-License-Identifier: MIT
-- accept: a new job, queued. Refused by a full Redis before anything is
-- written (no allow-oom). Repeated with the same id it changes nothing.
-- ARGV: id, to (JSON array), subject, from, payload; with an Idempotency-Key:
--       its record, how long that lives once the mail is over (ms),
--       (field, digest)...
-- Returns next_at: what to publish the hint for. Of a key that was used before
-- {'again', id of the first mail, its age (ms), in the outbox (0/1)}, or
-- {'differs', id, field}. Without ARGV it does nothing and returns 0: so one
-- asks whether it would be refused (/ready).
-- uses: time, move
local id = ARGV[1]
if not id then
	return 0
end
local known = redis.call('HGET', 'job:' .. id, 'next_at')
if known then
	return tonumber(known)
end
local at = now_ms()
local text = int(at)
local fields = {'next_at', text, 'created_at', text, 'to', ARGV[2], 'subject',
	ARGV[3], 'payload', ARGV[5]}
if ARGV[4] ~= '' then
	table.insert(fields, 'from')
	table.insert(fields, ARGV[4])
end
if ARGV[6] then
	-- uses: outbox, idempotency
	local answer = idempotency_begin(at)
	if answer then
		return answer
	end
	table.insert(fields, 'idem')
	table.insert(fields, ARGV[6])
end
job_move({id = id, seq = 1, at = at, created_at = text}, {to = 'queued',
	due = at + LOOK_AGAIN, message = 'Job queued', fields = fields})
redis.call('ZADD', 'jobs:created', text, id)
redis.call('ZADD', 'outbox', text, id .. ' ' .. text)
if at % 64 == 0 then -- now and then, as there may be no sweeper
	-- uses: events
	redis.call('XTRIM', 'job_events', 'MAXLEN', '~', EVENTS_MAX)
end
return at

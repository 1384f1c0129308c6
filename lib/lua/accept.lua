#!lua
-- SPDX-License-Identifier: MIT
-- accept: new jobs, queued. Refused by a full Redis before anything is written
-- (no allow-oom). Repeated with the same ids it changes nothing.
-- ARGV, of each mail: id, to (JSON array), subject, from, payload, how many
--       more there are of it: (field, value)... that the job is to have, too;
--       then with an Idempotency-Key 'idem', its record, how long that lives
--       once the mail is over (ms), (field, digest)... A batch is a call of its
--       own: of its key, the mails behind the first have 'idem' and the record
--       alone, and are accepted if the first one is.
-- Returns of each mail next_at: what to publish the hint for; with a field
-- scheduled_at (ms) to come {'scheduled', next_at, now}; with recipients who are
-- suppressed {'suppressed', next_at (0: all are, and it has failed), now, its
-- status and who, as JSON}. Of a key that was used before {'again', id of the
-- first mail, its age (ms), in the outbox (0/1), ids of a batch; the same of
-- each where some are suppressed}, or {'differs', id, field}; 0 of those behind
-- it. An error where only this mail met one.
-- uses: time, entry
local call = redis.call
local keys, i = {}, 1
while ARGV[i] do
	keys[#keys + 1] = 'job:' .. ARGV[i]
	i = i + 6 + ARGV[i + 5]
end
local at = now_ms()
local text = int(at)
local entry = entry_text('1', 'queued', at, 'Job queued')
-- In cluster mode it is an error for several: then each is looked at.
local all_new = redis.pcall('EXISTS', unpack(keys)) == 0
local suppresses = call('EXISTS', 'suppressed') == 1

-- What the indexes do not have yet: (created_at, id)... An index gets all of a
-- call at once.
local list, len = {}, 0

local function index()
	if len == 0 then
		return
	end
	call('ZADD', 'jobs:created', unpack(list))
	call('ZADD', 'jobs:status:queued', unpack(list))
	-- record: call('ZADD', 'record:dirty', 'NX', unpack(list))
	local due = int(at + LOOK_AGAIN)
	for k = 1, len, 2 do
		list[k] = due
	end
	call('ZADD', 'jobs:due', unpack(list))
	for k = 1, len, 2 do
		list[k], list[k + 1] = text, list[k + 1] .. ' ' .. text
	end
	call('ZADD', 'outbox', unpack(list))
	list, len = {}, 0
end

local batch_was_before -- of the last key

local function accept(i)
	local id = ARGV[i]
	local key = 'job:' .. id
	local known = not all_new and call('HGET', key, 'next_at')
	if known then
		known = tonumber(known)
		local told, status = unpack(suppresses and
			call('HMGET', key, 'suppressed', 'status') or {})
		if told then
			return {'suppressed', status == 'failed' and 0 or known, at,
				told}
		end
		return known > at and {'scheduled', known, at} or known
	end
	local fields = {'status', 'queued', 'seq', '1', 'h1', '{' .. entry,
		'next_at', text, 'created_at', text, 'to', ARGV[i + 1], 'subject',
		ARGV[i + 2], 'payload', ARGV[i + 4]}
	if ARGV[i + 3] ~= '' then
		table.insert(fields, 'from')
		table.insert(fields, ARGV[i + 3])
	end
	local k, last = i + 6, i + 5 + ARGV[i + 5]
	local scheduled_at, expires_at, cc, bcc, mail_list, idem
	while k < last do
		local name, value = ARGV[k], ARGV[k + 1]
		k = k + 2
		table.insert(fields, name)
		table.insert(fields, value)
		if name == 'idem' then
			idem = value
		end
		if name == 'idem' and k > last then
			if batch_was_before then
				return 0
			end
		elseif name == 'idem' then
			-- uses: outbox, idempotency
			local had = idempotency_begin(id, value, k, last)
			batch_was_before = had
			if had then
				index() -- the first mail may be one of these
				return idempotency_answer(had, k, last, at)
			end
			break
		elseif name == 'scheduled_at' then
			scheduled_at = tonumber(value)
		elseif name == 'expires_at' then
			expires_at = value
		elseif name == 'cc' then
			cc = value
		elseif name == 'bcc' then
			bcc = value
		elseif name == 'list' then
			mail_list = value
		end
	end
	local told, nobody
	if suppresses then
		-- uses: suppressed, refuse
		local m = {id = id, at = at, idem = idem, to = scheduled_at and
			scheduled_at > at and 'scheduled' or 'queued',
			addresses = mailbox_addresses(ARGV[i + 1], cc, bcc)}
		m.found = suppressed_find(m.addresses, mail_list, at)
		if m.found then
			told, nobody = refuse_some(m, fields)
		end
		if nobody then
			refuse_all(m, fields, entry)
			return {'suppressed', 0, at, told}
		end
	end
	if expires_at then
		call('ZADD', 'jobs:expiring', expires_at, id)
	end
	if scheduled_at and scheduled_at > at then
		-- uses: schedule
		local answer = schedule(id, fields, at, scheduled_at)
		return told and {'suppressed', scheduled_at, at, told} or answer
	end
	call('HSET', key, unpack(fields))
	entry_tell(id, nil, entry)
	list[len + 1], list[len + 2] = text, id
	len = len + 2
	return told and {'suppressed', at, at, told} or at
end

local answers, n = {}, 0
i = 1
while ARGV[i] do
	local fine, answer = pcall(accept, i)
	n = n + 1
	answers[n] = fine and answer or
		type(answer) == 'table' and answer or {err = answer}
	i = i + 6 + ARGV[i + 5]
end
index()
if at % 64 == 0 then -- now and then, as there may be no sweeper
	-- uses: events
	call('XTRIM', 'job_events', 'MAXLEN', '~', EVENTS_MAX)
end
return answers

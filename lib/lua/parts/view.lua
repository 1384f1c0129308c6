-- SPDX-License-Identifier: MIT
-- A job as others see it.
-- uses: history

local SHOWN = {'id', 'status', 'reason', 'seq', 'attempt', 'retry_count',
	'unknown_count', 'owner', 'claim_seq', 'lease_until', 'next_at',
	'give_up_at', 'expires_at', 'created_at', 'updated_at', 'last_error',
	'last_code', 'last_reply', 'to', 'subject', 'from', 'recipients', 'cc',
	'bcc', 'reply_to', 'tags', 'metadata', 'scheduled_at', 'priority',
	'paced', 'list'}

-- The history of a job that has come to `seq`, and how many are not kept.
local function history_read(key, seq)
	local names, omitted = {}, math.max(seq - HISTORY_FIRST - HISTORY_LAST, 0)
	for i = 1, seq do
		if i <= HISTORY_FIRST or i > seq - HISTORY_LAST then
			table.insert(names, 'h' .. i)
		end
	end
	if seq == 0 then
		return names, omitted
	end
	return redis.call('HMGET', key, unpack(names)), omitted
end

-- All but the payload, and the history; nil when there is no such job.
local function job_show(id)
	local key = 'job:' .. id
	local values = redis.call('HMGET', key, unpack(SHOWN))
	if not values[2] then
		return nil
	end
	values[1] = id
	values[15] = values[15] or values[14] -- updated_at: since created_at
	-- recipients who were suppressed are kept as refused (suppressed.lua)
	values[22] = values[22] and string.gsub(values[22],
		'"refused","code":0,"reply":"suppressed: ',
		'"suppressed","code":0,"reply":"suppressed: ')
	local fields = {}
	for i = 1, #SHOWN do
		if values[i] then
			table.insert(fields, SHOWN[i])
			table.insert(fields, values[i])
		end
	end
	local history, omitted = history_read(key, tonumber(values[4]) or 0)
	if omitted > 0 then
		table.insert(fields, 'history_omitted')
		table.insert(fields, string.format('%d', omitted))
	end
	return {fields, history}
end

-- SPDX-License-Identifier: MIT
-- A mail's time is over. One that may have been sent is for a person.

-- `m` as for job_move; `reason` is the job's so far.
local function expire(m, reason, keep)
	local doubtful = reason == 'outcome_unknown'
	m.to, m.keep = doubtful and 'unknown' or 'failed', tonumber(keep)
	m.message = doubtful and 'Expired before it could be sent again' or
		'Expired before it could be sent'
	table.insert(m.fields, 'reason')
	table.insert(m.fields, doubtful and reason or 'expired')
	return m
end

-- `j` as for job_move.
local function job_expire(j, keep)
	local reason
	reason, j.idem = unpack(redis.call('HMGET', 'job:' .. j.id, 'reason',
		'idem'))
	job_move(j, expire({fields = {}}, reason, keep))
end

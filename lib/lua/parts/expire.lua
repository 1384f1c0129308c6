-- SPDX-License-Identifier: MIT
-- A mail's time is over. One that may have been sent is for a person, whatever
-- was said to later attempts.

-- `m` as for job_move; `unknown_count` is the job's.
local function expire(m, unknown_count, keep)
	local doubtful = tonumber(unknown_count or 0) > 0
	m.to, m.keep = doubtful and 'unknown' or 'failed', tonumber(keep)
	m.message = doubtful and 'Expired before it could be sent again' or
		'Expired before it could be sent'
	table.insert(m.fields, 'reason')
	table.insert(m.fields, doubtful and 'outcome_unknown' or 'expired')
	return m
end

-- `j` as for job_move.
local function job_expire(j, keep)
	local unknown_count
	unknown_count, j.idem = unpack(redis.call('HMGET', 'job:' .. j.id,
		'unknown_count', 'idem'))
	job_move(j, expire({fields = {}}, unknown_count, keep))
end

-- SPDX-License-Identifier: MIT
-- The one door (job_move) through which a job changes. What it costs is how
-- many calls, arguments, closures and calls of C there are.
-- uses: history, entry

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
	local key, seq = 'job:' .. id, int(j.seq)
	local entry = entry_text(seq, to, j.at, m.message, m.extra)
	if from then
		fields[#fields + 1] = 'updated_at'
		fields[#fields + 1] = int(j.at)
	end
	call('HSET', key, 'status', to, 'seq', seq, 'h' .. seq, '{' .. entry,
		unpack(fields))
	if j.seq > HISTORY_FIRST + HISTORY_LAST then
		call('HDEL', key, 'h' .. int(j.seq - HISTORY_LAST))
	end
	entry_tell(id, m.last_error, entry)
	if from ~= to then
		if from then
			index('ZREM', 'jobs:status:' .. from, id)
		end
		index('ZADD', 'jobs:status:' .. to, j.created_at, id)
	end
	if m.keep then
		if j.idem then
			local record = 'idem:' .. j.idem
			local known = call('HMGET', record, ':ttl', ':left')
			local left = known[2] -- of a batch
			if left and from ~= 'unknown' then -- that counted as over
				left = call('HINCRBY', record, ':left', -1)
			end
			if not left or tonumber(left) <= 0 then
				call('PEXPIRE', record, known[1] or 0)
			end
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

-- SPDX-License-Identifier: MIT
-- The end of a pause: see pause.lua.
-- uses: parked

-- Up to `limit` jobs whose pause is over go back to the outbox, as entries of
-- `score`; how many.
local function pause_unpark(limit, at, score)
	local names, n = redis.call('SMEMBERS', 'parked'), 0
	for _, name in ipairs(names) do
		local index = 'parked:' .. name
		if redis.call('HEXISTS', 'paused', name) == 0 then
			for _, id in ipairs(redis.call('ZRANGE', index, 0,
				limit - n - 1)) do
				local j = job_read(id, 'status', 'next_at', 'parked')
				if j.parked == name and not is_over(j.status) and
					j.status ~= 'processing' then
					redis.call('ZADD', 'outbox', 'NX', score,
						outbox_entry(id, j.next_at))
					redis.call('ZADD', 'jobs:due',
						int(at + LOOK_AGAIN), id)
				end
				redis.call('HDEL', 'job:' .. id, 'parked')
				redis.call('ZREM', index, id)
				n = n + 1
			end
			if redis.call('EXISTS', index) == 0 then
				redis.call('SREM', 'parked', name)
			end
		end
		if n >= limit then
			break
		end
	end
	return n
end

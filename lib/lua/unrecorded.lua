#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- unrecorded: jobs that have changed since they were recorded, those first that
-- wait longest. One recorder at a time, by a lock: others would only do the
-- same work again.
-- ARGV: owner, lock time (ms), limit
-- Returns {} when another records, else {how many there are, job...}.
-- uses: view
local holder = redis.call('GET', 'recorder:lock')
if holder and holder ~= ARGV[1] then
	return {}
end
redis.call('SET', 'recorder:lock', ARGV[1], 'PX', ARGV[2])
local answer = {redis.call('ZCARD', 'record:dirty')}
for _, id in ipairs(redis.call('ZRANGE', 'record:dirty', 0, ARGV[3] - 1)) do
	local job = job_show(id)
	if job then
		answer[#answer + 1] = job
	else -- Redis has lost it: there is nothing to record
		redis.call('ZREM', 'record:dirty', id)
	end
end
return answer

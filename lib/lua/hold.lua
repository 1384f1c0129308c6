#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- hold: of a store that went back in time, what waits may have been sent since:
-- it is left for a person. What was accepted after all that the workers know
-- was not.
-- ARGV: limit, keep (ms, unknown). Returns how many.
-- uses: time, record, move
local at, held, until_ms = now_ms(), 0, 0
for _, ms in ipairs(redis.call('HVALS', 'store:asked')) do
	until_ms = math.max(until_ms, tonumber(ms))
end
until_ms = until_ms > 0 and until_ms or at

local function hold(id, status)
	local j = job_read(id, 'seq', 'created_at', 'next_at', 'idem')
	if status == 'scheduled' and tonumber(j.next_at or 0) > at then
		return
	end
	job_move({id = id, status = status, seq = (j.seq or 0) + 1, at = at,
		created_at = j.created_at or int(at), idem = j.idem}, {
		to = 'unknown', keep = tonumber(ARGV[2]),
		message = 'Held: Redis went back in time, it may have been sent',
		fields = {'reason', 'restored'}})
	held = held + 1
end

for _, status in ipairs({'queued', 'scheduled', 'retrying', 'processing'}) do
	for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'jobs:status:' .. status,
		'-inf', int(until_ms), 'LIMIT', 0, ARGV[1])) do
		hold(id, status)
	end
end
return held

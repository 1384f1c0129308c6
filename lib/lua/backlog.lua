#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- backlog: what waits and for how long, at a price that does not depend on how
-- many there are.
-- ARGV: statuses to count
-- Returns {jobs queued, age of the oldest, hints in the outbox, age of the
-- oldest, jobs that wait to be recorded, age of the oldest, suppressions, how
-- many of each status...}; ages in ms.
-- uses: time
local now = now_ms()

local function backlog(key)
	local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
	return redis.call('ZCARD', key),
		oldest and math.max(0, now - tonumber(oldest)) or 0
end

local queued, queued_for = backlog('jobs:status:queued')
local outbox, outbox_for = backlog('outbox')
local unrecorded, unrecorded_for = backlog('record:dirty')
local answer = {queued, queued_for, outbox, outbox_for, unrecorded,
	unrecorded_for, redis.call('ZCARD', 'suppressions')}
for _, status in ipairs(ARGV) do
	answer[#answer + 1] = redis.call('ZCARD', 'jobs:status:' .. status)
end
return answer

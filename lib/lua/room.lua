#!lua
-- SPDX-License-Identifier: MIT
-- room: whether a job would be taken now. A Redis that is full, or cannot write,
-- refuses this script as it refuses `accept`.
-- Returns how many percent of maxmemory are used; 0: there is no limit.
local memory = redis.call('INFO', 'memory')
local most = tonumber(memory:match('maxmemory:(%d+)'))
if not most or most == 0 then
	return 0
end
return math.floor(100 * tonumber(memory:match('used_memory:(%d+)')) / most)

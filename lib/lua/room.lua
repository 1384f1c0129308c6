#!lua
-- SPDX-License-Identifier: MIT
-- room: whether a job would be taken now. A Redis that is full, or cannot write,
-- refuses this script as it refuses `accept`.
-- Returns {how many percent of maxmemory are used (0: there is no limit), what
-- the operator has paused: name, since...}.
-- uses: agree
redis.call('SET', RECORD_MINE, 1, 'PX', 60000)
local memory = redis.call('INFO', 'memory')
local most = tonumber(memory:match('maxmemory:(%d+)'))
local used = tonumber(memory:match('used_memory:(%d+)'))
local paused = redis.call('HGETALL', 'paused')
return {most > 0 and math.floor(100 * used / most) or 0, unpack(paused)}

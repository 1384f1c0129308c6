-- SPDX-License-Identifier: MIT
-- How far the lanes' queues have come, from what the workers say of themselves.
-- A lane's queue is first in, first out: what came into it before the newest
-- message that any worker was brought for the first time has been brought, too;
-- of that they have left to do what came from their oldest waiting one on.

local LANES = {'normal', 'high', 'bulk'} -- as in lib/lane.h

local function lanes_new(at)
	local lanes = {}
	for _, lane in ipairs(LANES) do
		lanes[lane] = {newest = 0, waits = at}
	end
	return lanes
end

-- `about`: what a worker's lease holds.
local function lanes_hear(lanes, about)
	for name, lane in pairs(lanes) do
		local newest, waits = string.match(about, name == 'normal' and
			'^(%d+) (%d+)' or ' ' .. name .. ' (%d+) (%d+)')
		lane.newest = math.max(lane.newest, tonumber(newest or 0))
		if (tonumber(waits) or 0) > 0 then
			lane.waits = math.min(lane.waits, tonumber(waits))
		end
	end
end

-- ARGV from `i` on, of each lane: how many messages its queue has (-1: nobody
-- knows), how long ago (ms) it was seen empty (-1: it was not). `queue:lanes`
-- tells the first of it, and how long its messages wait.
local function lanes_measured(lanes, at, i)
	for k, name in ipairs(LANES) do
		local lane = lanes[name]
		local depth, empty_for = ARGV[i + 2 * k - 2], ARGV[i + 2 * k - 1]
		if tonumber(empty_for) >= 0 then
			lane.newest = math.max(lane.newest, at - empty_for)
		end
		if tonumber(depth) >= 0 then
			local lag = depth ~= '0' and lane.newest > 0 and
				at - lane.newest or 0
			redis.call('HSET', 'queue:lanes', name, depth .. ' ' .. int(lag))
		end
	end
end

-- What came into the job's lane before this is done with; false: nobody knows.
local function lanes_frontier(lanes, priority)
	local lane = lanes[priority] or lanes.normal
	return lane.newest > 0 and math.min(lane.newest, lane.waits)
end

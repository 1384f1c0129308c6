-- SPDX-License-Identifier: MIT
-- Several jobs in one call: each has `width` arguments and a reply of its own,
-- and what one of them runs into does not touch the others. What they move
-- between the indexes is gathered: one call for each index.

local gathered = {ZREM = {}, ZADD = {}}

-- In the place of redis.call for job_move: ZREM key id, ZADD key score id.
local function group_index(command, key, first, second)
	local list = gathered[command][key]
	if not list then
		list = {}
		gathered[command][key] = list
	end
	list[#list + 1] = first
	list[#list + 1] = second
end

local function group(width, one)
	local replies = {}
	for i = 1, #ARGV, width do
		local fine, answer = pcall(one, unpack(ARGV, i, i + width - 1))
		if not fine and type(answer) ~= 'table' then
			answer = redis.error_reply('ERR ' .. answer)
		end
		replies[#replies + 1] = answer
	end
	for command, indexes in pairs(gathered) do
		for key, list in pairs(indexes) do
			redis.call(command, key, unpack(list))
		end
	end
	return replies
end

-- SPDX-License-Identifier: MIT
-- The outbox: hints that the broker has not confirmed, each for one time that
-- a job is due. What is there for another time than the job's is out of date.

local function outbox_entry(id, next_at)
	return id .. ' ' .. next_at
end

local function outbox_add(id, next_at, at)
	redis.call('ZADD', 'outbox', int(at), outbox_entry(id, int(next_at)))
end

local function outbox_drop(id, next_at)
	local entry = outbox_entry(id, next_at)
	redis.call('ZREM', 'outbox', entry)
	redis.call('HDEL', 'outbox:tries', entry) -- the sweeper's
end

-- SPDX-License-Identifier: MIT
-- The fields of a job by their names.

local function job_read(id, ...)
	local list, map = redis.call('HMGET', 'job:' .. id, ...), {}
	for i, name in ipairs({...}) do
		map[name] = list[i] or nil
	end
	return map
end

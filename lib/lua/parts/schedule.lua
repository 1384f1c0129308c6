-- SPDX-License-Identifier: MIT

-- A new mail that waits for its time; `fields` are those of one that does not.
local function schedule(id, fields, at, scheduled_at)
	local call, text = redis.call, int(scheduled_at)
	local entry = entry_text('1', 'scheduled', at, 'Job scheduled')
	for _, v in ipairs({'status', 'scheduled', 'h1', '{' .. entry, 'next_at',
		text}) do
		table.insert(fields, v)
	end
	call('HSET', 'job:' .. id, unpack(fields))
	entry_tell(id, nil, entry)
	call('ZADD', 'jobs:created', int(at), id)
	call('ZADD', 'jobs:status:scheduled', int(at), id)
	-- record: call('ZADD', 'record:dirty', 'NX', int(at), id)
	call('ZADD', 'jobs:due', int(scheduled_at + LOOK_AGAIN), id)
	call('ZADD', 'outbox', int(at), id .. ' ' .. text)
	return {'scheduled', scheduled_at, at}
end

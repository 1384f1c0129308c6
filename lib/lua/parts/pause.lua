-- SPDX-License-Identifier: MIT
-- What the operator has paused: `paused` has since when, by '*' (all mail) or a
-- recipient's domain. A mail that is held for a domain leaves the queue: its id
-- is in `parked:<domain>` until the pause is over (sweep gives it back), and
-- `parked` names these indexes.
-- uses: parked

-- Addresses of recipients that still wait.
local function pause_waiting(payload, results)
	local settled, waiting = {}, {}
	local fine, list = pcall(cjson.decode, results or '')
	for _, one in ipairs(fine and type(list) == 'table' and list or {}) do
		settled[one.address] = one.state ~= 'waiting'
	end
	local json, mail = string.match(payload, '^[^%z]*'), nil
	fine, mail = pcall(cjson.decode, json)
	if not fine or type(mail) ~= 'table' then
		return waiting
	end
	for _, field in ipairs({'to', 'cc', 'bcc'}) do
		local boxes = mail[field]
		for _, box in ipairs(type(boxes) == 'table' and boxes or {boxes}) do
			local address = string.match(box, '<([^<>]*)>$') or box
			if not settled[address] then
				waiting[#waiting + 1] = address
			end
		end
	end
	return waiting
end

-- The pause that holds this job, if any: a mail waits while one of its
-- recipients is of a paused domain.
local function pause_of(key)
	local names = redis.call('HKEYS', 'paused')
	local payload, results = unpack(redis.call('HMGET', key, 'payload',
		'recipients'))
	for _, name in ipairs(names) do
		if name == '*' then
			return name
		end
		if string.find(payload or '', '@' .. name, 1, true) then
			for _, address in ipairs(pause_waiting(payload, results)) do
				if string.match(address, '@([^@]*)$') == name then
					return name
				end
			end
		end
	end
end

local function pause_hold(id, key, created_at, at)
	local name = pause_of(key)
	if name and name ~= '*' then
		redis.call('SADD', 'parked', name)
		redis.call('ZADD', 'parked:' .. name, created_at, id)
		redis.call('HSET', key, 'parked', name)
		redis.call('ZADD', 'jobs:due', int(at + PARKED_LOOK), id)
	end
	return name
end

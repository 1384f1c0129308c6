-- SPDX-License-Identifier: MIT
-- A new mail with recipients who are not sent to; `fields` are those of one
-- that has none. Where nobody is left it is over at once.
-- uses: status, record, move

-- `m`: id, at, found (suppressed_find of `addresses`), addresses, to (its status
-- unless nobody is left), idem. Adds to `fields`; what is told, its status and
-- JSON of whom it is not for; and whether nobody is left.
local function refuse_some(m, fields)
	local results, told = {}, {}
	for i, address in ipairs(m.addresses) do
		local s = m.found[i]
		results[i] = s and suppressed_result(address, s) or
			'{"address":' .. cjson.encode(address) ..
			',"state":"waiting","code":0,"reply":null}'
		if s then
			told[#told + 1] = '{"address":' .. cjson.encode(address) ..
				',"reason":"' .. s[1] .. '","list":' ..
				(s[2] == '*' and 'null' or cjson.encode(s[2])) .. '}'
		end
	end
	local nobody = #told == #m.addresses
	local text = (nobody and 'failed' or m.to) .. ' [' ..
		table.concat(told, ',') .. ']'
	-- There are results before an attempt: claim looks for them.
	for _, v in ipairs({'attempt', '0', 'recipients',
		'[' .. table.concat(results, ',') .. ']', 'suppressed', text}) do
		fields[#fields + 1] = v
	end
	return text, nobody
end

-- Failed, like any mail that is: accepted first.
local function refuse_all(m, fields, entry)
	local message = 'Suppressed: none of its recipients is to be sent to'
	local at = int(m.at)
	redis.call('ZADD', 'jobs:created', at, m.id)
	entry_tell(m.id, nil, entry)
	fields[2], fields[4] = 'failed', '2' -- status, seq
	for _, v in ipairs({'reason', 'suppressed', 'last_error', message,
		'last_code', '0', 'updated_at', at}) do
		fields[#fields + 1] = v
	end
	job_move({id = m.id, seq = 2, at = m.at, created_at = at, idem = m.idem},
		{to = 'failed', fields = fields, message = message,
		last_error = message, extra = ',"code":0,"error":' ..
		cjson.encode(message),
		keep = tonumber(redis.call('GET', 'suppressions:keep') or 604800000)})
end

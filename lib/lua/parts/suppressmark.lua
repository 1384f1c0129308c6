-- SPDX-License-Identifier: MIT
-- uses: suppressed

-- The results of a job's recipients (JSON, or none yet) with those in it, as
-- suppressed, who wait and are not to be sent to (any more).
local function suppressed_mark(key, results, at)
	local to, cc, bcc, list = unpack(redis.call('HMGET', key, 'to', 'cc',
		'bcc', 'list'))
	local known, had = {}, ''
	if results and results ~= '' then
		for _, r in ipairs(cjson.decode(results)) do
			known[r.address] = r.state
		end
		had = string.sub(results, 2, -2)
	end
	local addresses = {}
	for _, address in ipairs(mailbox_addresses(to, cc, bcc)) do
		if (known[address] or 'waiting') == 'waiting' then
			addresses[#addresses + 1] = address
		end
	end
	local found, more = suppressed_find(addresses, list, at), {}
	for i, address in ipairs(addresses) do
		if found and found[i] then
			more[#more + 1] = suppressed_result(address, found[i])
		end
	end
	if #more == 0 then
		return results
	end
	return '[' .. had .. (had ~= '' and ',' or '') ..
		table.concat(more, ',') .. ']'
end

#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- suppressions: a page of the list, newest first, at a price that does not
-- depend on how many there are. Of a search only so many are looked at: a page
-- may be short, and another one follow.
-- ARGV: '1' (those that were taken back) or '0', address or '', domain or '',
--       list or '' ('*': those of all mail), reason or '', behind (the number of
--       the last page's end, 0: from the newest on), limit, look at most
-- Returns {how many there are in all, the end's number if there are more (0:
-- there are none), each as JSON...}.
-- uses: time, suppressed, suppression
local at = now_ms()
local removed, address, domain = ARGV[1] == '1', string.lower(ARGV[2]), ARGV[3]
local list, reason = ARGV[4], ARGV[5]
local index = removed and 'suppressions:removed' or 'suppressions'
local limit, look = tonumber(ARGV[7]), tonumber(ARGV[8])
local page = {redis.call('ZCARD', index), 0}

local function fits(has_address, has_list, has_reason)
	return (address == '' or address == has_address) and
		(domain == '' or string.match(has_address, '@(.*)$') == domain) and
		(list == '' or list == has_list) and
		(reason == '' or reason == has_reason)
end

-- Its text, if it is one that is asked for.
local function suppression_shown(member)
	if removed then
		local s = cjson.decode(member)
		local has_list = s.list ~= cjson.null and s.list or '*'
		return fits(s.address, has_list, s.reason) and member
	end
	local a, l, r = string.match(member, '^(%S+) (%S+) (%S+)$')
	local s = fits(a, l, r) and suppression_all(a)[l .. ' ' .. r]
	return s and suppression_lives(s, at) and
		suppression_text(a, l .. ' ' .. r, s)
end

-- An address has few: they are found by it.
local function page_of_address()
	local found = {}
	for scope in pairs(suppression_all(address)) do
		local member = address .. ' ' .. scope
		local number = redis.call('ZSCORE', index, member)
		table.insert(found, {tonumber(number or 0), member})
	end
	table.sort(found, function(a, b) return a[1] > b[1] end)
	for _, one in ipairs(found) do
		local text = suppression_shown(one[2])
		if text then
			page[#page + 1] = text
		end
	end
	return page
end

if address ~= '' and not removed then
	return page_of_address()
end
local members = redis.call('ZREVRANGEBYSCORE', index,
	ARGV[6] == '0' and '+inf' or '(' .. ARGV[6], '-inf', 'WITHSCORES',
	'LIMIT', 0, look + 1)
for i = 1, #members, 2 do
	if #page - 2 == limit or i > 2 * look then
		page[2] = tonumber(members[i - 1])
		break
	end
	local text = suppression_shown(members[i])
	if text then
		page[#page + 1] = text
	end
end
return page

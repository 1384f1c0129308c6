-- SPDX-License-Identifier: MIT
-- Who is not sent to. `suppressed` (hash) has of each address, in lower case,
-- JSON: by "<list> <reason>" ("*": all mail) what is against it, all of it text.

local SUPPRESS_REASONS = {'complaint', 'unsubscribe', 'manual', 'hard_bounce'}

local function suppression_lives(s, at)
	return s.expires == '' or tonumber(s.expires) > at
end

-- The reason that counts most of those against mail of `list`, and the list
-- that it is for ('*': all mail); nil: none is.
local function suppression_reason(text, list, at)
	local all = cjson.decode(text)
	for _, reason in ipairs(SUPPRESS_REASONS) do
		for _, scope in ipairs({'*', list or nil}) do
			local s = all[scope .. ' ' .. reason]
			if s and suppression_lives(s, at) then
				return reason, scope
			end
		end
	end
end

-- The addresses of `...`, JSON lists of mailboxes ("Ann <a@b.c>").
local function mailbox_addresses(...)
	local addresses = {}
	for i = 1, select('#', ...) do
		local text = select(i, ...)
		if text and text ~= '' then
			for _, box in ipairs(cjson.decode(text)) do
				table.insert(addresses,
					string.match(box, '<([^<>]*)>$') or box)
			end
		end
	end
	return addresses
end

-- Of each address, in its place, {reason, list}; nil when there is none.
local function suppressed_find(addresses, list, at)
	local keys, found = {}, nil
	for i, address in ipairs(addresses) do
		keys[i] = string.lower(address)
	end
	if #keys == 0 then
		return nil
	end
	local texts = redis.call('HMGET', 'suppressed', unpack(keys))
	for i = 1, #keys do
		local reason, scope
		if texts[i] then
			reason, scope = suppression_reason(texts[i], list, at)
		end
		if reason then
			found = found or {}
			found[i] = {reason, scope}
		end
	end
	return found
end

-- Kept as refused, which workers of before the list leave out, too.
local function suppressed_result(address, s)
	return '{"address":' .. cjson.encode(address) ..
		',"state":"refused","code":0,"reply":"suppressed: ' .. s[1] ..
		(s[2] == '*' and '' or ', list ' .. s[2]) .. '"}'
end

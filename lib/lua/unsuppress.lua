#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- unsuppress: takes suppressions of an address back. They stay in the list of
-- those that were: who did it, and when.
-- ARGV: address (normal form), list ('': any, '*': those of all mail), reason
--       ('': any), by whom
-- Returns those that were taken back, as JSON.
-- uses: time, suppressed, suppression
local at, address = now_ms(), string.lower(ARGV[1])
local all, scopes, removed = suppression_all(address), {}, {}

for scope in pairs(all) do
	local list, reason = string.match(scope, '^(%S+) (%S+)$')
	if (ARGV[2] == '' or ARGV[2] == list) and
		(ARGV[3] == '' or ARGV[3] == reason) then
		table.insert(scopes, scope)
	end
end
table.sort(scopes)
for _, scope in ipairs(scopes) do
	local lives = suppression_lives(all[scope], at)
	local text = suppression_drop(address, all, scope,
		lives and ARGV[4] or 'expiry', at)
	if lives then
		table.insert(removed, text)
	end
end
return removed

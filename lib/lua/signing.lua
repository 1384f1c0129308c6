#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- signing: the domains that workers have DKIM keys for.
-- Returns of each such worker its domains, with blanks between them.
local list = {}

for _, owner in ipairs(redis.call('SMEMBERS', 'owners')) do
	list[#list + 1] = redis.call('GET', 'dkim:' .. owner) or nil
end
return list

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- follow: the operator said so: this store, by a new id, takes the place of the
-- one it was and of those that workers know.
-- ARGV: new id
local id = redis.call('GET', 'store:id')
if id == ARGV[1] then
	return 1
end
if id then
	redis.call('SADD', 'store:follows', id)
end
for _, known in ipairs(redis.call('HKEYS', 'store:asked')) do
	redis.call('SADD', 'store:follows', known)
end
redis.call('DEL', 'store:asked')
redis.call('SET', 'store:id', ARGV[1])
return 1

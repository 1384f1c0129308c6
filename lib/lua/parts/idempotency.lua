-- SPDX-License-Identifier: MIT
-- The record of an Idempotency-Key, `idem:<record>`: the first mail's id, how
-- long it lives once that mail is over, and a digest of each of its fields.

-- The first field that is not as the first mail had it, in the order in which
-- this request has them; then one that only the first mail had.
local function idempotency_difference(had)
	for i = 8, #ARGV, 2 do
		local name = ARGV[i]
		if had[name] ~= ARGV[i + 1] then
			return name
		end
		had[name] = nil
	end
	return (next(had))
end

-- The answer to a request whose key was used before; else nil, and this one
-- is the first.
local function idempotency_begin(at)
	local key, had = 'idem:' .. ARGV[6], {}
	local list = redis.call('HGETALL', key)
	if #list == 0 then
		redis.call('HSET', key, ':id', ARGV[1], ':ttl', ARGV[7],
			unpack(ARGV, 8))
		return nil
	end
	for i = 1, #list, 2 do
		had[list[i]] = list[i + 1]
	end
	local id = had[':id']
	had[':id'], had[':ttl'] = nil, nil
	local difference = idempotency_difference(had)
	if difference then
		return {'differs', id, difference}
	end
	local created_at, next_at = unpack(redis.call('HMGET', 'job:' .. id,
		'created_at', 'next_at'))
	local waits = next_at and
		redis.call('ZSCORE', 'outbox', outbox_entry(id, next_at))
	return {'again', id, created_at and at - created_at or 0, waits and 1 or 0}
end

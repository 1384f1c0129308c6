-- SPDX-License-Identifier: MIT
-- The record of an Idempotency-Key, `idem:<record>`: the first mail's id, how
-- long it lives once that mail is over, and a digest of each of its fields.
-- ARGV[k] is how long, from `k + 1` to `last` are (field, digest)...

-- What the record has of an earlier mail; else nil, and this one is the first.
local function idempotency_begin(id, record, k, last)
	local key, had = 'idem:' .. record, {}
	local list = redis.call('HGETALL', key)
	if #list == 0 then
		redis.call('HSET', key, ':id', id, ':ttl', unpack(ARGV, k, last))
		return nil
	end
	for n = 1, #list, 2 do
		had[list[n]] = list[n + 1]
	end
	return had
end

-- The first field that is not as the first mail had it, in the order in which
-- this request has them; then one that only the first mail had.
local function idempotency_difference(had, k, last)
	for n = k + 1, last, 2 do
		local name = ARGV[n]
		if had[name] ~= ARGV[n + 1] then
			return name
		end
		had[name] = nil
	end
	return (next(had))
end

local function idempotency_answer(had, k, last, at)
	local id = had[':id']
	had[':id'], had[':ttl'] = nil, nil
	local difference = idempotency_difference(had, k, last)
	if difference then
		return {'differs', id, difference}
	end
	local created_at, next_at = unpack(redis.call('HMGET', 'job:' .. id,
		'created_at', 'next_at'))
	local waits = next_at and
		redis.call('ZSCORE', 'outbox', outbox_entry(id, next_at))
	return {'again', id, created_at and at - created_at or 0, waits and 1 or 0}
end

-- SPDX-License-Identifier: MIT
-- The record of an Idempotency-Key, `idem:<record>`: the first mail's id, how
-- long it lives once that mail is over, and a digest of each of its fields.
-- `i` is where the mail begins in the ARGV of accept.

-- What the record has of an earlier mail; else nil, and this one is the first.
local function idempotency_begin(i)
	local key, had = 'idem:' .. ARGV[i + 6], {}
	local list = redis.call('HGETALL', key)
	if #list == 0 then
		redis.call('HSET', key, ':id', ARGV[i], ':ttl', ARGV[i + 7],
			unpack(ARGV, i + 8, i + 5 + ARGV[i + 5]))
		return nil
	end
	for k = 1, #list, 2 do
		had[list[k]] = list[k + 1]
	end
	return had
end

-- The first field that is not as the first mail had it, in the order in which
-- this request has them; then one that only the first mail had.
local function idempotency_difference(had, i)
	for k = i + 8, i + 5 + ARGV[i + 5], 2 do
		local name = ARGV[k]
		if had[name] ~= ARGV[k + 1] then
			return name
		end
		had[name] = nil
	end
	return (next(had))
end

local function idempotency_answer(had, i, at)
	local id = had[':id']
	had[':id'], had[':ttl'] = nil, nil
	local difference = idempotency_difference(had, i)
	if difference then
		return {'differs', id, difference}
	end
	local created_at, next_at = unpack(redis.call('HMGET', 'job:' .. id,
		'created_at', 'next_at'))
	local waits = next_at and
		redis.call('ZSCORE', 'outbox', outbox_entry(id, next_at))
	return {'again', id, created_at and at - created_at or 0, waits and 1 or 0}
end

-- SPDX-License-Identifier: MIT
-- The record of an Idempotency-Key, `idem:<record>`: the first mail's id, how
-- long it lives once that mail is over, and a digest of each of its fields. Of a
-- batch: a field for each mail, "[0]", with all its digests ("to=..,body=..,");
-- `:ids` of those that were accepted, and `:left`, how many are not over.
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

-- Mail `name` of a batch, and its first field that is not as it was.
local function idempotency_place(name, was, is)
	local digests = {}
	for field, digest in string.gmatch(was or '', '([^=,]*)=(%x+)') do
		digests[field] = digest
	end
	if digests[''] then -- it had faults
		return name
	end
	for field, digest in string.gmatch(was and is or '', '([^=,]*)=(%x+)') do
		if digests[field] ~= digest then
			return field == '' and name or name .. '.' .. field
		end
		digests[field] = nil
	end
	local field = next(digests)
	return field and name .. '.' .. field or name
end

-- The first field that is not as the first mail had it, in the order in which
-- this request has them; then one that only the first mail had, of a batch the
-- first mail.
local function idempotency_difference(had, k, last)
	local left
	for n = k + 1, last, 2 do
		local name, was, is = ARGV[n], had[ARGV[n]], ARGV[n + 1]
		if string.sub(name, 1, 1) ~= ':' and was ~= is then
			return string.sub(name, 1, 1) == '[' and
				idempotency_place(name, was, is) or name
		end
		had[name] = nil
	end
	for name in pairs(had) do
		if not left or #name < #left or #name == #left and name < left then
			left = name
		end
	end
	return left
end

-- Whether the broker's confirm of one of them is not known; and of each whom it
-- was not for, '' of most.
local function idempotency_waits(ids)
	local waits, suppressed = 0, {}
	for id in string.gmatch(ids, '%S+') do
		local next_at, told = unpack(redis.call('HMGET', 'job:' .. id,
			'next_at', 'suppressed'))
		if waits == 0 and next_at and
			redis.call('ZSCORE', 'outbox', outbox_entry(id, next_at)) then
			waits = 1
		end
		suppressed[#suppressed + 1] = told or ''
		suppressed.any = suppressed.any or told
	end
	return waits, suppressed.any and suppressed
end

local function idempotency_answer(had, k, last, at)
	local id, ids = had[':id'], had[':ids']
	had[':id'], had[':ttl'], had[':ids'], had[':left'] = nil, nil, nil, nil
	local difference = idempotency_difference(had, k, last)
	if difference then
		return {'differs', id, difference}
	end
	local created_at = redis.call('HGET', 'job:' .. id, 'created_at')
	local waits, suppressed = idempotency_waits(ids or id)
	return {'again', id, created_at and at - created_at or 0, waits,
		ids or suppressed and '' or nil, suppressed or nil}
end

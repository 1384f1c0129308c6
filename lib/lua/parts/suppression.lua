-- SPDX-License-Identifier: MIT
-- The list of suppressions: `suppressions` (zset) has "<address> <list>
-- <reason>" by a number that grows, which is its id, too; those with an end are
-- in `suppressions:expiring` by it; what was taken back is in
-- `suppressions:removed`, JSON by a further number.
-- uses: entry

local SUPPRESSIONS_REMOVED = 10000 -- kept in Redis

local function json_or_null(text)
	return text and text ~= '' and cjson.encode(text) or 'null'
end

local function time_or_null(ms)
	return ms and ms ~= '' and '"' .. rfc3339(tonumber(ms)) .. '"' or 'null'
end

-- As the API shows it and the record has it. `scope`: "<list> <reason>".
local function suppression_text(address, scope, s)
	local list, reason = string.match(scope, '^(%S+) (%S+)$')
	return '{"object":"suppression","id":"' .. s.id ..
		'","address":' .. cjson.encode(address) ..
		',"list":' .. json_or_null(list ~= '*' and list) ..
		',"reason":"' .. reason .. '","reply":' .. json_or_null(s.reply) ..
		',"job_id":' .. json_or_null(s.job) ..
		',"occurred_at":' .. time_or_null(s.at) ..
		',"created_at":' .. time_or_null(s.created) ..
		',"created_by":' .. json_or_null(s.by) ..
		',"expires_at":' .. time_or_null(s.expires) ..
		',"removed_at":' .. time_or_null(s.removed) ..
		',"removed_by":' .. json_or_null(s.remover) .. '}'
end

local function suppression_all(address)
	local text = redis.call('HGET', 'suppressed', address)
	return text and cjson.decode(text) or {}
end

local function suppression_store(address, all)
	if next(all) then
		redis.call('HSET', 'suppressed', address, cjson.encode(all))
	else
		redis.call('HDEL', 'suppressed', address)
	end
end

local function suppression_changed(text)
	-- record: redis.call('RPUSH', 'suppressions:unrecorded', text)
	-- record: do return text end
	redis.call('DEL', 'suppressions:mirrored')
	return text
end

-- Takes one back, which stays in the list of those.
local function suppression_drop(address, all, scope, by, at)
	local s, member = all[scope], address .. ' ' .. scope
	s.removed, s.remover = int(at), by
	local text = suppression_text(address, scope, s)
	all[scope] = nil
	suppression_store(address, all)
	redis.call('ZREM', 'suppressions', member)
	redis.call('ZREM', 'suppressions:expiring', member)
	redis.call('ZADD', 'suppressions:removed',
		redis.call('INCR', 'suppressions:last'), text)
	redis.call('ZREMRANGEBYRANK', 'suppressions:removed', 0,
		-1 - SUPPRESSIONS_REMOVED)
	return suppression_changed(text)
end

-- Those whose time is over, a few at a time.
local function suppressions_expire(at, limit)
	for _, member in ipairs(redis.call('ZRANGEBYSCORE',
		'suppressions:expiring', '-inf', int(at), 'LIMIT', 0, limit)) do
		local address, scope = string.match(member, '^(%S+) (%S+ %S+)$')
		local all = suppression_all(address)
		if all[scope] then
			suppression_drop(address, all, scope, 'expiry', at)
		else
			redis.call('ZREM', 'suppressions:expiring', member)
		end
	end
end

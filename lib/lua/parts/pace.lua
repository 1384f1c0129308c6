-- SPDX-License-Identifier: MIT
-- How fast mail may go: a bucket for all of it ('*') and one for each domain
-- that has a limit. A bucket holds a second's mails and one more, in tokens; a
-- lane leaves some of them to those that go before it. A mail that finds none
-- gets a turn: the next place in its lane's line. When that has come it takes a
-- token before all that come later; if it finds none then, it gets another turn.
-- A line moves by what its lane's share of the rate is, so no more mails come
-- back in a second than can go. `pace:<name>` (hash): tokens, at, rate, held
-- (ms that a mail was in hand lately), and until when each lane's line reaches.
-- `pace:in:<name>`: what is in hand, by when it was claimed.
local PACE_WEIGHTS = {high = 8, normal = 4, bulk = 1} -- as in lib/lane.c
local PACE_LEAVES = {high = 0, normal = 0.25, bulk = 0.5} -- of a second's mails
local PACE_SLACK = 1.02 -- a line is so much slower than tokens come
local PACE_LONGEST = 1800000 -- ms: it is asked again, the rate may be another
local PACE_HELD = 1000 -- ms, until one is seen
local PACE_HELD_MAX = 60000

local function pace_read(name, rate, most, at)
	local kept = redis.call('HMGET', 'pace:' .. name, 'tokens', 'at', 'rate',
		'held', 'high', 'normal', 'bulk')
	local was = tonumber(kept[3] or rate)
	local b = {name = name, rate = rate, most = most, tokens = rate + 1,
		held = tonumber(kept[4] or PACE_HELD), lines = {}}
	if kept[1] then
		b.tokens = math.min(b.tokens, tonumber(kept[1]) +
			math.max(at - tonumber(kept[2]), 0) * rate / 1000)
	end
	for i, lane in ipairs({'high', 'normal', 'bulk'}) do
		local till = tonumber(kept[4 + i] or at)
		if was ~= rate and was > 0 and rate > 0 and till > at then
			till = at + (till - at) * was / rate
		end
		b.lines[lane] = till
	end
	return b
end

local function pace_write(b, at)
	local till = at
	for _, line in pairs(b.lines) do
		till = math.max(till, line)
	end
	local key, full = 'pace:' .. b.name, b.rate > 0 and 1000 / b.rate or 0
	redis.call('HSET', key, 'tokens', string.format('%.6f', b.tokens), 'at',
		int(at), 'rate', tostring(b.rate), 'held', string.format('%.3f', b.held),
		'high', string.format('%.3f', b.lines.high),
		'normal', string.format('%.3f', b.lines.normal),
		'bulk', string.format('%.3f', b.lines.bulk))
	redis.call('PEXPIRE', key, int(math.ceil(till - at + full + 3600000)))
end

-- Whether fewer than `most` are in hand. Nobody says when one is not any more:
-- its job does.
local function pace_has_place(b, at)
	local key = 'pace:in:' .. b.name
	local n, youngest = redis.call('ZCARD', key), 0
	if n < b.most then
		return true
	end
	local list = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
	for i = 1, #list, 2 do
		local since = tonumber(list[i + 1])
		local status, ended = unpack(redis.call('HMGET', 'job:' .. list[i],
			'status', 'updated_at'))
		if status == 'processing' then
			youngest = math.max(youngest, since)
		else
			redis.call('ZREM', key, list[i])
			n = n - 1
			b.held = b.held + (math.max((ended or at) - since, 1) - b.held) / 4
		end
	end
	if n >= b.most then
		b.held = math.max(b.held, at - youngest)
	end
	b.held = math.min(b.held, PACE_HELD_MAX)
	return n < b.most
end

-- The next place in the lane's line.
local function pace_line(b, lane, at)
	local every, share = 0, PACE_WEIGHTS[lane]
	if b.rate > 0 then
		every = PACE_SLACK * 1000 / b.rate
	end
	if b.most > 0 then
		every = math.max(every, b.held / b.most)
	end
	for other, till in pairs(b.lines) do
		if other ~= lane and till > at then
			share = share + PACE_WEIGHTS[other]
		end
	end
	b.lines[lane] = math.max(b.lines[lane], at) +
		every * share / PACE_WEIGHTS[lane]
	return b.lines[lane]
end

-- Whether the mail may go now: then its tokens are taken, in all its buckets or
-- in none. Else its turn, in ms. `spec`: "name/mails a second/mails in hand"
-- for each bucket, blanks between; 0: no limit.
local function pace_ask(id, key, spec, at)
	local priority, paced = unpack(redis.call('HMGET', key, 'priority',
		'paced'))
	local lane = PACE_WEIGHTS[priority] and priority or 'normal'
	local turn, of = string.match(paced or '', '^(%d+) (.*)$')
	turn = tonumber(turn)
	if turn and turn > at and of == spec then
		return turn
	end
	local buckets, go, till = {}, true, at
	for name, rate, most in string.gmatch(spec, '(%S+)/(%S+)/(%S+)') do
		local b = pace_read(name, tonumber(rate), tonumber(most), at)
		b.free = (turn and turn <= at or b.lines[lane] <= at) and
			(b.rate == 0 or b.tokens >= 1 + PACE_LEAVES[lane] * b.rate) and
			(b.most == 0 or pace_has_place(b, at))
		go = go and b.free
		buckets[#buckets + 1] = b
	end
	for _, b in ipairs(buckets) do
		if not go and not b.free then
			till = math.max(till, pace_line(b, lane, at))
		elseif go and b.rate > 0 then
			b.tokens = b.tokens - 1
		end
		if go and b.most > 0 then
			redis.call('ZADD', 'pace:in:' .. b.name, int(at), id)
			redis.call('PEXPIRE', 'pace:in:' .. b.name, '86400000')
		end
		pace_write(b, at)
	end
	if not go then
		return math.max(math.ceil(till), at + 1)
	elseif paced then
		redis.call('HDEL', key, 'paced')
	end
end

-- nil: it goes. Else when its message is to come back; it is noted, as by
-- postpone.
local function pace_hold(id, key, spec, at)
	local turn = pace_ask(id, key, spec, at)
	if not turn then
		return
	end
	local back = int(math.min(turn, at + PACE_LONGEST))
	redis.call('HSET', key, 'paced', int(turn) .. ' ' .. spec, 'published_at',
		back)
	redis.call('ZADD', 'jobs:due', int(back + LOOK_AGAIN), id)
	return tonumber(back)
end

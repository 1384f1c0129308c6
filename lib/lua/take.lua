#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- take: what a key may do, for a process to have in hand and to use up there.
-- Requests come out of a bucket that holds `rate` of them and is filled anew in
-- `period`; mails out of the day's quota (UTC). Sent twice, it takes twice:
-- what is lost with an answer is a twentieth of a second's requests, and a
-- thousandth of a day's mails.
-- ARGV: id, rate, period (ms), requests wanted, quota, mails wanted; of a
--       limit that the key does not have 0
-- Returns {requests, those left, ms until the bucket is full, ms until the next
-- one; mails, those left, ms until the next day}.
-- uses: time
local call = redis.call
local id, at = ARGV[1], now_ms()
local rate, period, wanted = tonumber(ARGV[2]), tonumber(ARGV[3]),
	tonumber(ARGV[4])
local quota, mails = tonumber(ARGV[5]), tonumber(ARGV[6])
local DAY = 86400000
local answer = {0, 0, 0, 0, 0, 0, DAY - at % DAY}

if wanted > 0 then
	local key = 'key:rate:' .. id
	local kept = call('HMGET', key, 'tokens', 'at')
	local tokens = rate
	if kept[1] then
		tokens = math.min(rate, tonumber(kept[1]) +
			math.max(at - tonumber(kept[2]), 0) * rate / period)
	end
	local taken = math.min(math.floor(tokens), wanted)
	tokens = tokens - taken
	call('HSET', key, 'tokens', string.format('%.6f', tokens), 'at', int(at))
	call('PEXPIRE', key, int(period + 1000)) -- full by then
	answer[1], answer[2] = taken, math.floor(tokens)
	answer[3] = math.ceil((rate - tokens) * period / rate)
	answer[4] = math.ceil((1 - (tokens - math.floor(tokens))) * period / rate)
end
if mails > 0 then
	local key = 'key:mails:' .. id .. ':' .. int((at - at % DAY) / DAY)
	local left = math.max(quota - tonumber(call('GET', key) or 0), 0)
	local taken = math.min(left, mails)
	if taken > 0 then
		call('INCRBY', key, int(taken))
		call('PEXPIRE', key, int(2 * DAY))
	end
	answer[5], answer[6] = taken, left - taken
end
return answer

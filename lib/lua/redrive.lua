#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- redrive: many mails that have failed, or whose outcome is unknown, are to be
-- tried again, at a rate. This notes which, and counts them; redriving does it.
-- ARGV: begin, id, status, reason ('': any), since, until (ms of created_at),
--       domain ('': any), rate (mails/s), dry run (0/1), jobs to look at
--       or show | cancel, id
-- Returns {field, value...}: state (dry_run | running | done | cancelled), count,
-- is_estimate, started_at, done, skipped, rate, sample (ids); nil: no such one.
-- uses: time, record, redrive
local id = ARGV[2]
local key = 'redrive:' .. id
local KEPT = 604800000 -- ms that one is known after its end
if ARGV[1] == 'show' or ARGV[1] == 'cancel' then
	if redis.call('EXISTS', key) == 0 then
		return nil
	end
	if ARGV[1] == 'cancel' and redis.call('ZREM', 'redrives', id) == 1 then
		redis.call('HSET', key, 'state', 'cancelled')
		redis.call('PEXPIRE', key, KEPT)
	end
	return redis.call('HGETALL', key)
end
if redis.call('EXISTS', key) == 1 then -- this very call once more
	return redis.call('HGETALL', key)
end

local r = {status = ARGV[3], reason = ARGV[4], score = ARGV[5],
	before = '(' .. ARGV[6], domain = ARGV[7], last = '',
	started_at = int(now_ms())}
local index, count, estimate = 'jobs:status:' .. r.status, 0, 0
local sample, limit = {}, tonumber(ARGV[10])
local list = redis.call('ZRANGEBYSCORE', index, r.score, r.before, 'LIMIT', 0,
	limit)
for _, job in ipairs(list) do
	if redrive_wants(r, job) then
		count = count + 1
		if #sample < 10 then
			sample[#sample + 1] = job
		end
	end
end
if #list == limit then -- of the rest as many, at most
	count = count + redis.call('ZCOUNT', index, r.score, r.before) - limit
	estimate = 1
end
local fields = {'state', ARGV[9] == '1' and 'dry_run' or 'running', 'status',
	r.status, 'reason', r.reason, 'score', r.score, 'before', r.before,
	'domain', r.domain, 'last', '', 'rate', ARGV[8], 'started_at',
	r.started_at, 'count', int(count), 'is_estimate', int(estimate), 'done',
	'0', 'skipped', '0', 'sample', table.concat(sample, ' ')}
if ARGV[9] ~= '1' then
	redis.call('HSET', key, unpack(fields))
	redis.call('ZADD', 'redrives', r.started_at, id)
end
return fields

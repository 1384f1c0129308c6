#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- owned: what an owner holds, for the replay of its journal.
-- ARGV: owner, limit
-- Returns {id, claim_seq, ...}; ids that it does not hold (any more) are
-- taken out of its set.
-- uses: record
local owner = ARGV[1]
local key = 'owned:' .. owner
local list = {}

for _, id in ipairs(redis.call('SRANDMEMBER', key, ARGV[2])) do
	local j = job_read(id, 'status', 'owner', 'claim_seq')
	if j.status == 'processing' and j.owner == owner then
		table.insert(list, id)
		table.insert(list, tonumber(j.claim_seq))
	else
		redis.call('SREM', key, id)
	end
end
if #list == 0 and redis.call('SCARD', key) == 0 and
	redis.call('EXISTS', 'worker:' .. owner) == 0 then
	redis.call('SREM', 'owners', owner)
end
return list

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- owned: what an owner holds, for the replay of its journal. It is looked for
-- among all that is processing, which is as many as workers have in hand.
-- ARGV: owner, limit
-- Returns {id, claim_seq, to, results, ...}; an owner without a job or a lease
-- is forgotten.
-- uses: record
local owner, limit = ARGV[1], 4 * ARGV[2]
local list = {}

for _, id in ipairs(redis.call('ZRANGE', 'jobs:status:processing', 0, -1)) do
	local j = job_read(id, 'owner', 'claim_seq', 'to', 'recipients')
	if j.owner == owner and #list < limit then
		table.insert(list, id)
		table.insert(list, tonumber(j.claim_seq))
		table.insert(list, j.to or '')
		table.insert(list, j.recipients or '')
	end
end
if #list == 0 and redis.call('EXISTS', 'worker:' .. owner) == 0 then
	redis.call('SREM', 'owners', owner)
end
return list

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- proof: which claims of a journal Redis has no outcome of: those that became
-- unknown, and those later than all that the job knows, of a store that went
-- back in time.
-- ARGV: owner, the store was restored (0/1),
--       (id, claim_seq, the relay took it (0/1))...
-- Returns {id, claim_seq, to, results, ...} of these.
-- uses: time, record
local TOMBSTONE = 86400000 -- ms
local owner, restored, at = ARGV[1], ARGV[2] == '1', now_ms()
local list = {}

for i = 3, #ARGV, 3 do
	local id, claim_seq, taken = ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1'
	local j = job_read(id, 'status', 'seq', 'unknown_claims', 'to',
		'recipients')
	local back = j.status and tonumber(claim_seq) > tonumber(j.seq)
	local unknown = string.find(j.unknown_claims or '',
		'(' .. owner .. ' ' .. claim_seq .. ')', 1, true)
	if not j.status and restored and taken then
		-- What is left of it in a queue must not bring it back.
		redis.call('ZADD', 'jobs:tombstones', 'GT', int(at + TOMBSTONE),
			id)
	elseif taken and unknown or back and (taken or restored) then
		for _, v in ipairs({id, tonumber(claim_seq), j.to or '',
			j.recipients or ''}) do
			table.insert(list, v)
		end
	end
end
return list

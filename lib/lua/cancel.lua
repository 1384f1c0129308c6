#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- cancel: a mail that no worker has claimed is not sent from now on.
-- ARGV: id, keep (ms)
-- Returns {'done', status}; {'refused', status} when it is too late; nil when
-- there is no such job.
-- uses: time, status, record, move, adopt, outbox
local id = ARGV[1]
job_adopt(id, tonumber(ARGV[2]))
local j = job_read(id, 'status', 'seq', 'created_at', 'next_at', 'idem')
if not j.status then
	return nil
elseif j.status == 'cancelled' then
	return {'done', j.status}
elseif is_over(j.status) or j.status == 'processing' then
	return {'refused', j.status}
end
outbox_drop(id, j.next_at)
j.id, j.seq, j.at = id, j.seq + 1, now_ms()
job_move(j, {to = 'cancelled', keep = tonumber(ARGV[2]),
	message = 'Cancelled before it was sent',
	fields = {'reason', '', 'payload', ''}})
return {'done', 'cancelled'}

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- reschedule: a mail that waits for its time gets another one.
-- ARGV: id, keep (ms; for a job of the older system that is adopted here),
--       scheduled_at (ms), expires_at (ms; 0: as it was)
-- Returns as retry.
-- uses: time, status, record, move, adopt, outbox, change
local id, to = ARGV[1], tonumber(ARGV[3])
job_adopt(id, tonumber(ARGV[2]))
local at = now_ms()
local j = job_read(id, 'status', 'seq', 'created_at', 'next_at', 'latest_at',
	'expires_at', 'scheduled_at')
if not j.status then
	return nil
elseif j.status ~= 'scheduled' then
	return {'refused', j.status}
end
j.id, j.at = id, at
to = math.max(to, at)
local expires_at = tonumber(ARGV[4])
if expires_at == 0 then
	expires_at = tonumber(j.expires_at or 0)
end
if expires_at > 0 and expires_at <= to then
	return {'expired', j.status}
end
if j.scheduled_at == ARGV[3] and
	tonumber(j.expires_at or 0) == expires_at then
	return change_done(j) -- as it is
end
outbox_drop(id, j.next_at)
local fields = {'scheduled_at', ARGV[3]}
change_time(j, to, fields)
if expires_at > 0 then
	change_expiry(j, expires_at, fields)
end
job_move({id = id, status = j.status, seq = j.seq + 1, at = at,
	created_at = j.created_at}, {to = 'scheduled', due = to + LOOK_AGAIN,
	message = 'Scheduled for another time', fields = fields})
outbox_add(id, to, at)
return change_done(j)

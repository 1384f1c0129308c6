#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- retry: a mail that has failed, or whose outcome is unknown, is tried again.
-- ARGV: id, keep (ms; for a job of the older system that is adopted here), a
--       word that is the same at each repetition of this call, expires_at (ms;
--       0: as it was)
-- Returns {'done', status, next_at, now, expires_at, payload or '', results,
-- priority};
-- {'refused', status}, {'expired', status} or {'no_payload', status} when it
-- cannot be; nil when there is no such job.
-- uses: time, status, record, move, adopt, outbox, change, revive
local id = ARGV[1]
job_adopt(id, tonumber(ARGV[2]))
local at = now_ms()
local j = revive_read(id, at)
if not j.status then
	return nil
elseif j.revived == ARGV[3] then -- this very call once more
	return change_done(j)
end
return revive(j, {word = ARGV[3], next_at = at,
	expires_at = tonumber(ARGV[4]), message = 'Tried again by request'})

#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- show: one job as it is, fields and history of the same moment.
-- ARGV: id, keep (ms; for a job of the older system that is adopted here)
-- Returns nil, or {{field, value, ...}, {history entry JSON, ...}}.
-- uses: time, move, adopt, view
local id = ARGV[1]
job_adopt(id, tonumber(ARGV[2]))
return job_show(id)

-- SPDX-License-Identifier: MIT
-- Whether jobs are recorded (DATABASE_URL), as each program says it to the others:
-- all at a Redis must say the same.

local RECORD_MINE, RECORD_OTHER = 'record:without', 'record:with'
-- record: RECORD_MINE, RECORD_OTHER = RECORD_OTHER, RECORD_MINE

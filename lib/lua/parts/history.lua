-- SPDX-License-Identifier: MIT
-- A job's history is the fields h<seq> of its hash: the first and the last stay.

local HISTORY_FIRST, HISTORY_LAST = 5, 45

-- SPDX-License-Identifier: MIT

local PARKED_LOOK = 3600000 -- ms: a parked job has no hint, and needs none

#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- suppressed: whether one of these is not to be sent to (any more).
-- ARGV: the mail's list or '', addresses
-- Returns 1 or 0.
-- uses: time, suppressed
local addresses = {unpack(ARGV, 2)}
return suppressed_find(addresses, ARGV[1] ~= '' and ARGV[1] or nil,
	now_ms()) and 1 or 0

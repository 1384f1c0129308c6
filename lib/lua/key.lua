#!lua flags=no-writes
-- SPDX-License-Identifier: MIT
-- key: an API key, if it lives.
-- ARGV: id
-- Returns nil, or {field, value...}.
-- uses: key
return key_live(ARGV[1])

-- SPDX-License-Identifier: MIT

local function is_over(status)
	return status == 'completed' or status == 'failed' or
		status == 'unknown' or status == 'cancelled'
end

-- SPDX-License-Identifier: MIT
-- wrk's script: posts one mail again and again, at most argument 1 times (0:
-- without end), and ends with one line of JSON.
local body = '{"to":"ada.reader@example.com","subject":"Your order 4711",'
	.. '"body":"' .. string.rep('It has left our warehouse today.\\n', 32)
	.. '"}'
local left

function init(args)
	left = tonumber(args[1])
	wrk.method = 'POST'
	wrk.headers['Content-Type'] = 'application/json'
	wrk.body = body
end

if os.getenv('POST_AT_MOST') == 'yes' then
	function request()
		left = left - 1
		if left == 0 then
			wrk.thread:stop()
		end
		return wrk.format()
	end
end

function done(summary, latency, requests)
	local errors = summary.errors
	io.write(string.format('\n{"requests":%d,"seconds":%.6f,"errors":%d,'
		.. '"p50_ms":%.3f,"p99_ms":%.3f}\n', summary.requests,
		summary.duration / 1e6, errors.connect + errors.read +
		errors.write + errors.status + errors.timeout,
		latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end

-- SPDX-License-Identifier: MIT
-- wrk's script: posts one mail again and again, and ends with a line of JSON.
-- Its arguments: how many bytes of text the mail has, and of choice how many of
-- it are in a request, as a list.
local line = 'It has left our warehouse today.\\n'

function init(args)
	wrk.method = 'POST'
	wrk.headers['Content-Type'] = 'application/json'
	wrk.body = '{"to":"ada.reader@example.com","subject":"Your order 4711",'
		.. '"body":"' .. string.rep(line, math.ceil(args[1] / #line))
		.. '"}'
	if args[2] then -- on the queue that single mails are on
		wrk.body = string.gsub(wrk.body, '}$', ',"priority":"normal"}')
		wrk.body = '[' .. string.rep(wrk.body .. ',', args[2] - 1)
			.. wrk.body .. ']'
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

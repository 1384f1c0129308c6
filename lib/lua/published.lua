#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- published: the broker confirmed hints. Each leaves the outbox with the time
-- that it was for; what is to be published for a newer one stays.
-- ARGV: (id, next_at)...
-- uses: outbox
local entries = {}
for i = 1, #ARGV, 2 do
	entries[#entries + 1] = outbox_entry(ARGV[i], ARGV[i + 1])
end
if #entries > 0 and redis.call('ZREM', 'outbox', unpack(entries)) > 0 and
	redis.call('EXISTS', 'outbox:tries') == 1 then
	redis.call('HDEL', 'outbox:tries', unpack(entries))
end
return 1

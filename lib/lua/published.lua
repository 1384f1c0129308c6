#!lua flags=allow-oom
-- SPDX-License-Identifier: MIT
-- published: the broker confirmed a hint. It leaves the outbox if nothing
-- newer is to be published for the job.
-- ARGV: (id, next_at)...
for i = 1, #ARGV, 2 do
	local id, for_time = ARGV[i], ARGV[i + 1]
	local next_at = redis.call('HGET', 'job:' .. id, 'next_at')
	if next_at == for_time then
		redis.call('HSET', 'job:' .. id, 'published_for', for_time)
	end
	if not next_at or next_at == for_time then
		redis.call('ZREM', 'outbox', id)
		redis.call('HDEL', 'outbox:tries', id)
	end
end
return 1

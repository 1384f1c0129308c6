-- SPDX-License-Identifier: MIT
-- Settling an attempt that did not end in a sent mail: every script that does
-- so begins with ARGV id, owner, claim_seq.

-- `answer` is set when there is nothing to do, else `j` has the counts. `back`: a
-- claim later than all that a waiting job knows is its own, too: the store has
-- gone back in time.
local function settle_mine(step, back)
	local s = settle_open(step, now_ms(), ARGV[1], ARGV[2], ARGV[3])
	local mine = s.mine or back and s.status and not is_over(s.status) and
		s.status ~= 'processing' and tonumber(ARGV[3]) >= s.seq
	s.answer = s.repeated or
		(not mine and {'lost', s.status or '', 0}) or nil
	if not s.answer then
		s.j = job_read(s.id, 'give_up_at', 'attempt', 'retry_count',
			'unknown_count', 'unknown_claims', 'next_at', 'expires_at',
			'priority')
	end
	return s
end

local function is_expired(s)
	return s.j.expires_at and s.at >= tonumber(s.j.expires_at)
end

-- The job waits for another attempt at `next_at`: a hint is to be published;
-- unless its time is over (`keep`: ms that it is kept then).
-- Never the same time again: it would be the same entry of the outbox.
local function settle_wait(s, m, next_at, keep)
	if is_expired(s) then
		-- uses: expire
		settle_move(s, expire(m, s.j.unknown_count, keep))
		return {'settled', m.to, 0}
	end
	next_at = math.max(next_at, (s.j.next_at or 0) + 1)
	m.due = next_at + LOOK_AGAIN
	table.insert(m.fields, 'next_at')
	table.insert(m.fields, int(next_at))
	settle_move(s, m)
	outbox_add(s.id, next_at, s.at)
	return {'settled', m.to, next_at, s.j.priority or ''}
end

-- One failed attempt's words for the history; `about` is more JSON of it.
local function failure(code, text, about)
	return ',"code":' .. code .. ',"error":' .. cjson.encode(text) ..
		(about or '')
end

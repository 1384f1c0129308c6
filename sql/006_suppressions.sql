-- SPDX-License-Identifier: MIT
-- Who was not to be written to, for what, from when to when; Redis decides, this
-- tells later how it came to be. One row each time that an address went on the
-- list for a reason. Times are ms since 1970 (UTC).
CREATE TABLE suppression (
	address     byte_text NOT NULL, -- in its normal form, in lower case
	list        byte_text NOT NULL, -- '' = all mail
	reason      byte_text NOT NULL, -- unsubscribe, hard_bounce, complaint, manual
	created_at  BIGINT NOT NULL,
	created_by  byte_text NOT NULL, -- an API key's id, or worker
	occurred_at BIGINT NOT NULL,    -- the evidence: when,
	reply       TEXT NOT NULL,      -- what was said,
	job_id      byte_text NOT NULL, -- of which mail
	expires_at  BIGINT NOT NULL,    -- 0 = never
	removed_at  BIGINT NOT NULL,    -- 0 = it stands
	removed_by  byte_text NOT NULL, -- an API key's id, or expiry
	PRIMARY KEY (address, list, reason, created_at)
);

-- The list of people that a mail went to, '' = none.
ALTER TABLE job ADD COLUMN list byte_text NOT NULL DEFAULT '';

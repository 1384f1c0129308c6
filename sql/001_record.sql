-- SPDX-License-Identifier: MIT
-- The record: what became of every mail, kept when Redis has let it go. Written
-- from the jobs' states in Redis, never in the way of accepting or sending.
-- The common subset of SQLite and PostgreSQL. Times are ms since 1970 (UTC).
-- Who was written to about what, and what the relay said; never a mail's body.
--
-- Lists are read newest first by (created_at, id), from where the last page
-- ended: each index below ends in these two, so that a page costs the same
-- however many rows there are. Nothing refers to anything by a foreign key: one
-- writer writes a job with all its rows in one transaction.

-- One row a mail: what GET /api/emails/{id} shows. `seq` is the job's seq of
-- which this row is a picture; a row is written only over a lower one.
CREATE TABLE job (
	id            byte_text PRIMARY KEY,
	seq           BIGINT NOT NULL,
	status        byte_text NOT NULL,
	reason        byte_text NOT NULL,
	sender        TEXT NOT NULL, -- From as asked for, '' = default
	addressed     TEXT NOT NULL, -- the addresses, a JSON list
	subject       TEXT NOT NULL,
	attempts      INTEGER NOT NULL,
	retry_count   INTEGER NOT NULL,
	unknown_count INTEGER NOT NULL,
	last_code     INTEGER NOT NULL, -- the relay's last reply
	last_error    TEXT NOT NULL,
	next_at       BIGINT NOT NULL,
	created_at    BIGINT NOT NULL,
	updated_at    BIGINT NOT NULL,
	results       TEXT NOT NULL, -- of the recipients, a JSON list
	history       TEXT NOT NULL  -- its entries, a JSON list
);

CREATE INDEX job_created ON job (created_at, id);
CREATE INDEX job_status ON job (status, created_at, id);
CREATE INDEX job_reason ON job (reason, created_at, id) WHERE reason <> '';

-- One row a recipient of the envelope.
CREATE TABLE recipient (
	job_id     byte_text NOT NULL,
	address    byte_text NOT NULL, -- in its normal form
	domain     byte_text NOT NULL, -- of the address
	state      byte_text NOT NULL, -- waiting, taken, refused
	code       INTEGER NOT NULL,   -- the relay's last reply to it, 0: none
	reply      TEXT NOT NULL,
	PRIMARY KEY (job_id, address)
);

-- One row an attempt that came to an end.
CREATE TABLE attempt (
	job_id   byte_text NOT NULL,
	seq      BIGINT NOT NULL,    -- of the change that ended it
	attempt  INTEGER NOT NULL,   -- the job's first is 1
	began_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	outcome  byte_text NOT NULL, -- the job's status from then on
	code     INTEGER NOT NULL,   -- the relay's reply, 0: none
	reply    TEXT NOT NULL,      -- its words, or what went wrong
	PRIMARY KEY (job_id, seq)
);

-- One row a term that a mail is found by: a recipient's address, its domain as
-- "@example.com", a word of the subject in lower case. One index for all.
CREATE TABLE term (
	term       byte_text NOT NULL,
	created_at BIGINT NOT NULL, -- the job's
	job_id     byte_text NOT NULL,
	PRIMARY KEY (term, created_at, job_id)
);

-- How many in each minute: accepted, sent, retried, failed, unknown. Of those
-- sent by how long it took from accepting to the relay's 250: `delay` is the
-- shortest of its class in ms (worker/tally.c), 0 of the others.
CREATE TABLE tally (
	minute BIGINT NOT NULL, -- ms since 1970, a multiple of 60 000
	what   byte_text NOT NULL,
	delay  BIGINT NOT NULL,
	count  BIGINT NOT NULL,
	PRIMARY KEY (minute, what, delay)
);

-- SPDX-License-Identifier: MIT
-- The record: what became of every mail, kept when Redis has let it go. Written
-- from the jobs' states in Redis, never in the way of accepting or sending.
-- The common subset of SQLite and PostgreSQL. Times are ms since 1970 (UTC).

-- Which migrations have been applied, in order; never downgraded.
CREATE TABLE schema_migration (
	version    INTEGER PRIMARY KEY, -- the NNN of the file's name
	applied_at BIGINT NOT NULL
);

-- One row a mail. `seq` is the job's seq of which this row is a picture: a row
-- is written only over a lower one.
CREATE TABLE job (
	id            VARCHAR(64) PRIMARY KEY,
	seq           BIGINT NOT NULL,
	status        VARCHAR(16) NOT NULL,
	reason        VARCHAR(32) NOT NULL DEFAULT '',
	sender        TEXT NOT NULL DEFAULT '', -- From as asked for, '' = default
	subject       TEXT NOT NULL DEFAULT '',
	attempts      INTEGER NOT NULL DEFAULT 0,
	retry_count   INTEGER NOT NULL DEFAULT 0,
	unknown_count INTEGER NOT NULL DEFAULT 0,
	last_code     INTEGER NOT NULL DEFAULT 0,
	last_error    TEXT NOT NULL DEFAULT '',
	created_at    BIGINT NOT NULL,
	updated_at    BIGINT NOT NULL
);

-- Newest first, whole or of one status; the id settles equal times.
CREATE INDEX job_created ON job (created_at, id);
CREATE INDEX job_status_created ON job (status, created_at, id);

-- One row a recipient of the envelope.
CREATE TABLE recipient (
	job_id  VARCHAR(64) NOT NULL REFERENCES job (id) ON DELETE CASCADE,
	address VARCHAR(254) NOT NULL,
	domain  VARCHAR(254) NOT NULL, -- of the address, lower case
	state   VARCHAR(16) NOT NULL,  -- waiting, taken, refused
	code    INTEGER NOT NULL DEFAULT 0,
	reply   TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (job_id, address)
);

CREATE INDEX recipient_address ON recipient (address, job_id);
CREATE INDEX recipient_domain ON recipient (domain, job_id);

-- The job's history, entry by entry: what it was, when and why.
CREATE TABLE history (
	job_id  VARCHAR(64) NOT NULL REFERENCES job (id) ON DELETE CASCADE,
	seq     BIGINT NOT NULL,
	status  VARCHAR(16) NOT NULL,
	at      BIGINT NOT NULL,
	message TEXT NOT NULL DEFAULT '',
	attempt INTEGER, -- of an entry that began one
	code    INTEGER, -- the relay's
	reply   TEXT,    -- its words, or the error
	PRIMARY KEY (job_id, seq)
);

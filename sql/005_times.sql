-- SPDX-License-Identifier: MIT
-- When a mail is to be sent, and until when it is tried: ms since 1970 (UTC), 0 =
-- it has none. Its lane, '' = normal.
ALTER TABLE job ADD COLUMN scheduled_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN give_up_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN priority TEXT NOT NULL DEFAULT '';

-- SPDX-License-Identifier: MIT
-- What only some mails have, as the sender gave it: JSON, '' = it has none. A
-- mail is found by its tags, too: each is a row of `term` as "name:value", and
-- "name:" for any value (no word and no address has a colon).
ALTER TABLE job ADD COLUMN cc TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN bcc TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN reply_to TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN metadata TEXT NOT NULL DEFAULT '';

-- SPDX-License-Identifier: MIT
-- What 001_record.sql needs of PostgreSQL: texts that are compared byte by
-- byte, as Redis and SQLite do. (To SQLite the name is just a kind of TEXT.)
CREATE DOMAIN byte_text AS TEXT COLLATE "C";

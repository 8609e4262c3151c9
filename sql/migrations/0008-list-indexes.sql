-- Lists of a domain with 100,000 mailboxes: a page in any order is read off an index, and a search reads the index alone
-- until a row matches.
--
-- postreeve_search holds what a search compares, the address and the name, as the weights of utf8mb4_unicode_ci: where
-- these do not contain the weights of what is looked for, no comparison of that collation finds it. It sifts, and the
-- comparison itself decides about what is left; a value of 1024 octets may be cut, and passes. It is stored, because the database
-- checks a row inside an index, before it fetches it, by stored columns only. So the table is copied: some 15 seconds per million
-- mailboxes, during which nobody writes to it.
-- postreeve_name is the name in the order of people. Both are computed by the database, so Postfix Admin and anybody's SQL
-- keep them, too; and they are invisible: who says SELECT * or gives no list of columns does not meet them.
ALTER TABLE mailbox
  ADD COLUMN IF NOT EXISTS postreeve_search varbinary(1024) AS (LEFT(CONCAT(
    WEIGHT_STRING(CONVERT(username USING utf8mb4) COLLATE utf8mb4_unicode_ci),
    WEIGHT_STRING(CONVERT(name USING utf8mb4) COLLATE utf8mb4_unicode_ci)), 1024)) STORED INVISIBLE,
  ADD COLUMN IF NOT EXISTS postreeve_name varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
    AS (CONVERT(name USING utf8mb4)) STORED INVISIBLE,
  ADD INDEX IF NOT EXISTS postreeve_search (domain, username, postreeve_search),
  ADD INDEX IF NOT EXISTS postreeve_name (domain, postreeve_name),
  ADD INDEX IF NOT EXISTS postreeve_quota (domain, quota);

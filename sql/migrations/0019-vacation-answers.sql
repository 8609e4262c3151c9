-- An answer while one is away is a row, a letter out, and the row again. A program that ends in between (a crash, a
-- power cut) would either answer twice or never: so the row says how far it came, and for which letter. Rows that
-- Postfix Admin's vacation.pl writes have answered.
ALTER TABLE vacation_notification
  ADD COLUMN letter char(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  ADD COLUMN stage tinyint NOT NULL DEFAULT 2;

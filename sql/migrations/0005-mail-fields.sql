-- An alias may answer for a while only: an address on a poster, for a fair, for a former colleague. Unix seconds,
-- because look-ups compare it with UNIX_TIMESTAMP() whatever time zone a daemon's connection has; NULL is for ever. Postfix Admin
-- does not know the column and leaves it alone.
ALTER TABLE alias ADD COLUMN answers_until bigint DEFAULT NULL;

-- How Postfix spells a smart host: the key by which it asks for its log-in and its TLS must be that very text. Computed
-- by the database, so that it cannot differ from the host and the port; invisible to who gives no list of columns.
ALTER TABLE postreeve_relay
  ADD COLUMN IF NOT EXISTS nexthop varchar(300) AS (CONCAT('[', host, ']:', port)) STORED INVISIBLE,
  ADD INDEX IF NOT EXISTS nexthop (nexthop);

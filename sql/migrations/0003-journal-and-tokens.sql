-- The log as a chain, the states it can go back to, tokens of the API, and requests that were answered already.

-- Records are chained by hash, so that one that was changed, removed or moved is found. One chain would make every
-- writer wait for the one before; so there are 64, and a writer takes one that nobody holds. Each chain's head is here.
CREATE TABLE IF NOT EXISTS postreeve_log_chain (
  chain smallint NOT NULL,
  link bigint NOT NULL DEFAULT 0,
  record int NOT NULL DEFAULT 0,
  hash char(64) NOT NULL DEFAULT '',
  PRIMARY KEY (chain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO postreeve_log_chain (chain)
  WITH RECURSIVE n (chain) AS (SELECT 0 UNION ALL SELECT chain + 1 FROM n WHERE chain < 63) SELECT chain FROM n;

-- undone_by is the one column that changes later, and no part of the hash.
ALTER TABLE log
  ADD COLUMN chain smallint DEFAULT NULL,
  ADD COLUMN link bigint DEFAULT NULL,
  ADD COLUMN previous int DEFAULT NULL,
  ADD COLUMN hash char(64) DEFAULT NULL,
  ADD COLUMN hash_key char(8) DEFAULT NULL,
  ADD COLUMN image bigint DEFAULT NULL,
  ADD COLUMN undoes int DEFAULT NULL,
  ADD COLUMN undone_by int DEFAULT NULL,
  ADD UNIQUE KEY chain_link (chain, link),
  ADD KEY target (data(191));

-- Rows as they were before a change, by table, as JSON objects of their columns. `image` is random and named by the
-- log's record; kept for a configured time.
CREATE TABLE IF NOT EXISTS postreeve_image (
  id bigint NOT NULL AUTO_INCREMENT,
  image bigint NOT NULL,
  part varchar(32) NOT NULL,
  created datetime NOT NULL,
  content longtext NOT NULL,
  PRIMARY KEY (id),
  KEY image (image, part),
  KEY created (created)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Only the SHA-256 of a token is here.
CREATE TABLE IF NOT EXISTS postreeve_token (
  id bigint NOT NULL AUTO_INCREMENT,
  digest char(64) NOT NULL,
  username varchar(255) NOT NULL,
  account enum('admin','mailbox') NOT NULL,
  name varchar(128) NOT NULL,
  scopes text NOT NULL,
  domains mediumtext NOT NULL,
  allowed_networks text NOT NULL,
  expires bigint DEFAULT NULL,
  created datetime NOT NULL,
  last_used datetime DEFAULT NULL,
  last_source varchar(64) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  UNIQUE KEY digest (digest),
  KEY username (username, account)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What was answered to a POST with an Idempotency-Key. The answer is sealed under that key, of which only a digest is
-- here: an answer may hold a secret that is shown once.
CREATE TABLE IF NOT EXISTS postreeve_request (
  digest char(64) NOT NULL,
  fingerprint char(64) NOT NULL,
  answer mediumtext NOT NULL,
  created datetime NOT NULL,
  PRIMARY KEY (digest),
  KEY created (created)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

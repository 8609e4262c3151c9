-- What postreeve adds: sessions and log-in throttle (the service itself keeps no state, so that several can run
-- beside each other), the exact sizes of a domain's quotas, and who changed what in full.

-- Only the SHA-256 of a session's token is here: a copy of the database opens no session.
CREATE TABLE IF NOT EXISTS postreeve_session (
  digest char(64) NOT NULL,
  username varchar(255) NOT NULL,
  account enum('admin','mailbox') NOT NULL,
  language varchar(8) NOT NULL DEFAULT 'en',
  source varchar(64) NOT NULL DEFAULT '',
  created datetime NOT NULL,
  seen datetime NOT NULL,
  PRIMARY KEY (digest),
  KEY username (username, account),
  KEY seen (seen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A bucket is an account or a source network of one of three widths; failures fade with the window.
CREATE TABLE IF NOT EXISTS postreeve_throttle (
  bucket varchar(300) NOT NULL,
  failures int NOT NULL DEFAULT 0,
  since datetime NOT NULL,
  PRIMARY KEY (bucket),
  KEY since (since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- maxquota and quota count in units of the multiplier, which hold no 1 GiB. The exact figure counts as long as
-- it rounds up to the unit column; once Postfix Admin has changed that one, it rules again.
ALTER TABLE domain
  ADD COLUMN maxquota_bytes bigint DEFAULT NULL,
  ADD COLUMN quota_bytes bigint DEFAULT NULL;

-- Postfix Admin fills username, domain, action and data; the rest is ours.
ALTER TABLE log
  ADD COLUMN actor varchar(255) DEFAULT NULL,
  ADD COLUMN source varchar(64) DEFAULT NULL,
  ADD COLUMN via varchar(16) DEFAULT NULL,
  ADD COLUMN before_state mediumtext DEFAULT NULL,
  ADD COLUMN after_state mediumtext DEFAULT NULL;

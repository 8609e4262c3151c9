-- What stands beside an account's password: second factors and the codes for when they are lost, passwords of programs,
-- who came in lately, and the way back in for who has forgotten the password.

-- Which accounts have a second factor is no secret, the seed is: the mail daemons' account may read this column alone. It
-- follows totp_secret by itself, whoever writes that.
ALTER TABLE mailbox ADD COLUMN second_factor tinyint(1) AS (COALESCE(totp_secret, '') <> '') STORED;

-- The last step of time whose code was used: no code counts twice. A seed that is offered becomes the account's
-- totp_secret once its owner has shown a code of it.
CREATE TABLE IF NOT EXISTS postreeve_second_factor (
  account enum('admin','mailbox') NOT NULL,
  username varchar(255) NOT NULL,
  last_step bigint NOT NULL DEFAULT -1,
  offered varchar(255) DEFAULT NULL,
  offered_at datetime DEFAULT NULL,
  PRIMARY KEY (account, username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Only sums of the codes are here (model/totp.h); a code that was used is gone.
CREATE TABLE IF NOT EXISTS postreeve_recovery_code (
  account enum('admin','mailbox') NOT NULL,
  username varchar(255) NOT NULL,
  digest char(64) NOT NULL,
  PRIMARY KEY (account, username, digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Dovecot takes one row for an answer and cannot say which of several passwords was meant. The first eight bits of the
-- password's SHA-256 choose the row; its hash then decides. Postfix Admin's own rows have none.
ALTER TABLE mailbox_app_password
  ADD COLUMN created datetime DEFAULT NULL,
  ADD COLUMN last_used datetime DEFAULT NULL,
  ADD COLUMN last_source varchar(64) NOT NULL DEFAULT '',
  ADD COLUMN selector char(2) DEFAULT NULL,
  ADD UNIQUE KEY username_selector (username, selector);

-- A name for a session that opens nothing, and what it was begun with.
ALTER TABLE postreeve_session
  ADD COLUMN id bigint NOT NULL AUTO_INCREMENT,
  ADD COLUMN agent varchar(255) NOT NULL DEFAULT '',
  ADD UNIQUE KEY id (id);

-- Log-ins of accounts that exist, the refused ones, too; of each account the newest are kept, and none for ever.
CREATE TABLE IF NOT EXISTS postreeve_log_in (
  id bigint NOT NULL AUTO_INCREMENT,
  account enum('admin','mailbox') NOT NULL,
  username varchar(255) NOT NULL,
  at datetime NOT NULL,
  source varchar(64) NOT NULL DEFAULT '',
  agent varchar(255) NOT NULL DEFAULT '',
  success tinyint(1) NOT NULL,
  PRIMARY KEY (id),
  KEY account (account, username, id),
  KEY at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Only the SHA-256 of a token is here; a token that was used is gone.
CREATE TABLE IF NOT EXISTS postreeve_password_reset (
  digest char(64) NOT NULL,
  account enum('admin','mailbox') NOT NULL,
  username varchar(255) NOT NULL,
  created datetime NOT NULL,
  PRIMARY KEY (digest),
  KEY account (account, username),
  KEY created (created)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

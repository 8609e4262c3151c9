-- Postfix Admin's tables, with its names and meanings (layout 1856), because the .cf files, the SASL and Dovecot
-- queries and the scripts that people have already ask for these. Three things differ, each with its reason:
--  * utf8mb4 throughout, one collation. Mixed character sets are what stops all mail of such a site when one
--    non-ASCII recipient arrives ("Illegal mix of collations").
--  * utf8mb4_bin: equal means equal. A collation that takes "ö" for "o" gives one person's letters to another;
--    upper case is folded where an address enters, as Postfix and Dovecot fold before they ask.
--  * Every table has a primary key and is InnoDB (a Galera cluster needs both).
-- Where a table is there already, it stays as it is.

CREATE TABLE IF NOT EXISTS domain (
  domain varchar(255) NOT NULL,
  description varchar(255) NOT NULL DEFAULT '',
  aliases int(10) NOT NULL DEFAULT 0,
  mailboxes int(10) NOT NULL DEFAULT 0,
  maxquota bigint(20) NOT NULL DEFAULT 0,
  quota bigint(20) NOT NULL DEFAULT 0,
  transport varchar(255) NOT NULL DEFAULT 'virtual',
  backupmx tinyint(1) NOT NULL DEFAULT 0,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  password_expiry int(11) DEFAULT 0,
  PRIMARY KEY (domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS mailbox (
  username varchar(255) NOT NULL,
  password varchar(255) NOT NULL,
  name varchar(255) NOT NULL DEFAULT '',
  maildir varchar(512) NOT NULL,
  quota bigint(20) NOT NULL DEFAULT 0,
  local_part varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  phone varchar(30) NOT NULL DEFAULT '',
  email_other varchar(255) NOT NULL DEFAULT '',
  token varchar(255) NOT NULL DEFAULT '',
  token_validity datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  password_expiry datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  totp_secret varchar(255) DEFAULT NULL,
  smtp_active tinyint(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (username),
  KEY domain (domain, username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS alias (
  address varchar(255) NOT NULL,
  goto mediumtext NOT NULL,
  domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  description varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (address),
  KEY domain (domain, address)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS alias_domain (
  alias_domain varchar(255) NOT NULL DEFAULT '',
  target_domain varchar(255) NOT NULL DEFAULT '',
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  description varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (alias_domain),
  KEY active (active),
  KEY target_domain (target_domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS admin (
  username varchar(255) NOT NULL,
  password varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  superadmin tinyint(1) NOT NULL DEFAULT 0,
  phone varchar(30) NOT NULL DEFAULT '',
  email_other varchar(255) NOT NULL DEFAULT '',
  token varchar(255) NOT NULL DEFAULT '',
  token_validity datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  totp_secret varchar(255) DEFAULT NULL,
  PRIMARY KEY (username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS admin_preferences (
  username varchar(255) NOT NULL DEFAULT '',
  pref_key varchar(64) NOT NULL DEFAULT '',
  pref_value varchar(2048) NOT NULL DEFAULT '',
  PRIMARY KEY (username, pref_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS domain_admins (
  username varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  id int(11) NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (id),
  KEY username (username),
  KEY idx_domadm_user_domain_active (username, domain, active)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS vacation (
  email varchar(255) NOT NULL,
  subject varchar(255) NOT NULL,
  body mediumtext NOT NULL,
  cache text NOT NULL,
  domain varchar(255) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  active tinyint(1) NOT NULL DEFAULT 1,
  modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  activefrom timestamp NOT NULL DEFAULT '2000-01-01 00:00:00',
  activeuntil timestamp NOT NULL DEFAULT '2038-01-18 00:00:00',
  interval_time int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS vacation_notification (
  on_vacation varchar(255) NOT NULL,
  notified varchar(255) NOT NULL DEFAULT '',
  notified_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (on_vacation, notified),
  CONSTRAINT vacation_notification_pkey FOREIGN KEY (on_vacation) REFERENCES vacation (email) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS quota (
  username varchar(255) NOT NULL,
  path varchar(100) NOT NULL,
  current bigint(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (username, path)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS quota2 (
  username varchar(255) NOT NULL,
  bytes bigint(20) NOT NULL DEFAULT 0,
  messages int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS fetchmail (
  id int(11) unsigned NOT NULL AUTO_INCREMENT,
  mailbox varchar(255) NOT NULL,
  src_server varchar(255) NOT NULL,
  src_auth enum('password','kerberos_v5','kerberos','kerberos_v4','gssapi','cram-md5','otp','ntlm','msn','ssh','any') DEFAULT NULL,
  src_user varchar(255) NOT NULL,
  src_password varchar(255) NOT NULL,
  src_folder varchar(255) NOT NULL,
  poll_time int(11) unsigned NOT NULL DEFAULT 10,
  fetchall tinyint(1) unsigned NOT NULL DEFAULT 0,
  keep tinyint(1) unsigned NOT NULL DEFAULT 0,
  protocol enum('POP3','IMAP','POP2','ETRN','AUTO') DEFAULT NULL,
  usessl tinyint(1) unsigned NOT NULL DEFAULT 0,
  extra_options text DEFAULT NULL,
  returned_text text DEFAULT NULL,
  mda varchar(255) DEFAULT NULL,
  date timestamp NOT NULL DEFAULT '2000-01-01 00:00:00',
  sslcertck tinyint(1) NOT NULL DEFAULT 0,
  sslcertpath varchar(255) DEFAULT '',
  sslfingerprint varchar(255) DEFAULT '',
  domain varchar(255) DEFAULT '',
  active tinyint(1) NOT NULL DEFAULT 0,
  created timestamp NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  src_port int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  KEY idx_fetchmail_domain (domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS log (
  timestamp datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  username varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  action varchar(255) NOT NULL,
  data text NOT NULL,
  id int(11) NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (id),
  KEY timestamp (timestamp),
  KEY domain_timestamp (domain, timestamp)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS config (
  id int(11) NOT NULL AUTO_INCREMENT,
  name varchar(20) NOT NULL DEFAULT '',
  value varchar(20) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  UNIQUE KEY name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS dkim (
  id int(11) NOT NULL AUTO_INCREMENT,
  domain_name varchar(255) NOT NULL,
  description varchar(255) DEFAULT '',
  selector varchar(63) NOT NULL DEFAULT 'default',
  private_key text DEFAULT NULL,
  public_key text DEFAULT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  PRIMARY KEY (id),
  KEY domain_name (domain_name, description),
  CONSTRAINT dkim_ibfk_1 FOREIGN KEY (domain_name) REFERENCES domain (domain) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS dkim_signing (
  id int(11) NOT NULL AUTO_INCREMENT,
  author varchar(255) NOT NULL DEFAULT '',
  dkim_id int(11) NOT NULL,
  created datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  modified datetime NOT NULL DEFAULT '2000-01-01 00:00:00',
  PRIMARY KEY (id),
  KEY author (author),
  KEY dkim_id (dkim_id),
  CONSTRAINT dkim_signing_ibfk_1 FOREIGN KEY (dkim_id) REFERENCES dkim (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS totp_exception_address (
  id int(11) NOT NULL AUTO_INCREMENT,
  ip varchar(46) NOT NULL,
  username varchar(255) DEFAULT NULL,
  description varchar(255) DEFAULT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY ip_user (ip, username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS mailbox_app_password (
  id int(11) NOT NULL AUTO_INCREMENT,
  username varchar(255) DEFAULT NULL,
  description varchar(255) DEFAULT NULL,
  password_hash varchar(255) DEFAULT NULL,
  PRIMARY KEY (id),
  KEY username (username)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO config (name, value) VALUES ('version', '1856');

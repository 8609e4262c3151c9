-- What the guides have people type into files of Postfix: routes by destination, what is taken from whom, who may send
-- as what, and smart hosts. In tables, so that they have a log and an undo as everything else, and every node has them.

-- transport(5). A row here goes before the column `transport` of its domain.
CREATE TABLE IF NOT EXISTS postreeve_transport (
  destination varchar(255) NOT NULL,
  transport varchar(255) NOT NULL,
  description varchar(255) NOT NULL DEFAULT '',
  active tinyint(1) NOT NULL DEFAULT 1,
  created datetime NOT NULL,
  modified datetime NOT NULL,
  PRIMARY KEY (destination)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- access(5) for check_sender_access.
CREATE TABLE IF NOT EXISTS postreeve_sender_access (
  sender varchar(255) NOT NULL,
  action varchar(32) NOT NULL,
  reply varchar(255) NOT NULL DEFAULT '',
  description varchar(255) NOT NULL DEFAULT '',
  active tinyint(1) NOT NULL DEFAULT 1,
  created datetime NOT NULL,
  modified datetime NOT NULL,
  PRIMARY KEY (sender)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Which log-ins may send as an address, or as every address of a domain (@domain), besides the mailbox's own. Look-ups
-- enter by the sender; the domains are columns of their own because admins ask for all that is theirs.
CREATE TABLE IF NOT EXISTS postreeve_sender_login (
  id int unsigned NOT NULL AUTO_INCREMENT,
  sender varchar(255) NOT NULL,
  login varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  login_domain varchar(255) NOT NULL,
  description varchar(255) NOT NULL DEFAULT '',
  active tinyint(1) NOT NULL DEFAULT 1,
  created datetime NOT NULL,
  modified datetime NOT NULL,
  PRIMARY KEY (sender, login),
  UNIQUE KEY id (id),
  KEY login (login),
  KEY domain (domain, sender),
  KEY login_domain (login_domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Smart hosts. `scope` says for which mail one is used, and only one for each: a sender (user@domain or @domain), a
-- destination (domain or .domain), or * for all the rest. The password is sealed (model/vault.h); Postfix gets it by way of
-- what is rendered, never by a query of its own.
CREATE TABLE IF NOT EXISTS postreeve_relay (
  name varchar(64) NOT NULL,
  scope varchar(255) NOT NULL,
  host varchar(255) NOT NULL,
  port int unsigned NOT NULL,
  tls varchar(16) NOT NULL,
  verify_certificate tinyint(1) NOT NULL DEFAULT 1,
  username varchar(255) NOT NULL DEFAULT '',
  password varchar(255) DEFAULT NULL,
  description varchar(255) NOT NULL DEFAULT '',
  active tinyint(1) NOT NULL DEFAULT 1,
  created datetime NOT NULL,
  modified datetime NOT NULL,
  PRIMARY KEY (name),
  UNIQUE KEY scope (scope)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What has to happen after a change was committed: hooks, webhooks, letters. A row is written in the transaction of the
-- change, so that nothing is lost when a server dies, and nothing goes out for what was rolled back; a thread of
-- postreeved then does it, without a transaction.

-- `due` of a running errand is when its lease ends: by then the server that took it is held for dead, and another takes it.
-- `claim` says which of the takings a result is of. Errands of one `lane` (the hooks of one item, say) run one after the
-- other. `delivery` is random: what is sealed (standard input with a password) opens with that row only.
CREATE TABLE IF NOT EXISTS postreeve_errand (
  id bigint NOT NULL AUTO_INCREMENT,
  kind varchar(16) NOT NULL,
  event varchar(64) NOT NULL,
  verb varchar(64) NOT NULL,
  actor varchar(255) NOT NULL,
  target varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  record int NOT NULL,
  delivery char(43) NOT NULL,
  lane char(64) NOT NULL,
  payload mediumtext NOT NULL,
  sealed mediumtext DEFAULT NULL,
  state varchar(16) NOT NULL DEFAULT 'waiting',
  attempts int NOT NULL DEFAULT 0,
  claim bigint NOT NULL DEFAULT 0,
  due datetime NOT NULL,
  last_error varchar(2048) NOT NULL DEFAULT '',
  created datetime NOT NULL,
  finished datetime DEFAULT NULL,
  PRIMARY KEY (id),
  KEY due (state, due),
  KEY lane (lane, state, id),
  KEY sent (actor, verb, created)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A letter to all mailboxes of some domains. `done_to` is the last mailbox, in the order of addresses, that had its turn: it
-- is written after each batch, so that a server that dies repeats one batch at most and misses nobody.
CREATE TABLE IF NOT EXISTS postreeve_broadcast (
  id bigint NOT NULL AUTO_INCREMENT,
  actor varchar(255) NOT NULL,
  domain varchar(255) NOT NULL,
  domains mediumtext NOT NULL,
  subject varchar(255) NOT NULL,
  body mediumtext NOT NULL,
  sender varchar(255) NOT NULL,
  from_name varchar(128) NOT NULL DEFAULT '',
  state varchar(16) NOT NULL DEFAULT 'waiting',
  done_to varchar(255) NOT NULL DEFAULT '',
  total int NOT NULL DEFAULT 0,
  sent int NOT NULL DEFAULT 0,
  failed int NOT NULL DEFAULT 0,
  last_error varchar(2048) NOT NULL DEFAULT '',
  created datetime NOT NULL,
  finished datetime DEFAULT NULL,
  PRIMARY KEY (id),
  KEY actor (actor, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- In a Galera cluster a row lock holds on one node only; transactions of two nodes meet in the rows that both write. What
-- must not pass each other (two mailboxes for the last place in a domain, say) writes the row of its name here
-- (server/store/turn.h). On a single server this table stays empty.
CREATE TABLE IF NOT EXISTS postreeve_turn (
  name varchar(255) NOT NULL,
  taken bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

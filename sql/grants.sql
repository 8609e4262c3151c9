-- The two accounts, as in the guides, each with the least it needs. Applied by the database's own administrator, in
-- the database that holds the tables, after `postreeve migrate`; the accounts and their passwords exist already:
--   mariadb postreeve < sql/grants.sql

-- The service: reads and writes rows. It cannot change tables: `postreeve migrate` takes another account for that.
GRANT SELECT, INSERT, UPDATE, DELETE ON * TO 'postreeve'@'localhost';

-- Look-ups of Postfix, SASL and Dovecot: only the columns their questions name. Never admin, never tokens.
GRANT SELECT (domain, maxquota, maxquota_bytes, transport, backupmx, active, password_expiry) ON domain TO 'postfix'@'localhost';
GRANT SELECT (username, password, name, maildir, quota, local_part, domain, active, smtp_active, password_expiry, second_factor)
  ON mailbox TO 'postfix'@'localhost';
GRANT SELECT (address, goto, domain, active, answers_until) ON alias TO 'postfix'@'localhost';
GRANT SELECT (alias_domain, target_domain, active) ON alias_domain TO 'postfix'@'localhost';
GRANT SELECT (destination, transport, active) ON postreeve_transport TO 'postfix'@'localhost';
GRANT SELECT (sender, action, reply, active) ON postreeve_sender_access TO 'postfix'@'localhost';
GRANT SELECT (sender, login, active) ON postreeve_sender_login TO 'postfix'@'localhost';
-- The passwords of smart hosts are sealed; the key is in a file ([secrets] key_file).
GRANT SELECT (name, scope, tls, verify_certificate, username, password, active, nexthop) ON postreeve_relay TO 'postfix'@'localhost';
GRANT SELECT (id, username, password_hash, selector) ON mailbox_app_password TO 'postfix'@'localhost';
-- Dovecot keeps the usage of a mailbox by itself.
GRANT SELECT, INSERT, UPDATE, DELETE ON quota2 TO 'postfix'@'localhost';
-- postreeve-vacation comes in as this account as well. It answers letters, so it is one of the mail daemons: a third account
-- would guard nothing, because notices are what everybody who writes gets to read, and no stage of an answer opens anything.
-- Where notices are written stays the service's business; whom they went to, and when, is kept here.
GRANT SELECT (email, subject, body, active, activefrom, activeuntil, interval_time) ON vacation TO 'postfix'@'localhost';
GRANT SELECT (on_vacation, notified, notified_at, letter, stage), INSERT (on_vacation, notified, notified_at, letter, stage),
  UPDATE (notified_at, letter, stage) ON vacation_notification TO 'postfix'@'localhost';

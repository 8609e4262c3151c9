-- Log-ins at the mail daemons stand beside those at the web interface: by which protocol somebody came in, and by which of
-- the mailbox's passwords of programs (0: by its main password).
ALTER TABLE postreeve_log_in
  ADD COLUMN protocol varchar(32) NOT NULL DEFAULT 'web',
  ADD COLUMN app_password bigint NOT NULL DEFAULT 0;

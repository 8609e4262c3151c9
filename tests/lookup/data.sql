-- What the answers of tests/lookup/test_answers.c rest on.
INSERT INTO domain (domain, maxquota, maxquota_bytes, transport, backupmx, active) VALUES
  ('example.jp', 10, NULL, 'virtual', 0, 1),
  ('exact.jp', 3, 2500000, 'virtual', 0, 1),
  ('alias.jp', 0, NULL, 'virtual', 0, 1),
  ('quiet.jp', 0, NULL, 'virtual', 0, 1),
  ('off.jp', 0, NULL, 'smtp:[192.0.2.1]', 0, 0),
  ('tooff.jp', 0, NULL, 'virtual', 0, 1),
  ('backup.jp', 0, NULL, 'smtp:[192.0.2.1]', 1, 1),
  ('lmtp.jp', 0, NULL, 'lmtp:unix:private/dovecot-lmtp', 0, 1);
INSERT INTO alias_domain (alias_domain, target_domain, active) VALUES
  ('alias.jp', 'example.jp', 1), ('quiet.jp', 'example.jp', 0), ('tooff.jp', 'off.jp', 1);
INSERT INTO mailbox (username, password, maildir, quota, local_part, domain, active, smtp_active) VALUES
  ('taro@example.jp', '$1$abcdefgh$irWbblnpmw.5z7wgBnprh0', 'example.jp/taro/', 0, 'taro', 'example.jp', 1, 1),
  ('hana@example.jp', '{CLEARTEXT}pass wörd{', 'example.jp/hana/', 1000, 'hana', 'example.jp', 1, 1),
  ('gone@example.jp', '{CLEARTEXT}gone', 'example.jp/gone/', 0, 'gone', 'example.jp', 0, 1),
  ('half@example.jp', '{CLEARTEXT}half', 'example.jp/half/', 0, 'half', 'example.jp', 0, 1),
  ('big@example.jp', '{cleartext}big', 'example.jp/big/', 99999999999, 'big', 'example.jp', 1, 1),
  ('read@example.jp', '{CLEARTEXT}read', 'example.jp/read/', -1, 'read', 'example.jp', 1, 0),
  ('void@example.jp', '{CLEARTEXT}', 'example.jp/void/', 0, 'void', 'example.jp', 1, 1),
  ('gone@lmtp.jp', '{CLEARTEXT}gone', 'lmtp.jp/gone/', 0, 'gone', 'lmtp.jp', 0, 1),
  ('おやじ@lmtp.jp', '{SHA512-CRYPT}$6$x', 'lmtp.jp/oyaji/', 0, 'おやじ', 'lmtp.jp', 1, 1),
  ('cold@lmtp.jp', '{LOCKED}{CLEARTEXT}cold', 'lmtp.jp/cold/', 0, 'cold', 'lmtp.jp', 1, 1),
  ('x@off.jp', '{CLEARTEXT}x', 'off.jp/x/', 0, 'x', 'off.jp', 1, 1);
-- Passwords end in this domain; elsewhere no date counts.
INSERT INTO domain (domain, password_expiry) VALUES ('ends.jp', 90);
INSERT INTO mailbox (username, password, maildir, local_part, domain, password_expiry) VALUES
  ('late@ends.jp', '{CLEARTEXT}late', 'ends.jp/late/', 'late', 'ends.jp', NOW() - INTERVAL 1 MINUTE),
  ('good@ends.jp', '{CLEARTEXT}good', 'ends.jp/good/', 'good', 'ends.jp', NOW() + INTERVAL 1 DAY);
INSERT INTO alias (address, goto, domain, active)
  SELECT username, username, domain, IF(username = 'half@example.jp', 1, active) FROM mailbox;
UPDATE alias SET goto = '"a..b"@docomo.ne.jp,hana@example.jp' WHERE address = 'hana@example.jp';
INSERT INTO alias (address, goto, domain, active) VALUES
  ('info@example.jp', 'taro@example.jp,hana@example.jp', 'example.jp', 1),
  ('old@example.jp', 'taro@example.jp', 'example.jp', 0),
  ('@example.jp', 'big@example.jp', 'example.jp', 1),
  ('postmaster@alias.jp', 'hana@example.jp', 'alias.jp', 1),
  ('dead@alias.jp', 'hana@example.jp', 'alias.jp', 0),
  ('big@alias.jp', 'taro@example.jp', 'alias.jp', 1);
-- Aliases that answer for a while: until the year 2286, and until 1970.
INSERT INTO alias (address, goto, domain, answers_until) VALUES
  ('fair@example.jp', 'taro@example.jp', 'example.jp', 9999999999),
  ('over@example.jp', 'taro@example.jp', 'example.jp', 1000),
  ('over@lmtp.jp', 'taro@example.jp', 'lmtp.jp', 1000),
  ('@exact.jp', 'taro@example.jp', 'exact.jp', 1000),
  ('over@alias.jp', 'taro@example.jp', 'alias.jp', 1000),
  ('fair@alias.jp', 'hana@example.jp', 'alias.jp', 9999999999);
INSERT INTO domain (domain, transport, backupmx, active) VALUES ('both.jp', 'smtp:[192.0.2.2]', 1, 1);
INSERT INTO postreeve_transport (destination, transport, active, created, modified) VALUES
  ('taro@example.jp', 'smtp:[192.0.2.9]:2525', 1, NOW(), NOW()),
  ('quiet@example.jp', 'smtp:[192.0.2.9]:2525', 0, NOW(), NOW()),
  ('lmtp.jp', 'smtp:[192.0.2.8]', 0, NOW(), NOW()),
  ('both.jp', 'lmtp:inet:[192.0.2.4]:24', 1, NOW(), NOW()),
  ('.example.net', 'relay:[192.0.2.7]', 1, NOW(), NOW()),
  ('*', 'relay:[192.0.2.6]', 1, NOW(), NOW());
INSERT INTO postreeve_sender_access (sender, action, reply, active, created, modified) VALUES
  ('spam@example.net', 'REJECT', '5.7.1 Not from you, ''thanks''', 1, NOW(), NOW()),
  ('quiet@example.net', 'REJECT', '', 0, NOW(), NOW()),
  ('example.net', 'DUNNO', '', 1, NOW(), NOW()),
  ('root@', 'HOLD', '', 1, NOW(), NOW());
INSERT INTO postreeve_sender_login (sender, login, domain, login_domain, active, created, modified) VALUES
  ('hana@example.jp', 'taro@example.jp', 'example.jp', 'example.jp', 1, NOW(), NOW()),
  ('hana@example.jp', 'big@example.jp', 'example.jp', 'example.jp', 1, NOW(), NOW()),
  ('hana@example.jp', 'hana@example.jp', 'example.jp', 'example.jp', 1, NOW(), NOW()),
  ('hana@example.jp', 'read@example.jp', 'example.jp', 'example.jp', 0, NOW(), NOW()),
  ('info@example.jp', 'taro@example.jp', 'example.jp', 'example.jp', 1, NOW(), NOW()),
  ('@lmtp.jp', 'hana@example.jp', 'lmtp.jp', 'example.jp', 1, NOW(), NOW()),
  ('x@off.jp', 'taro@example.jp', 'off.jp', 'example.jp', 1, NOW(), NOW()),
  ('@off.jp', 'taro@example.jp', 'off.jp', 'example.jp', 1, NOW(), NOW());
-- A domain with aliases alone.
INSERT INTO domain (domain, mailboxes) VALUES ('only.jp', -1);
-- Backup MX: somebody is listed, nobody but role addresses, somebody switched off, a mailbox.
INSERT INTO domain (domain, transport, backupmx) VALUES
  ('list.jp', 'relay:', 1), ('role.jp', 'relay:', 1), ('shut.jp', 'relay:', 1), ('boxed.jp', 'relay:', 1);
INSERT INTO alias (address, goto, domain, active) VALUES
  ('known@list.jp', 'known@list.jp', 'list.jp', 1), ('blocked@list.jp', 'x@list.jp', 'list.jp', 0),
  ('postmaster@role.jp', 'taro@example.jp', 'role.jp', 1), ('blocked@shut.jp', 'x@shut.jp', 'shut.jp', 0);
INSERT INTO mailbox (username, password, maildir, local_part, domain) VALUES ('box@boxed.jp', '', 'x/', 'box', 'boxed.jp');
-- Smart hosts; the test seals their passwords.
INSERT INTO postreeve_relay (name, scope, host, port, tls, verify_certificate, username, active, created, modified) VALUES
  ('all', '*', 'smart.example.net', 587, 'starttls', 1, 'all', 1, NOW(), NOW()),
  ('taro', 'taro@example.jp', 'smart.example.net', 587, 'starttls', 0, 'taro', 1, NOW(), NOW()),
  ('domain', '@example.jp', '2001:db8::25', 465, 'wrapped', 0, 'domain', 1, NOW(), NOW()),
  ('off', '@lmtp.jp', 'smart.example.net', 587, 'starttls', 1, 'off', 0, NOW(), NOW()),
  ('open', '@exact.jp', 'open.example.net', 25, 'none', 1, '', 1, NOW(), NOW()),
  ('to', 'far.example.net', 'to.example.net', 587, 'starttls', 1, 'to', 1, NOW(), NOW()),
  ('to-2', '.far.example.net', 'two.example.net', 465, 'wrapped', 1, 'to', 1, NOW(), NOW()),
  ('to-3', 'third.example.net', 'two.example.net', 465, 'wrapped', 1, 'three', 1, NOW(), NOW()),
  ('to-4', 'both.jp', '192.0.2.99', 25, 'none', 0, '', 1, NOW(), NOW()),
  ('broken', 'broken.example.net', 'broken.example.net', 587, 'starttls', 1, 'me', 1, NOW(), NOW());

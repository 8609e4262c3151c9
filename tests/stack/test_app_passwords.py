"""tests/stack/test_app_passwords.py - passwords of programs through a real Dovecot and Postfix, and second factors, which no mail
program can ask for"""
import imaplib
import itertools
import smtplib
import socket
import unittest

import stack

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


sources = itertools.count(2)


class FromElsewhere(imaplib.IMAP4):
    """Dovecot makes an address wait that has failed before."""

    def _create_socket(self, timeout):
        return socket.create_connection((self.host, self.port), timeout, (f"127.1.1.{next(sources)}", 0))


class AppPasswords(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def read(self, name, password):
        with FromElsewhere("127.0.0.1", self.postfix.dovecot.ports["imap"]) as session:
            try:
                return session.login(name, password)[0] == "OK"
            except imaplib.IMAP4.error:
                return False

    def send(self, name, password):
        with self.postfix.connect("submission") as session:
            session.ehlo()
            try:
                return session.login(name, password)[0] == 235
            except smtplib.SMTPAuthenticationError as error:
                self.assertEqual(error.smtp_code, 535)
                return False

    def assert_opens(self, name, password, opens=True):
        self.assertEqual((self.read(name, password), self.send(name, password)), (opens, opens), password)

    def made(self, name, description):
        return self.site.made_app_password(name, description)

    def test_each_opens_until_it_is_deleted(self):
        name = "apps@example.jp"
        self.site.mailbox(name)
        made = [self.made(name, f"program {i}") for i in range(5)]
        self.assert_opens(name, stack.PASSWORD)
        for one in made:
            self.assert_opens(name, one["app_password"])
        self.assert_opens("taro@example.jp", made[0]["app_password"], False)
        self.site.api("DELETE", f"/app-passwords/{made[0]['id']}")
        self.assert_opens(name, made[0]["app_password"], False)
        self.assert_opens(name, made[1]["app_password"])
        self.assert_opens(name, "it's \\ wrong", False)

    def test_with_a_second_factor_the_main_password_opens_nothing(self):
        name = "factor@example.jp"
        self.site.mailbox(name)
        made = self.made(name, "telephone")
        self.site.sql(f"UPDATE mailbox SET totp_secret = '{SEED}' WHERE username = '{name}'")
        self.assert_opens(name, stack.PASSWORD, False)
        self.assert_opens(name, made["app_password"])
        self.site.api("POST", f"/mailboxes/{name}/reset-totp")
        self.assert_opens(name, stack.PASSWORD)

    def test_what_blocks_the_account_blocks_them(self):
        name = "blocked@example.jp"
        self.site.mailbox(name)
        made = self.made(name, "x")["app_password"]
        for off, on in ((("POST", f"/mailboxes/{name}/freeze", {}), ("POST", f"/mailboxes/{name}/thaw", {})),
                        (("PATCH", f"/mailboxes/{name}", {"active": False}),
                         ("PATCH", f"/mailboxes/{name}", {"active": True}))):
            self.site.api(*off[:2], **off[2])
            self.assert_opens(name, made, False)
            self.site.api(*on[:2], **on[2])
            self.assert_opens(name, made)
        self.site.api("PATCH", f"/mailboxes/{name}", smtp_active=False)
        self.assertEqual((self.read(name, made), self.send(name, made)), (True, False))

    def test_postfix_admins_newest_still_opens(self):
        name = "adopted@example.jp"
        self.site.mailbox(name)
        for old in ("older", "newest"):
            self.site.sql("INSERT INTO mailbox_app_password (username, description, password_hash)"
                          f" VALUES ('{name}', 'x', '{{PLAIN}}{old}')")
        self.assert_opens(name, "newest")
        made = self.made(name, "x")
        self.assert_opens(name, made["app_password"])
        self.assert_opens(name, "newest")

"""tests/stack/test_submission.py - ports 587 and 465: log-in through Dovecot, and who may send as whom"""
import imaplib
import smtplib
import unittest

import stack


class LogIn(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def log_in(self, name, password, service="submission", method=None):
        """The code that ends the log-in."""
        with self.postfix.connect(service) as session:
            session.ehlo()
            try:
                if method:
                    session.user, session.password = name, password
                    return session.auth(method, getattr(session, "auth_" + method.lower().replace("-", "_")))[0]
                return session.login(name, password)[0]
            except smtplib.SMTPAuthenticationError as error:
                return error.smtp_code

    def test_md5crypt_row(self):
        self.assertTrue(stack.plain_password_row("taro@example.jp").startswith("$1$"))
        for method in ("PLAIN", "LOGIN"):
            with self.subTest(method):
                self.assertEqual(self.log_in("taro@example.jp", stack.PASSWORD, method=method), 235)

    def test_wrapped_port(self):
        self.assertEqual(self.log_in("taro@example.jp", stack.PASSWORD, service="smtps"), 235)

    def test_upper_case_name(self):
        self.assertEqual(self.log_in("Taro@Example.JP", stack.PASSWORD), 235)

    def test_clear_text_row(self):
        self.assertEqual(self.log_in("clear@example.jp", stack.CLEAR_PASSWORD), 235)

    def test_wrong_password(self):
        self.assertEqual(self.log_in("taro@example.jp", "wrong"), 535)

    def test_stored_hash_is_no_password(self):
        self.assertEqual(self.log_in("taro@example.jp", stack.plain_password_row("taro@example.jp")), 535)

    def test_disabled_account_and_domain(self):
        self.assertEqual(self.log_in("off@catch.jp", stack.PASSWORD), 535)
        self.assertEqual(self.log_in("shut@closed.jp", stack.PASSWORD), 535)

    def imap(self, name, password):
        with imaplib.IMAP4("127.0.0.1", self.postfix.dovecot.ports["imap"]) as session:
            try:
                return session.login(name, password)[0]
            except imaplib.IMAP4.error as error:
                return str(error)

    def test_sending_switched_off_alone(self):
        self.site.mailbox("reader@example.jp")
        self.assertEqual(self.log_in("reader@example.jp", stack.PASSWORD), 235)
        self.site.api("PATCH", "/mailboxes/reader@example.jp", smtp_active=False)
        self.assertEqual(self.log_in("reader@example.jp", stack.PASSWORD), 535)
        self.assertEqual(self.imap("reader@example.jp", stack.PASSWORD), "OK")
        self.site.wait_for("reader@example.jp", self.postfix.send("reader@example.jp"))

    def test_frozen_and_thawed(self):
        self.site.mailbox("stolen@example.jp")
        stored = stack.plain_password_row("stolen@example.jp")
        self.site.api("POST", "/mailboxes/stolen@example.jp/freeze")
        for password in (stack.PASSWORD, stored, "{LOCKED}" + stored):
            self.assertEqual(self.log_in("stolen@example.jp", password), 535)
            self.assertIn("AUTHENTICATIONFAILED", self.imap("stolen@example.jp", password))  # not "try again later"
        self.site.wait_for("stolen@example.jp", self.postfix.send("stolen@example.jp"))
        self.site.api("POST", "/mailboxes/stolen@example.jp/thaw")
        self.assertEqual(self.log_in("stolen@example.jp", stack.PASSWORD), 235)
        self.assertEqual(self.imap("stolen@example.jp", stack.PASSWORD), "OK")

    def test_a_password_that_is_too_old(self):
        self.site.api("POST", "/domains", domain="ends.jp", password_expiry_days=90)
        self.site.mailbox("late@ends.jp")
        self.assertEqual(self.log_in("late@ends.jp", stack.PASSWORD), 235)
        self.site.sql("UPDATE mailbox SET password_expiry = NOW() - INTERVAL 1 DAY WHERE username = 'late@ends.jp'")
        self.assertEqual(self.log_in("late@ends.jp", stack.PASSWORD), 535)
        self.assertIn("AUTHENTICATIONFAILED", self.imap("late@ends.jp", stack.PASSWORD))
        self.site.wait_for("late@ends.jp", self.postfix.send("late@ends.jp"))
        self.site.api("PATCH", "/mailboxes/late@ends.jp", password="other-Pass3")
        self.assertEqual(self.log_in("late@ends.jp", "other-Pass3"), 235)

    def test_no_password_before_tls(self):
        with smtplib.SMTP("127.0.0.1", self.postfix.ports["submission"], "client.test", timeout=60) as session:
            session.ehlo()
            self.assertNotIn("auth", session.esmtp_features)
            self.assertEqual(session.mail("taro@example.jp")[0], 530)

    def test_new_password_counts_at_once(self):
        self.site.mailbox("change@example.jp")
        self.assertEqual(self.log_in("change@example.jp", stack.PASSWORD), 235)
        self.site.api("PATCH", "/mailboxes/change@example.jp", password="other-Pass3")
        self.assertEqual(self.log_in("change@example.jp", stack.PASSWORD), 535)
        self.assertEqual(self.log_in("change@example.jp", "other-Pass3"), 235)


class Sending(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def session(self, service="submission"):
        session = self.postfix.connect(service)
        session.ehlo()
        session.login("taro@example.jp", stack.PASSWORD)
        return session

    def test_nobody_sends_without_log_in(self):
        with self.postfix.connect("submission") as session:
            session.ehlo()
            session.mail("taro@example.jp")
            self.assertEqual(session.rcpt("hana@example.jp")[0] // 100, 5)

    def test_as_oneself(self):
        for service in ("submission", "smtps"):
            for sender in ("taro@example.jp", "taro@alias.jp", "taro+shop@example.jp"):
                with self.subTest(f"{service} {sender}"):
                    token = self.postfix.send("hana@example.jp", sender, self.session(service))
                    self.site.wait_for("hana@example.jp", token)

    def test_as_somebody_else(self):
        for sender in ("hana@example.jp", "info@example.jp", "someone@elsewhere.test", "nobody@example.jp"):
            with self.subTest(sender), self.session() as session:
                session.mail(sender)
                code, words = stack.said(session.rcpt("hana@example.jp"))
                self.assertEqual(code, 553, words)

    def test_to_the_world(self):
        self.postfix.send("friend@elsewhere.test", "taro@example.jp", self.session())
        stack.wait_until(lambda: any("friend@elsewhere.test" in r for r in stack.sink().recipients), "the letter outside")

    def test_to_a_disabled_mailbox(self):
        with self.session() as session:
            session.mail("taro@example.jp")
            code, words = stack.said(session.rcpt("off@catch.jp"))
            self.assertEqual(code, 550, words)
            self.assertIn("5.2.1", words)


class Reading(unittest.TestCase):
    """What virtual(8) wrote, Dovecot finds by the same rows."""

    def test_imap(self):
        postfix = stack.world()
        token = postfix.send("hana@example.jp")
        stack.site().wait_for("hana@example.jp", token)
        with imaplib.IMAP4("127.0.0.1", postfix.dovecot.ports["imap"]) as session:
            session.login("hana@example.jp", stack.PASSWORD)
            session.select("INBOX")
            self.assertTrue(session.search(None, "SUBJECT", token)[1][0])

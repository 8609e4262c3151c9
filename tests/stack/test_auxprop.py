"""tests/stack/test_auxprop.py - log-in through Cyrus SASL, which reads the passwords itself, and delivery through Dovecot's LMTP

A second Postfix on the same tables: --sasl auxprop --delivery lmtp.
"""
import os
import unittest

import apart
import challenges
import stack


def second():
    def make():
        stack.world()
        postfix = stack.Postfix("postfix-auxprop", "--sasl", "auxprop", "--delivery", "lmtp", append=True)
        apart.put_smtpd_conf(postfix)
        postfix.start()
        stack.Dovecot(postfix, "lmtp").wait_for_socket(os.path.join(postfix.queue, "private/dovecot-lmtp"))
        return postfix
    return stack.shared("second", make)


def challenges_only():
    def make():
        stack.world()
        postfix = stack.Postfix("postfix-challenges", "--sasl", "auxprop",
                                settings="[sasl]\nplaintext = no\ndefault_domain = example.jp\n")
        apart.put_smtpd_conf(postfix)
        return postfix.start()
    return stack.shared("challenges_only", make)


PLAIN = ("PLAIN", "LOGIN")
EVERY = (*PLAIN, *challenges.METHODS)


class LogIn(unittest.TestCase):
    def setUp(self):
        self.postfix = second()

    def log_in(self, name, password, method):
        ask = apart.log_in if method in PLAIN else challenges.answer
        return ask(self.postfix, name, password, method)

    def test_clear_text_row(self):
        for method in EVERY:
            with self.subTest(method):
                self.assertEqual(self.log_in("clear@example.jp", stack.CLEAR_PASSWORD, method), 235)

    def test_mechanisms_are_those_that_work(self):
        self.assertEqual(apart.mechanisms(self.postfix), set(EVERY))

    def test_wrong_password(self):
        for method in EVERY:
            self.assertEqual(self.log_in("clear@example.jp", "wrong", method), 535, method)

    def test_a_stored_hash_opens_nothing(self):
        """auxprop would take the hash itself for the password, if it were ever given one."""
        stored = stack.plain_password_row("taro@example.jp")
        for password in (stored, stack.PASSWORD):
            for method in EVERY:
                self.assertEqual(self.log_in("taro@example.jp", password, method), 535, method)

    def test_the_prefix_is_not_part_of_the_password(self):
        self.assertEqual(self.log_in("clear@example.jp", "{CLEARTEXT}" + stack.CLEAR_PASSWORD, "PLAIN"), 535)

    def test_non_ascii_password(self):
        stack.site().clear_mailbox("umlaut@example.jp", "gr\u00fc\u00df-G\u00f6tt")
        for method in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"):
            self.assertEqual(self.log_in("umlaut@example.jp", "gr\u00fc\u00df-G\u00f6tt", method), 235, method)

    def test_disabled_account(self):
        stack.site().clear_mailbox("leaver@example.jp", stack.CLEAR_PASSWORD)
        self.assertEqual(self.log_in("leaver@example.jp", stack.CLEAR_PASSWORD, "PLAIN"), 235)
        stack.site().api("PATCH", "/mailboxes/leaver@example.jp", active=False)
        self.assertEqual(self.log_in("leaver@example.jp", stack.CLEAR_PASSWORD, "PLAIN"), 535)


    def test_frozen_and_sending_switched_off(self):
        site = stack.site()
        site.clear_mailbox("frosty@example.jp", stack.CLEAR_PASSWORD)
        for method in ("PLAIN", "CRAM-MD5", "SCRAM-SHA-256"):
            self.assertEqual(self.log_in("frosty@example.jp", stack.CLEAR_PASSWORD, method), 235)
            site.api("POST", "/mailboxes/frosty@example.jp/freeze")
            self.assertEqual(self.log_in("frosty@example.jp", stack.CLEAR_PASSWORD, method), 535)
            site.api("POST", "/mailboxes/frosty@example.jp/thaw")
            site.api("PATCH", "/mailboxes/frosty@example.jp", smtp_active=False)
            self.assertEqual(self.log_in("frosty@example.jp", stack.CLEAR_PASSWORD, method), 535)
            site.api("PATCH", "/mailboxes/frosty@example.jp", smtp_active=True)


    def test_second_factor_and_expired(self):
        site, name = stack.site(), "second@clear.jp"
        site.api("POST", "/domains", domain="clear.jp")
        site.clear_mailbox(name, stack.CLEAR_PASSWORD)
        off = {"second factor": "UPDATE mailbox SET totp_secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' WHERE username = '{}'",
               "expired": "UPDATE domain SET password_expiry = 30 WHERE domain = 'clear.jp';"
                          "UPDATE mailbox SET totp_secret = NULL, password_expiry = NOW() - INTERVAL 1 DAY WHERE username = '{}'"}
        for method in ("PLAIN", "DIGEST-MD5", "SCRAM-SHA-1"):
            self.assertEqual(self.log_in(name, stack.CLEAR_PASSWORD, method), 235)
        for what, sql in off.items():
            site.sql(sql.format(name))
            for method in ("PLAIN", "DIGEST-MD5", "SCRAM-SHA-1"):
                self.assertEqual(self.log_in(name, stack.CLEAR_PASSWORD, method), 535, (what, method))


class ChallengesOnly(unittest.TestCase):
    """Nobody shows a password, not even under TLS."""

    def setUp(self):
        self.postfix = challenges_only()

    def test_mechanisms(self):
        self.assertEqual(apart.mechanisms(self.postfix), set(challenges.METHODS))
        for method in PLAIN:
            self.assertNotIn(apart.log_in(self.postfix, "clear@example.jp", stack.CLEAR_PASSWORD, method), (235, 454))
        for method in challenges.METHODS:
            self.assertEqual(challenges.answer(self.postfix, "clear@example.jp", stack.CLEAR_PASSWORD, method), 235, method)

    def test_without_the_domain(self):
        for method in challenges.METHODS:
            self.assertEqual(challenges.answer(self.postfix, "clear", stack.CLEAR_PASSWORD, method), 235, method)
            self.assertEqual(challenges.answer(self.postfix, "nobody", stack.CLEAR_PASSWORD, method), 535, method)
        with self.postfix.connect("submission") as session:
            session.ehlo()
            self.assertEqual(challenges.cram_md5(session, "clear", stack.CLEAR_PASSWORD), 235)
            session.mail("clear@example.jp")
            self.assertEqual(session.rcpt("hana@example.jp")[0], 250)

    def test_another_domain(self):
        site = stack.site()
        site.clear_mailbox("elsewhere@catch.jp", stack.CLEAR_PASSWORD)
        for method in challenges.METHODS:
            self.assertEqual(challenges.answer(self.postfix, "elsewhere@catch.jp", stack.CLEAR_PASSWORD, method), 235, method)


class Lmtp(unittest.TestCase):
    def setUp(self):
        self.postfix = second()
        self.site = stack.site()

    def test_letters_arrive(self):
        for address in ("hana@example.jp", "hana@alias.jp", "hana+tag@example.jp"):
            with self.subTest(address):
                self.site.wait_for("hana@example.jp", self.postfix.send(address))

    def test_files_belong_to_the_mail_account(self):
        self.site.mailbox("owner@example.jp")
        self.site.wait_for("owner@example.jp", self.postfix.send("owner@example.jp"))
        about = os.stat(os.path.join(self.site.vmail, "example.jp/owner/new"))
        self.assertEqual((about.st_uid, about.st_gid), (stack.MAIL_UID, stack.MAIL_UID))

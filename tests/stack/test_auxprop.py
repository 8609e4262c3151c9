"""tests/stack/test_auxprop.py - log-in through Cyrus SASL, which reads the passwords itself, and delivery through Dovecot's LMTP

A second Postfix on the same tables: --sasl auxprop --delivery lmtp.
"""
import os
import shutil
import smtplib
import unittest

import stack


def second():
    def make():
        stack.world()
        postfix = stack.Postfix("postfix-auxprop", "--sasl", "auxprop", "--delivery", "lmtp", append=True)
        # Debian's Postfix looks into sasl/ beside its main.cf, which is /etc/postfix/sasl for the machine's own.
        shutil.copytree(os.path.join(postfix.rendered, "postfix/sasl"), os.path.join(postfix.config, "sasl"))
        shutil.chown(os.path.join(postfix.config, "sasl/smtpd.conf"), "root", "postfix")
        postfix.start()
        stack.Dovecot(postfix, "lmtp").wait_for_socket(os.path.join(postfix.queue, "private/dovecot-lmtp"))
        return postfix
    return stack.shared("second", make)


class LogIn(unittest.TestCase):
    def setUp(self):
        self.postfix = second()

    def log_in(self, name, password, method):
        with self.postfix.connect("submission") as session:
            session.ehlo()
            session.user, session.password = name, password
            try:
                return session.auth(method, getattr(session, "auth_" + method.lower().replace("-", "_")))[0]
            except smtplib.SMTPAuthenticationError as error:
                return error.smtp_code

    def test_clear_text_row(self):
        for method in ("PLAIN", "LOGIN", "CRAM-MD5"):
            with self.subTest(method):
                self.assertEqual(self.log_in("clear@example.jp", stack.CLEAR_PASSWORD, method), 235)

    def test_mechanisms_are_those_that_work(self):
        with self.postfix.connect("submission") as session:
            session.ehlo()
            self.assertEqual(set(session.esmtp_features["auth"].replace("=", " ").split()),
                             {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"})

    def test_wrong_password(self):
        for method in ("PLAIN", "CRAM-MD5"):
            self.assertEqual(self.log_in("clear@example.jp", "wrong", method), 535)

    def test_a_stored_hash_opens_nothing(self):
        """auxprop would take the hash itself for the password, if it were ever given one."""
        stored = stack.plain_password_row("taro@example.jp")
        for password in (stored, stack.PASSWORD):
            for method in ("PLAIN", "LOGIN", "CRAM-MD5"):
                self.assertEqual(self.log_in("taro@example.jp", password, method), 535, method)

    def test_the_prefix_is_not_part_of_the_password(self):
        self.assertEqual(self.log_in("clear@example.jp", "{CLEARTEXT}" + stack.CLEAR_PASSWORD, "PLAIN"), 535)

    def test_non_ascii_password(self):
        stack.site().clear_mailbox("umlaut@example.jp", "gr\u00fc\u00df-G\u00f6tt")
        with self.postfix.connect("submission") as session:
            session.ehlo()
            secret = "\0umlaut@example.jp\0gr\u00fc\u00df-G\u00f6tt".encode()
            self.assertEqual(session.docmd("AUTH PLAIN " + stack.base64(secret))[0], 235)

    def test_disabled_account(self):
        stack.site().clear_mailbox("leaver@example.jp", stack.CLEAR_PASSWORD)
        self.assertEqual(self.log_in("leaver@example.jp", stack.CLEAR_PASSWORD, "PLAIN"), 235)
        stack.site().api("PATCH", "/mailboxes/leaver@example.jp", active=False)
        self.assertEqual(self.log_in("leaver@example.jp", stack.CLEAR_PASSWORD, "PLAIN"), 535)


    def test_frozen_and_sending_switched_off(self):
        site = stack.site()
        site.clear_mailbox("frosty@example.jp", stack.CLEAR_PASSWORD)
        for method in ("PLAIN", "CRAM-MD5"):
            self.assertEqual(self.log_in("frosty@example.jp", stack.CLEAR_PASSWORD, method), 235)
            site.api("POST", "/mailboxes/frosty@example.jp/freeze")
            self.assertEqual(self.log_in("frosty@example.jp", stack.CLEAR_PASSWORD, method), 535)
            site.api("POST", "/mailboxes/frosty@example.jp/thaw")
            site.api("PATCH", "/mailboxes/frosty@example.jp", smtp_active=False)
            self.assertEqual(self.log_in("frosty@example.jp", stack.CLEAR_PASSWORD, method), 535)
            site.api("PATCH", "/mailboxes/frosty@example.jp", smtp_active=True)


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

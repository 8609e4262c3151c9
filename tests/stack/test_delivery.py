"""tests/stack/test_delivery.py - what port 25 takes, where it ends up, and what it refuses"""
import smtplib
import unittest

import stack


class Letters(unittest.TestCase):
    """Sent over SMTP, found in Maildirs below virtual_mailbox_base."""

    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def test_mailbox(self):
        token = self.postfix.send("taro@example.jp")
        self.assertIn("Delivered-To: taro@example.jp", self.site.wait_for("taro@example.jp", token))

    def test_upper_case(self):
        self.site.wait_for("taro@example.jp", self.postfix.send("Taro@EXAMPLE.jp"))

    def test_alias_to_two_mailboxes(self):
        token = self.postfix.send("info@example.jp")
        self.site.wait_for("taro@example.jp", token)
        self.site.wait_for("hana@example.jp", token)

    def test_alias_domain(self):
        self.site.wait_for("taro@example.jp", self.postfix.send("taro@alias.jp"))
        token = self.postfix.send("info@alias.jp")
        self.site.wait_for("taro@example.jp", token)
        self.site.wait_for("hana@example.jp", token)

    def test_alias_domains_own_row_goes_first(self):
        token = self.postfix.send("postmaster@alias.jp")
        self.site.wait_for("hana@example.jp", token)
        self.assertFalse(self.site.has("taro@example.jp", token))

    def test_catch_all(self):
        self.site.wait_for("jiro@catch.jp", self.postfix.send("nobody-in-particular@catch.jp"))

    def test_catch_all_leaves_mailboxes_alone(self):
        token = self.postfix.send("kana@catch.jp")
        self.site.wait_for("kana@catch.jp", token)
        self.assertFalse(self.site.has("jiro@catch.jp", token))

    def test_catch_all_of_an_alias_domain(self):
        self.site.wait_for("jiro@catch.jp", self.postfix.send("whoever@catch-alias.jp"))

    def test_extension(self):
        self.site.wait_for("taro@example.jp", self.postfix.send("taro+list@example.jp"))

    def test_extension_goes_before_the_catch_all(self):
        for address in ("kana+list@catch.jp", "kana+list@catch-alias.jp"):
            with self.subTest(address):
                token = self.postfix.send(address)
                self.site.wait_for("kana@catch.jp", token)
                self.assertFalse(self.site.has("jiro@catch.jp", token))

    def test_carrier_address_gets_its_quotes(self):
        token = self.postfix.send("mobile@example.jp")
        self.site.wait_for("mobile@example.jp", token)
        stack.wait_until(lambda: any('<"a..b"@docomo.ne.jp>' in r for r in stack.sink().recipients),
                         "the forward to \"a..b\"@docomo.ne.jp")

    def test_transport_of_a_domain(self):
        before = len(stack.sink().recipients)
        self.site.mailbox("here@moved.jp")
        self.postfix.send("here@moved.jp")
        stack.wait_until(lambda: any("here@moved.jp" in r for r in stack.sink().recipients[before:]),
                         "the letter at the domain's transport")

    def test_mailbox_of_a_moment_ago(self):
        self.site.mailbox("fresh@example.jp")
        self.site.wait_for("fresh@example.jp", self.postfix.send("fresh@example.jp"))

    def test_a_mailbox_with_another_address_keeps_its_letters(self):
        self.site.mailbox("before@example.jp")
        self.site.wait_for("before@example.jp", self.postfix.send("before@example.jp"))
        self.site.api("POST", "/mailboxes/before@example.jp/rename", address="after@catch.jp", keep_alias=True)
        for address in ("after@catch.jp", "before@example.jp"):  # both into the directory of before
            self.site.wait_for("before@example.jp", self.postfix.send(address))


class Refusals(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def refused(self, address, code, words):
        answer = self.postfix.recipient(address)
        self.assertEqual(answer[0], code, answer)
        self.assertIn(words, answer[1])

    def test_unknown_user(self):
        self.refused("nobody@example.jp", 550, "5.1.1")
        self.refused("nobody@alias.jp", 550, "5.1.1")

    def test_disabled_mailbox_even_with_a_catch_all(self):
        for address in ("off@catch.jp", "Off@Catch.jp", "off+tag@catch.jp", "off@catch-alias.jp", "quiet@catch.jp"):
            with self.subTest(address):
                self.refused(address, 550, "5.2.1")

    def test_an_alias_to_a_disabled_mailbox_does_not_reach_the_catch_all(self):
        token = self.postfix.send("both@catch.jp")
        self.site.wait_for("kana@catch.jp", token)
        stack.wait_until(lambda: any("to=<off@catch.jp>, orig_to=<both@catch.jp>" in line and "status=bounced" in line
                                     for line in self.postfix.log_text().splitlines()), "the bounce of off@catch.jp")
        self.assertFalse(self.site.has("jiro@catch.jp", token))

    def test_switched_off_and_on_again(self):
        self.site.mailbox("switch@catch.jp")
        self.site.wait_for("switch@catch.jp", self.postfix.send("switch@catch.jp"))
        self.site.api("PATCH", "/mailboxes/switch@catch.jp", active=False)
        self.refused("switch@catch.jp", 550, "5.2.1")
        self.site.api("PATCH", "/mailboxes/switch@catch.jp", active=True)
        self.assertEqual(self.postfix.recipient("switch@catch.jp")[0], 250)

    def test_an_alias_stops_when_its_time_is_over(self):
        self.site.alias("fair@catch.jp", "kana@catch.jp", until="2100-01-01")
        token = self.postfix.send("fair@catch.jp")
        self.site.wait_for("kana@catch.jp", token)
        self.assertFalse(self.site.has("jiro@catch.jp", token))
        self.site.api("PATCH", "/aliases/fair@catch.jp", until="2026-01-01")
        for address in ("fair@catch.jp", "fair+tag@catch.jp", "fair@catch-alias.jp"):
            with self.subTest(address):
                self.refused(address, 550, "5.2.1")
        self.site.api("PATCH", "/aliases/fair@catch.jp", until=None)
        self.assertEqual(self.postfix.recipient("fair@catch.jp")[0], 250)

    def test_a_catch_all_stops_when_its_time_is_over(self):
        self.site.api("POST", "/domains", domain="season.jp")
        self.site.mailbox("taro@season.jp")
        self.site.alias("@season.jp", "taro@season.jp", until="2100-01-01")
        self.site.wait_for("taro@season.jp", self.postfix.send("anything@season.jp"))
        self.site.api("PATCH", "/aliases/@season.jp", until="2026-01-01")
        self.refused("anything@season.jp", 550, "5.1.1")

    def test_disabled_domain(self):
        self.refused("shut@closed.jp", 554, "5.7.1")
        self.refused("anybody@closed.jp", 554, "5.7.1")

    def test_relaying_for_strangers_is_refused_for_good(self):
        self.refused("someone@elsewhere.test", 554, "5.7.1")

    def test_backup_mx_takes_its_domain(self):
        self.assertEqual(self.postfix.recipient("anybody@backup.jp")[0], 250)

    def test_non_ascii_recipient_disturbs_nobody(self):
        """Postfix Admin's latin1 columns make this one letter stop the mail for a minute."""
        with self.postfix.connect() as session:
            session.ehlo()
            session.command_encoding = "utf-8"
            session.docmd("MAIL FROM:<stranger@far.test> SMTPUTF8")
            code, words = stack.said(session.docmd("RCPT TO:<おやじ@example.jp>"))
            self.assertEqual(code, 550, words)
            self.assertEqual(session.rcpt("hana@example.jp")[0], 250)
        self.site.wait_for("taro@example.jp", self.postfix.send("taro@example.jp"))

    def test_octets_that_are_no_text_disturb_nobody(self):
        with self.postfix.connect() as session:
            session.ehlo()
            session.mail("stranger@far.test")
            session.sock.sendall(b"RCPT TO:<\xff\xfe\xe3\x81@example.jp>\r\n")
            code, words = stack.said(session.getreply())
            self.assertEqual(code // 100, 5, words)
            self.assertEqual(session.rcpt("taro@example.jp")[0], 250)
        self.assertNotIn("mysql query failed", self.postfix.log_text())

    def test_port_25_knows_no_log_in(self):
        with self.postfix.connect() as session:
            session.ehlo()
            self.assertNotIn("auth", session.esmtp_features)
            self.assertEqual(session.docmd("AUTH PLAIN AHRhcm8AeA==")[0], 503)
            session.starttls(context=stack.trusting())
            session.ehlo()
            self.assertNotIn("auth", session.esmtp_features)

    def test_addresses_cannot_be_guessed_by_vrfy(self):
        with self.postfix.connect() as session:
            session.ehlo()
            self.assertEqual(session.vrfy("taro@example.jp")[0], 502)

    def test_too_large_a_letter(self):
        with self.postfix.connect() as session:
            session.ehlo()
            with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                session.sendmail("a@far.test", ["taro@example.jp"], b"x" * 100, mail_options=["SIZE=999999999"])
            self.assertEqual(refused.exception.smtp_code, 552)

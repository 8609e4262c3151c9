"""tests/stack/test_vacation.py - somebody is away, and who writes gets one answer: through alias, transport and pipe(8) of the
real Postfix, as an account that may do nothing else"""
import contextlib
import copy
import email
import email.policy
import os
import re
import unittest

import stack

SUBJECT_JA = "来週の会議について"
B64_UTF8 = "=?UTF-8?B?" + stack.base64(SUBJECT_JA.encode()) + "?="
B64_JIS = "=?ISO-2022-JP?B?" + stack.base64(SUBJECT_JA.encode("iso2022_jp")) + "?="


class Vacation(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    # -- what they do --

    def owner(self, address):
        owner = copy.copy(self.site)
        owner.log_in_as(address, stack.PASSWORD)
        return owner

    def away(self, address, display_name="", **notice):
        """A mailbox whose owner switches it on by the API."""
        self.site.mailbox(address, display_name=display_name)
        owner = self.owner(address)
        notice = {"active": True, "subject": "Away: $SUBJECT", "body": "Until Monday.", **notice}
        owner.api("PUT", "/me/vacation", **notice)
        return owner

    @contextlib.contextmanager
    def writer(self, address):
        """Somebody with a mailbox here, where the answer can be read, as they send."""
        with contextlib.suppress(AssertionError):
            self.site.mailbox(address)
        with self.postfix.connect("submission") as session:
            session.login(address, stack.PASSWORD)
            yield session

    def hand_in(self, session, sender, recipient, headers, body=b"Hello.\r\n"):
        """The letter's number in the queue."""
        session.ehlo_or_helo_if_needed()
        self.assertEqual(session.mail(sender)[0], 250)
        code, words = stack.said(session.rcpt(recipient))
        self.assertEqual(code, 250, words)
        code, words = stack.said(session.data("\r\n".join(headers).encode() + b"\r\n\r\n" + body))
        self.assertEqual(code, 250, words)
        return re.search(r"queued as (\w+)", words).group(1)

    def logged(self, number, status="sent"):
        """What Postfix says became of the letter at the service that answers."""
        def found():
            return re.findall(rf" {number}: to=<[^>]*@auto\.test>.*relay=vacation,.*status={status} \((.*)\)",
                              self.postfix.log_text())
        return stack.wait_until(found, f"letter {number} at the service that answers")[-1]

    def written(self, session, sender, recipient, *headers, to=None, **more):
        number = self.hand_in(session, sender, recipient, [f"From: <{sender}>", f"To: {to or recipient}", *headers], **more)
        return self.logged(number)

    def answers(self, address):
        letters = [email.message_from_string(text, policy=email.policy.default) for text in self.site.letters(address)]
        return [letter for letter in letters if letter["Auto-Submitted"] == "auto-replied"]

    def answer(self, address):
        return stack.wait_until(lambda: self.answers(address), f"the answer to {address}")[0]

    # -- what comes of it --

    def test_one_answer_and_no_second(self):
        self.away("away@example.jp", "山田 太郎", subject="不在: $SUBJECT", body="来週まで不在です。\n\n山田")
        with self.writer("one@example.jp") as session:
            words = self.written(session, "one@example.jp", "away@example.jp", f"Subject: {B64_UTF8}", "Message-ID: <first@far.test>",
                                 "References: <root@far.test>")
            self.assertIn("answered: 250 2.0.0", words)
            self.assertNotIn("not answered", words)
            letter = self.answer("one@example.jp")
            words = self.written(session, "one@example.jp", "away@example.jp", "Subject: again")
            self.assertIn("not answered: its sender has had an answer", words)
        self.assertEqual(letter["Subject"], "不在: " + SUBJECT_JA)
        self.assertEqual(letter.get_content().replace("\r\n", "\n"), "来週まで不在です。\n\n山田\n")
        self.assertEqual(letter.get_content_charset(), "utf-8")
        self.assertEqual(letter["From"].addresses[0].display_name, "山田 太郎")
        self.assertEqual(letter["From"].addresses[0].addr_spec, "away@example.jp")
        self.assertEqual(letter["To"].addresses[0].addr_spec, "one@example.jp")
        self.assertEqual(letter["Return-Path"], "<>")
        self.assertEqual(letter["In-Reply-To"], "<first@far.test>")
        self.assertEqual(letter["References"].split(), ["<root@far.test>", "<first@far.test>"])
        self.assertEqual(letter["Precedence"], "bulk")
        self.assertTrue(letter["Message-ID"].endswith("@example.jp>"))
        stack.wait_until(lambda: len(self.site.letters("away@example.jp")) == 2, "both letters in the mailbox itself")
        self.assertEqual(len(self.answers("one@example.jp")), 1)

    def test_iso_2022_jp_in_and_out(self):
        self.away("jis@example.jp", "山田 太郎", subject="不在: $SUBJECT", body="来週まで不在です。")
        with self.writer("two@example.jp") as session:
            self.written(session, "two@example.jp", "jis@example.jp", f"Subject: {B64_JIS}", "MIME-Version: 1.0",
                         "Content-Type: text/plain; charset=ISO-2022-JP", "Content-Transfer-Encoding: 7bit",
                         body="こんにちは\r\n".encode("iso2022_jp"))
        raw = stack.wait_until(lambda: self.site.has("two@example.jp", "auto-replied"), "the answer")[0]
        self.assertIn("Subject: =?ISO-2022-JP?B?", raw)
        letter = self.answer("two@example.jp")
        self.assertEqual(letter.get_content_charset(), "iso-2022-jp")
        self.assertEqual(letter["Content-Transfer-Encoding"], "7bit")
        self.assertEqual(letter["Subject"], "不在: " + SUBJECT_JA)
        self.assertEqual(letter.get_content().strip(), "来週まで不在です。")
        self.assertEqual(letter["From"].addresses[0].display_name, "山田 太郎")

    def test_addresses_that_lead_to_the_mailbox(self):
        self.away("led@catch.jp", interval_seconds=1)
        self.site.alias("leads@catch.jp", "led@catch.jp", "kana@catch.jp")
        with self.writer("three@example.jp") as session:
            for address in ("Led@Catch.jp", "led+list@catch.jp", "leads@catch.jp", "leads+list@catch.jp", "led@catch-alias.jp"):
                with self.subTest(address):
                    self.assertRegex(self.written(session, "three@example.jp", address), r": answered: 250")
        stack.wait_until(lambda: len(self.answers("three@example.jp")) == 5, "five answers, one for each letter")

    def test_who_gets_none(self):
        self.away("quiet@example.jp")
        with self.writer("four@example.jp") as session:
            for header in ("List-Id: <list.far.test>", "Precedence: bulk", "Auto-Submitted: auto-generated", "X-Spam-Flag: YES",
                           "X-Auto-Response-Suppress: OOF"):
                with self.subTest(header):
                    words = self.written(session, "four@example.jp", "quiet@example.jp", header)
                    self.assertIn("not answered: " + header, words)
            words = self.written(session, "four@example.jp", "quiet@example.jp", to="undisclosed-recipients:;")
            self.assertIn("not answered: it names neither", words)
        with self.writer("quiet@example.jp") as session:
            words = self.written(session, "quiet@example.jp", "quiet@example.jp")
            self.assertIn("not answered: it is from the mailbox itself", words)
        with self.postfix.connect() as session:
            self.assertIn("it has no sender", self.written(session, "", "quiet@example.jp"))
            self.assertIn("a robot", self.written(session, "owner-list@far.test", "quiet@example.jp"))
        self.assertEqual(self.answers("four@example.jp") + self.answers("quiet@example.jp"), [])

    def test_its_time_is_over(self):
        owner = self.away("late@example.jp", until="2026-01-01")
        with self.writer("five@example.jp") as session:
            self.assertIn("not answered: nobody is away", self.written(session, "five@example.jp", "late@example.jp"))
            owner.api("PUT", "/me/vacation", active=True, subject="Away", body="x", **{"from": "2100-01-01"})
            self.assertIn("not answered: nobody is away", self.written(session, "five@example.jp", "late@example.jp"))
            owner.api("PUT", "/me/vacation", active=True, subject="Away", body="x", until="2100-01-01")
            self.assertIn(": answered: 250", self.written(session, "five@example.jp", "late@example.jp"))
            self.answer("five@example.jp")
            owner.api("PUT", "/me/vacation", active=False)
            number = self.hand_in(session, "five@example.jp", "late@example.jp", ["To: late@example.jp"])
        stack.wait_until(lambda: f" {number}: removed" in self.postfix.log_text(), "the letter after that")
        self.assertNotRegex(self.postfix.log_text(), rf" {number}: .*relay=vacation")

    def test_nobody_outside_writes_to_what_answers(self):
        self.away("inside@example.jp")
        for address in ("inside#example.jp@auto.test", "anything@auto.test"):
            with self.subTest(address):
                code, words = self.postfix.recipient(address)
                self.assertEqual(code, 554, words)
                self.assertIn("Relay access denied", words)
        self.assertEqual(self.site.get("virtual_mailbox_domains", "auto.test")[0], 1)
        self.assertEqual(self.site.get("relay_domains", "auto.test")[0], 1)
        # Who may relay may write there, and has the answer that anybody has: none, because it is not to the mailbox.
        with self.writer("six@example.jp") as session:
            words = self.written(session, "six@example.jp", "inside#example.jp@auto.test")
        self.assertIn("not answered: it names neither", words)

    def test_our_own_server_refuses(self):
        """mynetworks has no 127.0.0.1 here, so no letter goes to the world: that is to be mended, and the answer waits."""
        self.away("waits@example.jp")
        with self.postfix.connect() as session:
            number = self.hand_in(session, "stranger@far.test", "waits@example.jp", ["To: waits@example.jp"])
        self.assertIn("not answered yet: 554 5.7.1", self.logged(number, "deferred"))
        stack.run("postsuper", "-c", self.postfix.config, "-d", number)

    def test_the_database_is_away_for_a_while(self):
        """The letter waits with Postfix, is not bounced, and is answered afterwards."""
        conf = os.path.join(self.postfix.rendered, "postfix/postreeve-vacation.conf")
        self.away("down@example.jp")
        with open(conf, encoding="utf-8") as file:
            fine = file.read()
        self.addCleanup(stack.write, conf, fine, 0o640)
        stack.write(conf, re.sub(r"(?m)^socket = .*$", "socket = /nonexistent/mysql.sock", fine), 0o640)
        with self.writer("seven@example.jp") as session:
            number = self.hand_in(session, "seven@example.jp", "down@example.jp", ["To: down@example.jp", "Message-ID: <w@far.test>"])
        self.assertIn("not answered yet: the database cannot tell now", self.logged(number, "deferred"))
        self.assertEqual(self.answers("seven@example.jp"), [])

        stack.write(conf, fine + "\n[nonsense]\nx = 1\n", 0o640)  # what is wrong with the configuration defers as well
        stack.run("postqueue", "-c", self.postfix.config, "-i", number)
        stack.wait_until(lambda: "the configuration cannot be read" in self.logged(number, "deferred"), "the second attempt")

        stack.write(conf, fine, 0o640)
        stack.run("postqueue", "-c", self.postfix.config, "-i", number)
        self.assertIn(": answered: 250", self.logged(number))
        self.assertEqual(self.answer("seven@example.jp")["In-Reply-To"], "<w@far.test>")
        self.assertNotRegex(self.postfix.log_text(), rf" {number}: .*status=bounced")

    def test_its_account_reads_its_file_and_no_other(self):
        conf = os.path.join(self.postfix.rendered, "postfix/postreeve-vacation.conf")
        about = os.stat(conf)
        self.assertEqual((about.st_uid, about.st_gid, about.st_mode & 0o777), (0, 65534, 0o640))
        with open(conf, encoding="utf-8") as file:
            self.assertNotIn("[database]", file.read())
        for secret in ("mysql_virtual_alias_maps.cf",):
            self.assertEqual(os.stat(os.path.join(self.postfix.rendered, "postfix", secret)).st_mode & 0o007, 0)


if __name__ == "__main__":
    unittest.main()

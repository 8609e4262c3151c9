"""tests/stack/test_quota.py - mailboxes held to their quota: by Dovecot's LMTP, by what Postfix asks it at RCPT TO, in the table
quota2 and the API, and in the letter to who fills one
"""
import email
import email.policy
import glob
import imaplib
import os
import re
import shutil
import unittest
import urllib.parse
import uuid

import stack
import test_auxprop

WORDS = "Sorry, the user's maildir has overdrawn his diskspace quota, please try again later."
PERCENTS = {"95": "Your mailbox is 95% full", "80": "Your mailbox is 80% full"}


def padded(octets, sender="stranger@far.test", recipient="x@quota.jp"):
    """A letter of about that size, and its token."""
    token = uuid.uuid4().hex
    head = stack.letter(sender, recipient, token)
    return token, head + b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n" * (octets // 64)


class Held(unittest.TestCase):
    """What both ways of delivery have alike."""

    def setUp(self):
        self.postfix = test_auxprop.second()  # Dovecot delivers
        self.site = stack.site()
        stack.shared("quota.jp", lambda: self.site.api("POST", "/domains", domain="quota.jp"))

    def mailbox(self, name, quota_bytes):
        address = f"{name}@quota.jp"
        self.site.mailbox(address, quota_bytes=quota_bytes)
        return address

    def send(self, recipient, octets, postfix=None):
        """Without saying how large it is, as not everybody does. The answer to RCPT TO."""
        token, content = padded(octets, recipient=recipient)
        with (postfix or self.postfix).connect() as session:
            session.ehlo()
            session.mail("stranger@far.test")
            answer = stack.said(session.rcpt(recipient))
            if answer[0] == 250:
                self.assertEqual(session.data(content)[0], 250)
                return token
            return answer

    def asked(self, recipient, size=0, postfix=None):
        with (postfix or self.postfix).connect() as session:
            session.ehlo()
            session.mail("stranger@far.test", [f"SIZE={size}"] if size else [])
            return stack.said(session.rcpt(recipient))

    def usage(self, address):
        """(octets, letters) as the table and the API have them."""
        quoted = address.replace("'", "''")
        row = self.site.sql(f"SELECT bytes, messages FROM quota2 WHERE username = '{quoted}'").split()
        shown = self.site.api("GET", f"/mailboxes/{urllib.parse.quote(address)}")
        return [int(value) for value in row], [shown["usage_bytes"], shown["usage_messages"]]

    def on_disk(self, address):
        """With the line ends that IMAP counts."""
        user, _, domain = address.partition("@")
        sizes = []
        for path in glob.glob(os.path.join(self.site.vmail, domain, user, "[nc][eu][wr]", "*")):
            with open(path, "rb") as file:
                sizes.append(len(file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")))
        return [sum(sizes), len(sizes)]

    def assert_counted(self, address):
        stack.wait_until(lambda: self.usage(address) == (self.on_disk(address),) * 2,
                         f"the usage of {address} in the table and the API")


class Letters(Held):
    def test_sender_gets_the_words_of_the_guide(self):
        address = self.mailbox("full", 20000)
        token, content = padded(30000, "clear@example.jp", address)
        with self.postfix.connect("submission") as session:
            session.login("clear@example.jp", stack.CLEAR_PASSWORD)
            session.sendmail("clear@example.jp", [address], content)
        bounce = self.site.wait_for("clear@example.jp", token)
        self.assertIn("552 5.2.2", bounce)
        self.assertIn(WORDS, " ".join(bounce.split()))
        self.assertFalse(self.site.letters(address))

    def test_table_and_api_follow_the_letters(self):
        address = self.mailbox("count", 100000)
        for octets in (3000, 5000, 100):
            self.site.wait_for(address, self.send(address, octets))
            self.assert_counted(address)
        with imaplib.IMAP4("127.0.0.1", stack.world().dovecot.ports["imap"]) as session:
            session.login(address, stack.PASSWORD)
            session.select()
            self.assertEqual(session.getquotaroot("INBOX")[0], "OK")
            session.store("1:2", "+FLAGS", "\\Deleted")
            session.expunge()
        self.assert_counted(address)
        self.assertEqual(self.usage(address)[0][1], 1)

    def test_raised_quota_counts_at_once(self):
        address = self.mailbox("raised", 5000)
        self.assertEqual(self.asked(address, 9000)[0], 552)
        self.site.api("PATCH", f"/mailboxes/{address}", quota_bytes=20000)
        self.site.wait_for(address, self.send(address, 9000))
        self.site.api("PATCH", f"/mailboxes/{address}", quota_bytes=5000)
        self.assertEqual(self.asked(address)[0], 552)
        self.site.api("PATCH", f"/mailboxes/{address}", quota_bytes=None)  # no limit but virtual_mailbox_limit
        self.site.wait_for(address, self.send(address, 9000))

    def test_no_quota_and_a_large_one_end_at_virtual_mailbox_limit(self):
        for name, quota in (("none", None), ("large", 10 ** 12)):
            code, fields = self.site.get("dovecot_userdb", self.mailbox(name, quota))
            self.assertEqual(code, 0)
            self.assertIn("quota_rule=*:bytes=51200000\t", fields)

    def test_owner_is_warned(self):
        for name, octets, percent in (("eighty", 8500, "80"), ("ninety", 9300, "95"), ("o'neil&{domain}$x|`x`", 8500, "80")):
            with self.subTest(name):
                address = self.mailbox(name, 10000)
                self.site.wait_for(address, self.send(address, octets))
                warning = email.message_from_string(self.site.wait_for(address, "Auto-Submitted: auto-generated"),
                                                    policy=email.policy.default)
                self.assertEqual(warning["Subject"], PERCENTS[percent])
                self.assertEqual(warning["To"], address)
                self.assertEqual(warning["From"], "postmaster@quota.jp")
                self.assertIn(f"your mailbox {address} has passed {percent}%", warning.get_content())
                self.assertEqual(len(self.site.letters(address)), 2)
                self.assert_counted(address)


class Asked(Held):
    """smtpd's question at RCPT TO."""

    def assert_full(self, answer):
        self.assertEqual(answer[0], 552, answer)
        self.assertIn("5.2.2", answer[1])
        self.assertIn(WORDS, " ".join(answer[1].replace("5.2.2", "").split()))

    def test_full_mailbox(self):
        address = self.mailbox("status", 10000)
        self.assertEqual(self.asked(address, 5000)[0], 250)
        self.assert_full(self.asked(address, 11000))
        self.assert_full(self.asked("status+tag@quota.jp", 11000))
        self.assert_full(self.asked("Status@Quota.jp", 11000))

    def test_others_are_not_held_up(self):
        self.site.alias("list@quota.jp", "hana@example.jp")
        self.assertEqual(self.asked("list@quota.jp", 5000)[0], 250)
        self.assertEqual(self.asked("hana@alias.jp", 5000)[0], 250)
        self.assertEqual(self.asked("nobody@quota.jp", 5000)[0], 550)

    def test_letters_that_postfix_wrote_itself_count(self):
        """virtual(8) knows no quota of a whole mailbox, so this question is all that stands before one."""
        here = stack.world()
        address = self.mailbox("virtual", 10000)
        self.site.wait_for(address, self.send(address, 6000, here))
        self.assertEqual(self.asked(address, 2000, here)[0], 250)
        self.assert_full(self.asked(address, 6000, here))
        self.site.wait_for(address, self.send(address, 6000, here))  # who does not say how large gets past it, once
        self.assert_full(self.asked(address, 0, here))


class Timer(Held):
    """deploy/systemd/postreeve-vquota: the same sizes as a file."""

    UNIT = os.path.join(stack.ROOT, "deploy/systemd/postreeve-vquota.service")

    def test_its_command_makes_the_table(self):
        address = self.mailbox("listed", 12345)
        path = os.path.join(self.postfix.config, "vquota")
        with open(self.UNIT, encoding="utf-8") as file:
            words = re.search(r"^ExecStart=(.*)$", file.read(), re.M)[1].split()
        swap = {"/usr/bin/postreeve-lookup": os.path.join(self.site.bin, "postreeve-lookup"),
                "/etc/postreeve/postreeve.conf": self.site.config, "/etc/postfix/vquota": path}
        self.assertTrue(set(swap) <= set(words), words)
        stack.run(*[swap.get(word, word) for word in words], env={**os.environ, "MAIL_CONFIG": self.postfix.config})
        self.assertEqual(stack.run("postmap", "-c", self.postfix.config, "-q", address, f"hash:{path}").stdout, "12345\n")
        self.assertEqual(stack.run("postmap", "-c", self.postfix.config, "-q", "@quota.jp", f"hash:{path}").stdout, "51200000\n")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd here")
    def test_systemd_understands_both_units(self):
        place = os.path.join(stack.directory(), "units")
        os.mkdir(place)
        for name in (self.UNIT, self.UNIT.replace(".service", ".timer")):
            with open(name, encoding="utf-8") as file:
                stack.write(os.path.join(place, os.path.basename(name)), file.read().replace("/usr/bin/postreeve-lookup", "/bin/true"))
        said = stack.run("systemd-analyze", "verify", *sorted(glob.glob(os.path.join(place, "*"))), check=False)
        self.assertNotIn("postreeve-vquota", said.stderr + said.stdout)


if __name__ == "__main__":
    unittest.main()

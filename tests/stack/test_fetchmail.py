"""tests/stack/test_fetchmail.py - Debian's fetchmail brings letters across, from a real POP3 and IMAP server to a real Postfix"""
import os
import shutil
import unittest

import stack

AWKWARD = 'pa"ss \\ #wörd \'x\' \\x41 $9'


def elsewhere():
    """Mailboxes of somebody else, so to speak: of Dovecot, with a password that is hard to quote."""
    def make():
        s = stack.site()
        s.api("POST", "/domains", domain="far.jp")
        s.api("POST", "/domains", domain="near.jp")
        config = os.path.join(s.data, "fetchmail.conf")
        shutil.copy2(s.config, config)
        with open(config, "a", encoding="utf-8") as file:
            file.write(f"\n[fetchmail]\nport = {stack.world().ports['smtp']}\nseconds = 60\n")
        return config
    return stack.shared("elsewhere", make)


class Fetching(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()
        self.config = elsewhere()
        stack.Fetching = getattr(stack, "Fetching", 0) + 1
        self.far, self.near = f"far{stack.Fetching}@far.jp", f"near{stack.Fetching}@near.jp"
        self.site.mailbox(self.far, AWKWARD)
        self.site.mailbox(self.near)

    def tearDown(self):
        self.site.sql("UPDATE fetchmail SET active = 0")

    def job(self, protocol, **more):
        given = {"mailbox": self.near, "server": "127.0.0.1", "port": self.postfix.dovecot.ports[protocol.lower()],
                 "protocol": protocol, "username": self.far, "password": AWKWARD, "verify_certificate": False, **more}
        return self.site.api("POST", "/fetchmail", **given)["id"]

    def fetch(self, code=0):
        done = stack.run(os.path.join(self.site.bin, "postreeve"), "-c", self.config, "fetchmail", "--run", check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def come_due(self, number):
        self.site.sql(f"UPDATE fetchmail SET date = NOW() - INTERVAL 1 HOUR WHERE id = {number}")

    def result(self, number):
        return self.site.api("GET", f"/fetchmail/{number}")["last_result"]

    def test_a_letter_comes_across(self):
        for protocol in ("POP3", "IMAP"):
            with self.subTest(protocol):
                number = self.job(protocol)
                token = self.postfix.send(self.far)
                self.site.wait_for(self.far, token)
                said = self.fetch()
                self.assertIn(f"{number} {self.near} from 127.0.0.1: letters were fetched", said)
                letter = self.site.wait_for(self.near, token)
                self.assertIn(f"Delivered-To: {self.near}", letter)
                stack.wait_until(lambda token=token: not self.site.has(self.far, token), "the letter to be gone there")
                self.assertEqual(self.result(number), "letters were fetched")
                self.assertEqual(self.fetch(), "")  # its time has not come again
                self.come_due(number)
                self.assertIn("no letters", self.fetch())
                self.assertEqual(self.result(number), "no letters")
                self.site.api("DELETE", f"/fetchmail/{number}")

    def test_what_is_kept_comes_once(self):
        number = self.job("IMAP", keep=True)
        token = self.postfix.send(self.far)
        self.site.wait_for(self.far, token)
        self.fetch()
        self.site.wait_for(self.near, token)
        self.come_due(number)
        self.fetch()
        self.assertEqual(len(self.site.has(self.near, token)), 1)
        self.assertIn(self.result(number), ("no letters", "letters were fetched"))

    def test_a_wrong_password(self):
        number = self.job("POP3", password="another")
        other = self.job("IMAP")
        token = self.postfix.send(self.far)
        self.site.wait_for(self.far, token)
        said = self.fetch(code=75)
        self.assertIn("the log-in was refused", said)
        self.assertTrue(self.result(number).startswith("the log-in was refused"), self.result(number))
        self.assertNotIn("another", self.result(number).split())
        self.site.wait_for(self.near, token)  # one job's failure is no other's
        self.assertEqual(self.result(other), "letters were fetched")

    def test_no_password_goes_out_in_clear_text_unless_somebody_said_so(self):
        number = self.job("POP3", verify_certificate=True)
        self.fetch(code=75)
        self.assertIn("TLS failed", self.result(number))

    def test_nobody_there(self):
        number = self.job("POP3", port=stack.free_port())
        self.fetch(code=75)
        self.assertTrue(self.result(number).startswith("no connection to the server"), self.result(number))

    def test_a_letter_that_is_not_taken_stays_there(self):
        number = self.job("IMAP")
        token = self.postfix.send(self.far)
        self.site.wait_for(self.far, token)
        self.site.sql(f"UPDATE alias SET active = 0 WHERE address = '{self.near}'")
        self.fetch(code=75)
        self.assertIn("did not take", self.result(number))
        self.assertIn("550 5.2.1", self.result(number))
        self.assertTrue(self.site.has(self.far, token) or any(token in text for text in self.read_there()))

    def read_there(self):
        """Letters that were looked at lie in cur/."""
        user = self.far.partition("@")[0]
        base = os.path.join(self.site.vmail, "far.jp", user, "cur")
        for name in os.listdir(base):
            with open(os.path.join(base, name), encoding="utf-8", errors="replace") as file:
                yield file.read()

    def test_fetchmail_reads_what_was_written(self):
        """Each value comes out of the file as it went in, by fetchmail's own account."""
        self.job("IMAP", folder='In"box\\ #1', username='us"er\\n # x', password='p"w\\ #$')
        file = os.path.join(stack.directory(), "fetchmailrc")
        stack.run(os.path.join(self.site.bin, "postreeve"), "-c", self.config, "fetchmail", "--out", file)
        self.assertEqual(os.stat(file).st_mode & 0o7777, 0o600)
        dump = stack.run("fetchmail", "--fetchmailrc", file, "--configdump").stdout
        for name, value in (("remote", 'us\\"er\\\\n # x'), ("password", 'p\\"w\\\\ #$')):
            self.assertIn(f'"{name}":"{value}"', dump)
        self.assertIn('In\\"box\\\\ #1', dump)
        self.assertEqual(dump.count("'users': ["), 1)


class ByLmtp(unittest.TestCase):
    """Past Postfix, straight to Dovecot's LMTP."""

    def test_a_letter_comes_across(self):
        site, postfix, config = stack.site(), stack.world(), elsewhere()
        lmtp = stack.Postfix("postfix-fetched", "--delivery", "lmtp")  # never started: for Dovecot's configuration
        os.makedirs(os.path.join(lmtp.queue, "private"), exist_ok=True)
        socket = os.path.join(lmtp.queue, "private/dovecot-lmtp")
        stack.Dovecot(lmtp, "lmtp").wait_for_socket(socket)
        by_lmtp = os.path.join(site.data, "fetchmail-lmtp.conf")
        shutil.copy2(config, by_lmtp)
        with open(by_lmtp, "a", encoding="utf-8") as file:
            file.write(f"\n[fetchmail]\ndeliver = lmtp\nhost = {socket}\n")
        site.mailbox("far-lmtp@far.jp")
        site.mailbox("near-lmtp@near.jp")
        token = postfix.send("far-lmtp@far.jp")
        site.wait_for("far-lmtp@far.jp", token)
        site.api("POST", "/fetchmail", mailbox="near-lmtp@near.jp", server="127.0.0.1", protocol="IMAP",
                 port=postfix.dovecot.ports["imap"], username="far-lmtp@far.jp", password=stack.PASSWORD,
                 verify_certificate=False)
        done = stack.run(os.path.join(site.bin, "postreeve"), "-c", by_lmtp, "fetchmail", "--run", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        site.wait_for("near-lmtp@near.jp", token)

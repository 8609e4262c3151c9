"""tests/stack/test_app_passwords.py - passwords of programs through a real Dovecot and Postfix, and second factors, which no mail
program can ask for"""
import copy
import imaplib
import itertools
import json
import os
import poplib
import re
import smtplib
import socket
import threading
import time
import types
import unittest

import stack

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


sources = itertools.count(2)


class FromElsewhere(imaplib.IMAP4):
    """Dovecot makes an address wait that has failed before."""

    def _create_socket(self, timeout):
        return socket.create_connection((self.host, self.port), timeout, (f"127.1.1.{next(sources)}", 0))


class Listener:
    """Takes what Dovecot sends, and never answers."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard, self.open = b"", []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self.hear, args=(connection,), daemon=True).start()

    def hear(self, connection):
        while octets := connection.recv(65536):
            self.heard += octets


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

    # -- what Dovecot reports --

    def owner(self, name):
        owner = copy.copy(self.site)
        owner.log_in_as(name, stack.PASSWORD)
        return owner

    def test_each_use_is_noted_by_whatever_protocol(self):
        name = "used@example.jp"
        self.site.mailbox(name)
        made = {protocol: self.made(name, f"by {protocol}") for protocol in ("imap", "pop3", "smtp", "nothing")}
        self.assertTrue(self.read(name, made["imap"]["app_password"]))
        self.assertTrue(self.send(name, made["smtp"]["app_password"]))
        session = poplib.POP3("127.0.0.1", self.postfix.dovecot.ports["pop3"])
        session.user(name.upper())
        session.pass_(made["pop3"]["app_password"])
        session.quit()
        self.assertTrue(self.read(name, stack.PASSWORD))
        self.assertFalse(self.read(name, "not the password"))
        owner = self.owner(name)

        def reported():
            items = [i for i in owner.api("GET", "/me/log-ins")["items"] if i["protocol"] != "web"]
            return items if len(items) == 5 else None
        items = stack.wait_until(reported, "five reports in the owner's list of log-ins")
        self.assertCountEqual([(i["protocol"], i["program"], i["success"]) for i in items],
                              [("imap", "by imap", True), ("smtp", "by smtp", True), ("pop3", "by pop3", True),
                               ("imap", "", True), ("imap", "", False)])
        self.assertTrue(all(re.match(r"127\.", i["source"]) for i in items), items)
        used = {a["description"]: a for a in owner.api("GET", "/me/app-passwords")["items"]}
        for protocol in ("imap", "pop3", "smtp"):
            self.assertIsNotNone(used[f"by {protocol}"]["last_used"])
            self.assertIn(used[f"by {protocol}"]["last_source"],
                          [i["source"] for i in items if i["program"] == f"by {protocol}"])
        self.assertIsNone(used["by nothing"]["last_used"])
        self.assertEqual(self.site.sql("SELECT COUNT(*) FROM log WHERE action = 'log-in.report'"), "0")

    def reporting_to(self, name, port):
        """A Dovecot of its own that reports to that port."""
        base = os.path.join(stack.directory(), name)
        os.makedirs(os.path.join(base, "queue", "private"))
        with open(self.site.config, encoding="utf-8") as file:
            config = stack.write(os.path.join(base, "postreeve.conf"),
                                 re.sub(r"(?m)^report_url = .*$", f"report_url = http://127.0.0.1:{port}", file.read()),
                                 0o600)
        rendered = os.path.join(base, "rendered")
        stack.run(os.path.join(self.site.bin, "postreeve-lookup"), "-c", config, "render", "--out", rendered,
                  "--queue-directory", os.path.join(base, "queue"),
                  env={**os.environ, "MAIL_CONFIG": self.postfix.config})
        queue = os.path.join(base, "queue")
        return stack.Dovecot(types.SimpleNamespace(base=base, rendered=rendered, queue=queue), "imap").wait_for_socket(
            os.path.join(queue, "private", "auth"))

    def in_time(self, dovecot, password):
        began = time.monotonic()
        with FromElsewhere("127.0.0.1", dovecot.ports["imap"]) as session:
            self.assertEqual(session.login("taro@example.jp", password)[0], "OK")
        self.assertLess(time.monotonic() - began, 2)

    def test_a_service_that_is_away_or_mute_stops_nobody(self):
        away = self.reporting_to("away", stack.free_port())
        listener = Listener()
        mute = self.reporting_to("mute", listener.port)
        for dovecot in (away, mute):
            stack.wait_until(lambda d=dovecot: stack.answers(d.ports["imap"]), "Dovecot")
            self.in_time(dovecot, stack.PASSWORD)
            self.in_time(dovecot, stack.PASSWORD)
        stack.wait_until(lambda: listener.heard.count(b"}") >= 2, "what Dovecot reports")
        heard = listener.heard.decode()
        body = json.loads(re.search(r"\{.*?\}", heard).group())
        self.assertLessEqual(set(body), {"login", "remote", "protocol", "app_password", "success", "policy_reject", "tls",
                                         "fail_type"})
        self.assertEqual((body["login"], body["protocol"], body["success"]), ("taro@example.jp", "imap", True))
        self.assertNotIn(stack.PASSWORD, heard)
        listener.socket.close()
        for dovecot in (away, mute):
            dovecot.stop()

    def test_whoever_may_not_read_the_token_reads_the_rest(self):
        base = os.path.dirname(self.postfix.dovecot.log)
        token = os.path.join(self.postfix.rendered, "dovecot", "dovecot-report.conf.ext")
        self.assertEqual(os.stat(token).st_mode & 0o007, 0)
        if not stack.run("dovecot", "--version").stdout.startswith("2.3"):
            return  # from 2.4 on the database's password is among what the main file includes: nobody reads any of it
        done = stack.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "doveconf", "-c",
                         os.path.join(base, "dovecot.conf"), "-h", "auth_mechanisms", "auth_policy_server_api_header")
        self.assertEqual(done.stdout.split("\n")[:2], ["plain login", ""])

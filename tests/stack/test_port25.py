"""tests/stack/test_port25.py - the guides' own settings on the real ports: DNS lists, HELO and sender checks, rates, root's mail

The Postfix of this file is made as an operator makes it: Debian's master.cf, an almost empty main.cf, and render --apply. It runs in
a network of its own, where ports 25, 587 and 465 are free, with a DNS server of its own behind /etc/resolv.conf. No setting is
another than the configuration's default, but for where files lie.
"""
import contextlib
import ctypes
import os
import re
import shutil
import smtplib
import socket
import struct
import subprocess
import threading
import unittest

import stack

CLONE_NEWNET = 0x40000000
SERVER = "198.51.100.1"
A, MX, TXT = 1, 15, 16

# What the DNS of that network knows; all else is NXDOMAIN. A client's address is in `lists` by its last octet.
KNOWN = {
    "good.test": {MX: "mx.good.test", A: "198.51.100.200"}, "mx.good.test": {A: "198.51.100.200"},
    "listed.test": {A: "198.51.100.200"}, "white.test": {A: "198.51.100.200"}, "example.jp": {A: SERVER},
    "spam-helo.test": {A: "198.51.100.200"},
    "2.100.51.198.zen.spamhaus.org": {A: "127.0.0.2", TXT: "listed there"},
    "3.100.51.198.zen.spamhaus.org": {A: "127.0.0.12"},        # beyond [2..11]
    "4.100.51.198.zen.spamhaus.org": {A: "127.255.255.254"},   # asked too often: a warning alone
    "5.100.51.198.bl.spamcop.net": {A: "127.0.0.2"},
    "listed.test.dbl.spamhaus.org": {A: "127.0.1.2"},
    "spam-helo.test.dbl.spamhaus.org": {A: "127.0.1.4"},
    "good.test.dbl.spamhaus.org": {A: "127.0.1.255"},          # beyond [2..99]
}


def encoded(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def dns_answer(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += query[at] + 1
    question, kind = query[12:at + 5], struct.unpack("!H", query[at + 1:at + 3])[0]
    entry = KNOWN.get(".".join(labels).lower())
    value = (entry or {}).get(kind)
    data = b"" if value is None else socket.inet_aton(value) if kind == A else \
        struct.pack("!H", 10) + encoded(value) if kind == MX else bytes([len(value)]) + value.encode()
    head = query[:2] + struct.pack("!HHHHH", 0x8580 if entry else 0x8583, 1, 1 if data else 0, 0, 0)
    return head + question + (struct.pack("!HHHIH", 0xC00C, kind, 1, 1, len(data)) + data if data else b"")


class Network:
    """A network namespace with its own resolv.conf, as long as a process stands in it."""

    def __init__(self, resolv):
        self.process = subprocess.Popen(
            ["unshare", "-n", "-m", "sh", "-c",
             f"ip link set lo up && ip addr add {SERVER}/24 dev lo && mount --bind {resolv} /etc/resolv.conf && echo up && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.closing(self.stop)
        if self.process.stdout.readline() != b"up\n":
            raise AssertionError("no network of one's own here")
        listener = self.inside(self.dns_socket)
        threading.Thread(target=self.serve, args=(listener,), daemon=True).start()

    @staticmethod
    def dns_socket():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 53))
        return made

    @staticmethod
    def serve(listener):
        while True:
            query, who = listener.recvfrom(4096)
            listener.sendto(dns_answer(query), who)

    def inside(self, work):
        """work() in a thread that stands in that network; sockets it makes stay there."""
        result = []

        def run():
            try:
                with open(f"/proc/{self.process.pid}/ns/net", "rb") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                result.append(work())
            except Exception as error:  # pylint: disable=broad-except
                result.append(error)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if isinstance(result[0], Exception):
            raise result[0]
        return result[0]

    def run(self, *words, **more):
        return stack.run("nsenter", "-t", str(self.process.pid), "-n", "-m", *words, **more)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)


class Server:
    """The operator's Postfix."""

    def __init__(self):
        site = stack.site()
        stack.world()
        self.base = os.path.join(stack.directory(), "port25")
        self.config, self.log = os.path.join(self.base, "etc"), os.path.join(self.base, "log/mail.log")
        for name in ("etc", "log", "queue", "data"):
            os.makedirs(os.path.join(self.base, name), 0o755)
        shutil.chown(os.path.join(self.base, "data"), "postfix", "postfix")
        stack.write(os.path.join(self.config, "main.cf"),
                    f"compatibility_level = 3.6\nqueue_directory = {self.base}/queue\ndata_directory = {self.base}/data\n"
                    f"maillog_file = {self.log}\nmaillog_file_prefixes = {self.base}\n")
        shutil.copy("/etc/postfix/master.cf.proto", os.path.join(self.config, "master.cf"))
        self.settings = self.configuration(site)
        self.out = self.rendered = os.path.join(self.base, "rendered")
        self.queue = os.path.join(self.base, "queue")
        self.network = None
        self.apply()
        self.network = Network(stack.write(os.path.join(self.base, "resolv.conf"), "nameserver 127.0.0.1\n"))
        self.network.run("postfix", "-c", self.config, "start")
        stack.closing(lambda: self.network.run("postfix", "-c", self.config, "stop", check=False))
        stack.wait_until(self.is_up, "Postfix on port 25")
        self.dovecot = stack.Dovecot(self).wait_for_socket(os.path.join(self.base, "queue/private/auth"))

    def configuration(self, site):
        """The site's, with nothing in [postfix] but what a host must say."""
        with open(site.config, encoding="utf-8") as file:
            whole = file.read()
        whole = re.sub(r"\n\[postfix\]\n[^\[]*", "\n[postfix]\nsystem_mail_to = root-reader@example.jp\n", whole)
        whole = whole.replace("[mail]\n", "[mail]\nhostname = mail.stack.test\n", 1)
        whole += f"\n[tls]\ncertificate = {stack.certificate()}.crt\nkey = {stack.certificate()}.key\n"
        return stack.write(os.path.join(site.data, "port25.conf"), whole, 0o600)

    def apply(self, *words, settings=None):
        inside = ("nsenter", "-t", str(self.network.process.pid), "-n", "-m") if self.network else ()
        return stack.run(*inside, os.path.join(stack.site().bin, "postreeve-lookup"), "-c", settings or self.settings, "render", "--apply", "--out",
                         self.out, "--postfix-config", self.config, "--queue-directory", f"{self.base}/queue", *words)

    def is_up(self):
        with contextlib.suppress(OSError):
            self.connect("198.51.100.99").close()
            return True
        return False

    def connect(self, source, port=25, helo="client.test"):
        return self.network.inside(lambda: smtplib.SMTP(SERVER, port, helo, timeout=60, source_address=(source, 0)))

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


def server():
    def make():
        stack.world()
        stack.site().mailbox("root-reader@example.jp")
        network = Server()
        for octet in list(range(2, 7)) + [99] + list(range(20, 30)):
            network.network.run("ip", "addr", "add", f"198.51.100.{octet}/24", "dev", "lo", check=False)
        return network
    return stack.shared("port 25", make)


class Port25(unittest.TestCase):
    def setUp(self):
        self.server = server()
        self.site = stack.site()

    def answer(self, source, sender="a@good.test", recipient="taro@example.jp", helo="client.good.test"):
        with self.server.connect(f"198.51.100.{source}", helo=helo) as session:
            session.ehlo()
            session.mail(sender)
            return stack.said(session.rcpt(recipient))

    def assert_refused(self, answer, words, code=554):
        self.assertEqual(answer[0], code, answer)
        self.assertIn(words, answer[1])

    def test_dns_lists_by_what_they_answer(self):
        self.assertEqual(self.answer(20)[0], 250)
        self.assert_refused(self.answer(2), "blocked using zen.spamhaus.org")
        self.assertEqual(self.answer(3)[0], 250)
        self.assertEqual(self.answer(4)[0], 250)
        self.assertRegex(self.server.log_text(), r"reject_warning: RCPT from \S*198\.51\.100\.4\]")
        self.assert_refused(self.answer(5), "blocked using bl.spamcop.net")

    def test_dns_lists_of_domains(self):
        self.assert_refused(self.answer(20, "a@listed.test"), "listed.test")
        self.assert_refused(self.answer(20, helo="spam-helo.test"), "Helo command [spam-helo.test] blocked")

    def test_a_sender_that_is_let_past_the_lists(self):
        self.site.api("POST", "/sender-access", sender="white.test", action="OK")
        self.assertEqual(self.answer(2, "friend@white.test")[0], 250)
        self.assert_refused(self.answer(2, "friend@white.test", "x@elsewhere.test"), "Relay access denied")

    def test_senders_and_helo_that_cannot_be(self):
        self.assert_refused(self.answer(21, "a@no-such.test"), "Domain not found", 450)
        self.assert_refused(self.answer(21, helo="bad_name!"), "Invalid name", 501)
        self.assertEqual(self.answer(21, "")[0], 250)  # a bounce

    def test_own_networks_send_anywhere(self):
        session = self.server.network.inside(lambda: smtplib.SMTP("127.0.0.1", 25, "bad_name!", timeout=60))
        with session:
            session.ehlo()
            session.mail("a@no-such.test")
            self.assertEqual(session.rcpt("x@elsewhere.test")[0], 250)

    def test_the_greeting_says_no_version(self):
        session = self.server.network.inside(lambda: socket.create_connection((SERVER, 25), 60))
        with session, session.makefile("rb") as lines:
            self.assertEqual(lines.readline(), b"220 mail.stack.test ESMTP Postfix\r\n")

    def test_too_many_connections_at_once(self):
        open_ones = []
        try:
            for _ in range(25):
                open_ones.append(self.server.connect("198.51.100.22"))
            with self.assertRaises(smtplib.SMTPConnectError) as refused:
                self.server.connect("198.51.100.22").close()
            self.assertEqual(refused.exception.smtp_code, 421)
            self.server.connect("198.51.100.23").close()
        finally:
            for session in open_ones:
                session.close()

    def test_too_many_connections_in_a_minute(self):
        def taken():
            with self.server.network.inside(lambda: socket.create_connection((SERVER, 25), 60, ("198.51.100.24", 0))) as s:
                return s.recv(3)
        answers = [taken() for _ in range(121)]
        self.assertEqual(answers, [b"220"] * 120 + [b"421"])

    def test_too_many_recipients_and_letters_in_a_minute(self):
        with self.server.connect("198.51.100.25", helo="client.good.test") as session:
            session.ehlo()
            session.mail("a@good.test")
            codes = [session.rcpt("taro@example.jp")[0] for _ in range(121)]
            self.assertEqual(codes, [250] * 120 + [450])
        with self.server.connect("198.51.100.26", helo="client.good.test") as session:
            session.ehlo()
            codes = []
            for _ in range(121):
                codes.append(session.mail("a@good.test")[0])
                if codes[-1] == 250:
                    session.docmd("RSET")
                if len(codes) % 60 == 0:  # more than 100 commands that do nothing would end the session
                    session.close()
                    session = self.server.connect("198.51.100.26", helo="client.good.test")
                    session.ehlo()
            self.assertEqual(codes, [250] * 120 + [450])

    def test_mail_to_root_stays_here(self):
        for recipient in ("root", "root@localhost", "www-data@mail.stack.test"):
            with self.subTest(recipient):
                token = os.urandom(8).hex()
                self.server.network.run("sendmail", "-C", self.server.config, "-f", "cron@mail.stack.test", recipient,
                                        env={**os.environ, "MAIL_CONFIG": self.server.config}, input=None,
                                        stdin=self.letter(token))
                self.site.wait_for("root-reader@example.jp", token)
        self.server.network.run("sendmail", "-C", self.server.config, "-f", "root@mail.stack.test", "no-such@mail.stack.test",
                                stdin=self.letter("x"))
        stack.wait_until(lambda: re.search(r"to=<no-such@mail.stack.test>.*status=bounced \(unknown user",
                                           self.server.log_text()), "no way out for an unknown one")

    def test_mail_to_root_by_etc_aliases(self):
        """Where no address is configured for it, local(8) has it."""
        aliases = stack.write(os.path.join(self.server.base, "aliases"), "root: hana@example.jp\n")
        stack.run("postalias", "-c", self.server.config, "hash:" + aliases)
        with open(self.server.settings, encoding="utf-8") as file:
            settings = file.read()
        other = stack.write(os.path.join(self.site.data, "port25-local.conf"), settings.replace(
            "system_mail_to = root-reader@example.jp", "alias_file = " + aliases), 0o600)
        try:
            self.server.apply("--reload", settings=other)
            for recipient in ("root", "root@localhost"):
                token = os.urandom(8).hex()
                self.server.network.run("sendmail", "-C", self.server.config, "-f", "cron@mail.stack.test", recipient,
                                        stdin=self.letter(token))
                self.site.wait_for("hana@example.jp", token)
            self.assertRegex(self.server.log_text(), r"postfix/local\[\d+\]: .*to=<root@mail\.stack\.test>.*status=sent \(forwarded")
            with self.server.connect("198.51.100.28", helo="client.good.test") as session:
                session.ehlo()
                session.mail("a@good.test")
                self.assertEqual(session.rcpt("postmaster@mail.stack.test")[0], 250)
        finally:
            self.server.apply("--reload")

    def letter(self, token):
        path = stack.write(os.path.join(self.server.base, "letter-" + token), f"Subject: {token}\n\nHello.\n")
        return open(path, "rb")  # pylint: disable=consider-using-with

    def logged_in(self, port, name="taro@example.jp"):
        if port == 465:
            session = self.server.network.inside(lambda: smtplib.SMTP_SSL(SERVER, 465, "[192.168.1.7]", timeout=60,
                                                                          context=stack.trusting()))
        else:
            session = self.server.connect("198.51.100.27", port, "[192.168.1.7]")
            session.starttls(context=stack.trusting())
        session.ehlo()
        session.login(name, stack.PASSWORD)
        return session

    def test_ports_for_our_own_people(self):
        with self.server.connect("198.51.100.27", 587) as session:
            session.ehlo()
            self.assertEqual(session.mail("taro@example.jp")[0], 530)  # STARTTLS first
            session.starttls(context=stack.trusting())
            session.ehlo()
            session.mail("taro@example.jp")
            self.assert_refused(stack.said(session.rcpt("hana@example.jp")), "Access denied")
            said = session.docmd("EHLO client.test")[1].decode().splitlines()
            self.assertIn("AUTH=PLAIN LOGIN", said)  # for old Outlooks, beside AUTH PLAIN LOGIN
        for port in (587, 465):
            token = os.urandom(8).hex()
            with self.subTest(port), self.logged_in(port) as session:
                session.sendmail("taro@example.jp", ["hana@example.jp"], stack.letter("taro@example.jp", "hana@example.jp", token))
                received = self.site.wait_for("hana@example.jp", token)
                self.assertIn("(Authenticated sender: taro@example.jp)", received)
                self.assertRegex(received, r"using TLSv1\.\d with cipher")

    def test_rules_for_our_own_people(self):
        self.site.api("POST", "/domains", domain="msa.jp")
        self.site.mailbox("boss@msa.jp")
        self.site.api("POST", "/sender-logins", sender="@msa.jp", login="boss@msa.jp")
        for sender, recipient, code, words in (
                ("<boss@msa.jp>", "<a..b@docomo.ne.jp>", 250, ""),       # what Japanese carriers gave out
                ('<boss@msa.jp>', '<"a..b"@docomo.ne.jp>', 250, ""),
                ("<boss@msa.jp>", "<x@elsewhere.test>", 250, ""),
                ("<boss@msa.jp>", "x@elsewhere.test", 501, "Bad recipient address syntax"),
                ("<boss@msa.jp>", "<x@host>", 504, "need fully-qualified address"),
                ("<taro@host>", "<x@elsewhere.test>", 553, "not owned"),
                ("<no-such@msa.jp>", "<x@elsewhere.test>", 550, "User unknown"),
                ("<a@good.test>", "<x@elsewhere.test>", 553, "not owned")):
            with self.subTest(f"{sender} {recipient}"), self.logged_in(587, "boss@msa.jp") as session:
                self.assertEqual(session.docmd("MAIL FROM:" + sender)[0], 250)
                self.assert_refused(stack.said(session.docmd("RCPT TO:" + recipient)), words, code)

    def test_what_was_applied_is_what_runs(self):
        done = stack.run(os.path.join(self.site.bin, "postreeve-lookup"), "-c", self.server.settings, "drift", "--out",
                         self.server.out, "--postfix-config", self.server.config, "--queue-directory",
                         f"{self.server.base}/queue", check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_reload(self):
        before = self.server.log_text().count("reload -- version")
        self.server.apply("--reload")
        stack.wait_until(lambda: self.server.log_text().count("reload -- version") > before, "Postfix to read its files again")

"""Secrets leave no trace: markers go in wherever a secret can go, and then nothing that can be read holds one.

Not the database (as text, in hexadecimal, in base64), not the log, no answer but the one that shows a new secret once, no
metric, no list of processes, and no memory of the service once its requests are over: a core image tells nothing.

WHERE A CLEAR SECRET MUST BE: the configuration's own (key file, the database's password) stay in memory as long as they are in
use. Those are looked for everywhere else.
"""
import base64
import hmac
import os
import pathlib
import re
import secrets
import subprocess
import threading
import time
import unittest

from case import ApiTest, numbers
from client import Client, segment
from examples import Examples, Half
from place import secret_file, wait_until

STEM = "Kanaria1-"
SKIPPED = 1 << 30  # octets; what is larger is the sanitizer's own bookkeeping, and never there as a whole


def forms_of(secret):
    """A secret as it is, in hexadecimal, and in base64 wherever it stands among groups of three octets."""
    octets = secret.encode()
    yield octets
    yield octets.hex().encode()
    yield octets.hex().upper().encode()
    for ahead in range(3):
        inner = base64.b64encode(b"\0" * ahead + octets)[4 if ahead else 0:]
        inner = inner[:len(inner) // 4 * 4 - 4]  # without what depends on what follows
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


class Canaries:
    def __init__(self):
        self.known = {}  # secret: where it was put in

    def new(self, where):
        secret = STEM + secrets.token_hex(12)
        self.known[secret] = where
        return secret

    def note(self, secret, where):
        self.known[secret] = where

    def found_in(self, octets, but=frozenset()):
        """Where none of the stem's forms is, none of those that begin with it can be: that spares most of the looking."""
        stem = any(form in octets for form in set(forms_of(STEM)))
        wanted = [s for s in self.known if s not in but and (stem or not s.startswith(STEM))]
        return {f"{self.known[s]} ({form[:12].decode()}...)" for s in wanted for form in set(forms_of(s)) if form in octets}


def secret_members(description, schema):
    """Names of what is for writing only, also inside."""
    schema = description.resolve(schema)
    return [name for name, inner in schema.get("properties", {}).items() if description.resolve(inner).get("writeOnly")]


def code_of(secret):
    """The second factor's code of now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, int(time.time() // 30).to_bytes(8, "big"), "sha1").digest()
    at = digest[-1] & 15
    return f"{int.from_bytes(digest[at:at + 4], 'big') % 2 ** 31 % 10 ** 6:06d}"


def memory_of(pid):
    """What a core image would hold of a process: (where, octets) of all that it can write to."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            fields = line.split(None, 5)
            first, last = (int(x, 16) for x in fields[0].split("-"))
            if "rw" not in fields[1] or last - first > SKIPPED:
                continue
            try:
                memory.seek(first)
                octets = memory.read(last - first)
                if octets.count(0) < len(octets):  # stacks are mostly empty
                    yield fields[5].strip() if len(fields) > 5 else "heap", octets.replace(bytes(4096), b"\0")
            except (OSError, ValueError, OverflowError):
                continue  # [vvar] and the like


class Looks:
    """Where a marker could be found. A class that has put them in says `service`, `canaries`, `answers` and `processes`."""

    kept = frozenset()  # what the service has to keep in memory, because it will need it again

    def watch_processes(self, done):
        while not done.is_set():
            for name in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.processes.append(name.read_bytes())
                except OSError:
                    pass  # it ended

    @property
    def database(self):
        return self.place.database

    def assert_none(self, octets, where, but=frozenset()):
        found = self.canaries.found_in(octets, but)
        self.assertEqual(sorted(found)[:20], [], f"{where}: {len(found)} markers")

    def test_not_in_the_database(self):
        dump = subprocess.run(["mariadb-dump", f"--defaults-file={self.place.root_cnf}", "--skip-extended-insert",
                               "--skip-hex-blob", self.database], capture_output=True, check=True).stdout
        self.assertIn(self.half.domain.encode(), dump)
        self.assert_none(dump, "the database")

    def test_not_in_the_log(self):
        self.assert_none(self.service.log.encode() + self.place.log.encode(), "the log")

    def test_not_in_an_answer(self):
        self.assertGreater(len(self.answers), 15)
        self.assert_none(b"\n".join(self.answers), "answers")

    def test_not_in_the_metrics(self):
        with_metrics = self.service.client()
        self.assert_none(with_metrics.ask("GET", "//metrics").body, "/metrics")
        with_metrics.close()

    def test_not_among_the_processes(self):
        self.assertTrue(any(b"postreeved" in p for p in self.processes))
        self.assert_none(b"\n".join(set(self.processes)), "the list of processes")

    @unittest.skipUnless(os.geteuid() == 0, "only root reads another process' memory")
    def test_not_in_the_memory_of_the_service(self):
        """Without the requests, whose memory it is while they run."""
        pid = self.service.process.pid
        self.assertTrue(any(self.database.encode() in octets for _, octets in memory_of(pid)))
        found = set()
        for where, octets in memory_of(pid):
            found |= {secret for secret in self.kept if secret.encode() in octets}
            with self.subTest(where=where):
                self.assert_none(octets, f"memory: {where}", self.kept)
        self.assertEqual(bool(found), bool(self.kept), "what has to be there is not found: nothing else would be")

    def test_no_core_image_is_written(self):
        limits = pathlib.Path(f"/proc/{self.service.process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")


class EverySecret(Looks, ApiTest):
    """The tests' order is that of their letters: everything is put in first, in setUpClass, and looked for then."""

    @classmethod
    def setUpClass(cls):
        test = cls()
        cls.canaries = Canaries()
        cls.answers, cls.processes = [], []
        cls.service = test.place.service()
        try:
            cls.put_everything_in(test)
        except BaseException:
            cls.service.kill()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.service.stop()

    @classmethod
    def put_everything_in(cls, test):
        cls.half = Half(test, "canary")
        root = cls.half.make.post("/admins", {"username": f"canary{next(numbers)}@staff.example", "password": test.password,
                                              "super_admin": True}).json["username"]
        test.clients = [Quiet(cls, root, test.password), Quiet(cls, cls.half.admin, test.password),
                        Quiet(cls, cls.half.user, test.password)]
        for operation in Client.description.operations:
            if operation.body_schema and operation.verb != "session.create":
                test.fill_in(operation)
        test.log_in_and_out()
        test.made_here(root)
        test.on_the_command_line()
        for client in test.clients:
            client.close()

    def fill_in(self, operation):
        """Each secret member with a marker: in a body that is right, and in some that are not."""
        members = secret_members(Client.description, operation.body_schema)
        for name in members:
            for shape in (lambda s: s, lambda s: [s], lambda s: {"x": s}, lambda s: s + "x" * 2000, lambda s: s + "\0"):
                for client in self.clients:
                    e = Examples(operation, self.half, "plain", harmless=False)
                    marker = self.canaries.new(f"{operation.verb}: {name}")
                    body = {**(e.body or {}), name: shape(marker)}
                    client.ask(operation.method, e.path, body, {"Idempotency-Key": self.canaries.new("Idempotency-Key")}
                               if operation.method == "POST" else {})

    def log_in_and_out(self):
        """The right password and wrong ones, in each field that could be mistaken for the other."""
        box = self.half.mailbox["deputy"]
        right = self.canaries.new("session.create: the right password")
        self.clients[0].ask("PATCH", f"/mailboxes/{self.half.mailbox['plain']}", {"password": right})
        for body in ({"username": self.half.mailbox["plain"], "password": right},
                     {"username": box, "password": self.canaries.new("session.create: a wrong one")},
                     {"username": box, "password": self.canaries.new("session.create: too long") + "x" * 5000},
                     {"username": box, "password": [self.canaries.new("session.create: a list")]},
                     {"username": "nobody@nowhere.example", "password": self.canaries.new("session.create: nobody's")},
                     {"username": box, "password": "x", "otp": self.canaries.new("session.create: otp")[:16]}):
            client = Quiet(type(self))
            answer = client.ask("POST", "/session", body, secret=True)
            if answer.status == 201:
                client.take_cookie(answer)
                self.canaries.note(client.cookie, "a session's token")
                client.ask("GET", "/me")
                client.ask("PUT", "/me/password", {"current": right, "new": self.canaries.new("me.password: new")})
                client.ask("DELETE", "/session")
            client.close()

    def made_here(self, root):
        """Secrets that the service makes: shown once, or again to whoever asks the same."""
        client = self.clients[0]
        for method, path, body, member in (
                ("POST", "/tokens", {"name": "x", "scopes": ["*"]}, "secret"),
                ("POST", "/mailboxes", {"address": f"made@{self.half.domain}", "generate_password": True}, "generated_password"),
                ("PATCH", f"/mailboxes/{self.half.mailbox['deputy']}", {"generate_password": True}, "generated_password"),
                ("POST", "/admins", {"username": f"made@{self.half.domain}", "generate_password": True},
                 "generated_password")):
            headers = {"Idempotency-Key": self.canaries.new("Idempotency-Key")} if method == "POST" else {}
            for _ in range(2 if headers else 1):
                answer = client.ask(method, path, body, headers, secret=True)
                self.canaries.note(answer.json[member], f"{method} {path}: {member}")
        self.keys_that_sign(client)
        self.made_for_oneself(self.clients[2])
        self.use_token(client.ask("POST", "/tokens", {"name": "y", "scopes": ["*"]}, secret=True).json)
        for wrong in ("Bearer ", "Basic ", ""):
            other = Quiet(type(self))
            other.ask("GET", "/me", headers={"Authorization": wrong + self.canaries.new("a wrong token")})
            other.close()

    def keys_that_sign(self, client):
        """Brought along; in an RSA key the first lines are the modulus, which is public. One that is made here nobody ever sees."""
        for n, (public, words) in enumerate(((8, ("genrsa", "-traditional", "2048")), (0, ("genpkey", "-algorithm", "ed25519")))):
            pem = subprocess.run(["openssl", *words], capture_output=True, text=True, check=True).stdout
            for line in [x for x in pem.splitlines()[1 + public:-1] if len(x) == 64]:
                self.canaries.note(line, "a DKIM key")
            made = client.ask("POST", "/dkim-keys", {"domain": self.half.domain, "selector": f"k{n}", "private_key": pem})
            assert made.status == 201, made
            client.ask("GET", f"/dkim-keys/{made.json['id']}")

    def made_for_oneself(self, client):
        """Of a second factor and of programs, by a user."""
        proof = {"password": self.password}
        made = client.ask("POST", "/me/app-passwords", {**proof, "description": "x"}, secret=True).json
        self.canaries.note(made["app_password"], "an app password")
        offer = client.ask("POST", "/me/totp", proof, secret=True)
        self.canaries.note(offer.json["secret"], "a second factor's secret")
        client.ask("PUT", "/me/totp", {"otp": self.canaries.new("me.confirm-totp: otp")[:16]})
        codes = client.ask("PUT", "/me/totp", {"otp": code_of(offer.json["secret"])}, secret=True)
        for code in codes.json["codes"]:
            self.canaries.note(code, "a recovery code")
        login = Quiet(type(self))
        login.ask("POST", "/session", {"username": self.half.user, **proof, "otp": codes.json["codes"][0]}, secret=True)
        login.close()

    def use_token(self, made):
        self.canaries.note(made["secret"], "a token")
        other = Quiet(type(self))
        other.token = made["secret"]
        other.ask("GET", "/me")
        other.ask("DELETE", f"/tokens/{made['id']}")
        other.ask("GET", "/me")
        other.close()

    def on_the_command_line(self):
        """Standard input or a file; what takes a secret as an argument would show it to everybody on the machine."""
        d = self.half.domain
        done = threading.Event()
        watch = threading.Thread(target=self.watch_processes, args=(done,))
        watch.start()
        for words in (("mailbox", "create", f"cli@{d}"), ("mailbox", "update", f"cli@{d}"), ("admin", "create", f"cli@{d}"),
                      ("relay", "update", self.half.relay, "--username", "x")):
            for more in ((), ("--json",)):
                marker = self.canaries.new("postreeve " + " ".join(words[:2]))
                said = self.place.run(*words, "--password-stdin", *more, stdin=marker, config=self.service.config)
                self.keep(said)
                name = secret_file(self.canaries.new("--password-file"))
                self.keep(self.place.run(*words, "--password-file", name, *more, config=self.service.config))
                os.unlink(name)
        done.set()
        watch.join()

    def keep(self, said):
        self.answers.append(f"{said.stdout}\n{said.stderr}".encode())

    # ---- and then ----

    def test_the_markers_are_many(self):
        places = set(self.canaries.known.values())
        self.assertGreater(len(places), 20)
        for verb in ("mailbox.create", "mailbox.update", "admin.update", "me.password", "relay.create", "fetchmail.update"):
            self.assertTrue(any(p.startswith(verb + ":") for p in places), verb)

    def test_the_command_was_seen_among_the_processes(self):
        self.assertTrue(any(b"--password-stdin" in p for p in self.processes))


class Quiet(Client):
    """Keeps all answers but those that show a secret; of a session at that service."""

    def __init__(self, test, username=None, password=None):
        super().__init__(test.service.url)
        self.test = test
        if username:
            answer = self.ask("POST", "/session", {"username": username, "password": password}, secret=True)
            self.take_cookie(answer)

    def ask(self, *words, secret=False, **more):
        answer = super().ask(*words, **more)
        if not secret:
            self.test.answers.append(bytes(str(answer.headers), "utf-8") + answer.body)
        return answer

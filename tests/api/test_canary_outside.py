"""Secrets on their way out, and those of the configuration, leave no trace either: what programs get on standard input, the
token of a letter for who forgot their password, a relay's log-in, what letters, webhooks and the database are reached with.

All of them arrive where they are meant to; then they are looked for as in test_canary.py. While a program has yet to be tried
again, what it is to get waits sealed in the database.
"""
import pathlib
import re
import tempfile
import threading
import types

import test_canary
from place import run_program, scratch, wait_until
from smtp_sink import Sink
from test_errands import ErrandTest, Receiver

DOMAIN = "outside.example"
BOX = f"taro@{DOMAIN}"


class OutsideSecrets(test_canary.Looks, ErrandTest):
    """The tests' order is that of their letters: everything is put in first, in setUpClass, and looked for then."""

    half = types.SimpleNamespace(domain=DOMAIN)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls()
        cls.canaries, cls.answers, cls.processes = test_canary.Canaries(), [], []
        cls.directory = pathlib.Path(tempfile.mkdtemp(dir=scratch, prefix="outside."))
        cls.sink, cls.receiver = Sink(log_in=True), Receiver()
        cls.addClassCleanup(cls.sink.close)
        cls.addClassCleanup(cls.receiver.close)
        cls.service = test.place.service(**test.configured())
        cls.addClassCleanup(lambda: cls.service.stop())
        done = threading.Event()
        watch = threading.Thread(target=test.watch_processes, args=(done,))
        watch.start()
        try:
            test.put_everything_in()
        finally:
            done.set()
            watch.join()

    def setUp(self):
        pass  # what is there stays

    @property
    def database(self):
        return self.name

    def configured(self):
        """The secrets of the file, which stay in memory: they are needed again."""
        secret = {name: self.canaries.new(f"configuration: {name}") for name in ("database", "lookup", "letters", "webhook")}
        self.place.sql(f"CREATE USER canary@localhost IDENTIFIED BY '{secret['database']}';"
                       f"GRANT SELECT, INSERT, UPDATE, DELETE ON {self.name}.* TO canary@localhost")
        self.addClassCleanup(self.place.sql, "DROP USER canary@localhost")
        type(self).kept = frozenset(secret.values())
        self.canaries.note(self.key(), "configuration: the key")
        type(self).letters_password = secret["letters"]
        keep = self.script("keep", f"cat > {self.directory}/stdin.$$\nmv {self.directory}/stdin.$$ {self.directory}/heard.$$\n")
        again = self.script("again", "cat > /dev/null\nexit 75\n")
        account = {"user": "canary", "option_file": None}
        return self.sections(
            database={"name": self.name, **account, "password": secret["database"]},
            lookup={"name": self.name, **account, "password": secret["lookup"]},
            hooks={"mailbox_password": keep, "mailbox_app_password": keep, "admin_password": again},
            letters={"smtp_port": self.sink.port, "username": "postreeve", "password": secret["letters"], "per_hour": 100},
            webhook={"url": self.receiver.url, "secret": secret["webhook"], "verbs": "*"},
            password={"reset": "yes"}, server={"public_url": "https://mail.outside.example"},
            errands={"first_pause_seconds": 3600})

    def key(self):
        config = pathlib.Path(self.place.config).read_text()
        return pathlib.Path(re.search(r"(?m)^key_file *= *(.*)$", config).group(1)).read_text().strip()

    def sections(self, **more):
        return {**super().sections(**{k: v for k, v in more.items() if k != "database"}), "database": more["database"]}

    def put_everything_in(self):
        admin = test_canary.Quiet(type(self), self.place.admin, self.place.admin_password)
        admin.post("/domains", {"domain": DOMAIN})
        first, second = (self.canaries.new(f"the program's standard input: {word}") for word in ("first", "second"))
        admin.post("/mailboxes", {"address": BOX, "password": first, "recovery_address": "taro@elsewhere.example"})
        self.heard_by_the_program(first)
        self.by_its_owner(first, second)
        waits = self.canaries.new("a program's that has to be tried again")
        admin.post("/admins", {"username": f"dora@{DOMAIN}", "password": waits})
        self.wait_for(1, "state = 'waiting' AND attempts = 1 AND sealed IS NOT NULL")
        self.relay(admin)
        self.reset()
        self.render()
        self.wait_for(0, "state <> 'done' AND event <> 'admin_password'")
        self.assertEqual(self.rows("COUNT(*)", "kind = 'webhook' AND state = 'done'") != [["0"]], True)
        for path in ("/errands", "/log", "/relays", "/mailboxes", "/admins"):
            admin.get(path)
        admin.close()

    def heard_by_the_program(self, *wanted):
        """In their order; what it heard is in no place that is looked at."""
        def said():
            files = list(self.directory.glob("heard.*"))
            return [f.read_bytes().split(b"\0")[:-1] for f in files]
        octets = [w.encode() for w in wanted]
        wait_until(lambda: any(one[-len(octets):] == octets for one in said()), "the program hears what it is told")

    def by_its_owner(self, first, second):
        user = test_canary.Quiet(type(self), BOX, first)
        user.expect(204, "PUT", "/me/password", {"current": first, "new": second})
        self.heard_by_the_program(first, second)
        made = user.ask("POST", "/me/app-passwords", {"password": second, "description": "x"}, secret=True).json
        self.canaries.note(made["app_password"], "an app password, on standard input")
        self.heard_by_the_program(made["app_password"])
        user.close()

    def relay(self, admin):
        password = self.canaries.new("a relay's log-in")
        admin.post("/relays", {"name": "out", "scope": "*", "host": "127.0.0.1", "port": self.sink.port, "tls": "none",
                               "username": "postreeve", "password": password})
        steps = admin.expect(200, "POST", "/relays/out/test").json["items"]
        self.assertEqual([s["state"] for s in steps if s["step"] == "auth"], ["ok"], steps)
        self.assertIn(password, self.sink.log_ins)

    def reset(self):
        """One link that is used, and one that is not."""
        stranger = test_canary.Quiet(type(self))
        for use in (False, True):
            stranger.expect(204, "POST", "/password-reset", {"username": BOX})
            wait_until(lambda: self.sink.letters, "the letter")
            _, letter = self.sink.letters.pop()
            token = re.search(r"#([A-Za-z0-9_-]{43})\s", letter.get_content() + "\n").group(1)
            self.canaries.note(token, "a token for a new password" + (", used" if use else ""))
            new = self.canaries.new("password-reset.use: new")
            stranger.expect(422, "PUT", "/password-reset", {"token": self.canaries.new("a wrong token, for reset"), "new": new})
            stranger.expect(422, "PUT", "/password-reset", {"token": token, "new": "short"})
            if use:
                stranger.expect(204, "PUT", "/password-reset", {"token": token, "new": new})
        self.assertIn(self.letters_password, self.sink.log_ins)
        stranger.close()

    def render(self):
        """It writes the look-ups' password into files, and says it nowhere: not when the database refuses it, either, to make
        tables of its rows."""
        done = run_program(self.place.bin / "postreeve-lookup", "-c", self.service.config, "render", "--out",
                           self.directory / "rendered")
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("Access denied", done.stderr)
        self.answers.append((done.stdout + done.stderr).encode())

    # ---- and then ----

    def test_the_markers_arrived(self):
        self.assertGreater(len(self.canaries.known), 12)
        self.assertTrue(self.receiver.told)
        for _, body in self.receiver.told:
            self.assert_none(body, "a webhook")

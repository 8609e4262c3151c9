"""The operator's command: the same verbs, one table of exit codes, passwords that never stand in an argument."""
import json
import os
import pathlib
import pty
import re
import subprocess
import tempfile
import threading

from case import PASSWORD, ApiTest, numbers
from client import segment
from place import PATIENCE, ROOT, run_program, scratch, secret_file

OK, USAGE, INVALID, MISSING, CONFLICT, RETRY, CONFIG = 0, 64, 65, 67, 73, 75, 78


class CommandTest(ApiTest):
    def run_command(self, *words, code=OK, says=None, **more):
        done = self.place.run(*words, **more)
        self.assertEqual(done.returncode, code, f"{words}: {done.stderr}")
        if says is not None:
            self.assertIn(says, done.stderr)
        if code != OK:
            self.assertEqual(done.stdout, "")
            self.assertNotEqual(done.stderr, "")
        return done

    def json(self, *words, **more):
        return json.loads(self.run_command(*words, "--json", **more).stdout)


class SameAsTheApi(CommandTest):
    """--json prints what the API answers for the same item."""

    def setUp(self):
        self.domain = self.new_domain("cli")
        self.mailbox = self.new_mailbox(self.domain, display_name="山田", quota_bytes=1000,
                                        forward={"destinations": ["a..b@c.example"]})
        self.alias = f"info@{self.domain}"
        self.admin.post("/aliases", {"address": self.alias, "destinations": [self.mailbox]})
        self.other = self.new_domain("cli")
        self.admin.post("/alias-domains", {"alias_domain": self.other, "target_domain": self.domain})
        self.staff = self.new_admin(self.domain)

    def test_items(self):
        for noun, path, key in (("domain", "/domains", self.domain), ("mailbox", "/mailboxes", self.mailbox),
                                ("alias", "/aliases", self.alias),
                                ("alias-domain", "/alias-domains", self.other),
                                ("admin", "/admins", self.staff)):
            with self.subTest(noun=noun):
                self.assertEqual(self.json(noun, "show", key), self.admin.get(f"{path}/{segment(key)}"))
                self.assertEqual(self.json(noun, "show", key.upper()),
                                 self.admin.get(f"{path}/{segment(key)}"))

    def test_lists(self):
        for noun, path in (("domain", "/domains"), ("mailbox", "/mailboxes"), ("alias", "/aliases"),
                           ("alias-domain", "/alias-domains"),
                           ("admin", "/admins"), ("log", "/log"), ("transport", "/transports"),
                           ("sender-access", "/sender-access"), ("sender-login", "/sender-logins"),
                           ("relay", "/relays"), ("fetchmail", "/fetchmail")):
            with self.subTest(noun=noun):
                mine = self.json(noun, "list", "--limit", "3", "--total")
                theirs = self.admin.get(f"{path}?limit=3&total=true")
                self.assertEqual(mine, theirs)
                if mine["next"]:
                    further = self.json(noun, "list", "--cursor", mine["next"], "--limit", "2")
                    self.assertEqual(further, self.admin.get(f"{path}?limit=2&cursor={mine['next']}"))

    def test_lists_of_a_domain(self):
        self.assertEqual(self.json("mailbox", "list", self.domain),
                         self.admin.get(f"/domains/{self.domain}/mailboxes"))
        self.assertEqual(self.json("alias", "list", self.domain),
                         self.admin.get(f"/domains/{self.domain}/aliases"))
        self.run_command("mailbox", "list", "nowhere.example", code=MISSING)

    def test_search_and_sort(self):
        found = self.json("mailbox", "list", self.domain, "--search", "TARO", "--sort", "-usage_bytes")
        self.assertEqual([m["address"] for m in found["items"]], [self.mailbox])

    def test_what_a_change_prints(self):
        changed = self.json("mailbox", "update", self.mailbox, "--quota", "2K", "--no-active")
        self.assertEqual(changed, self.admin.get(f"/mailboxes/{self.mailbox}"))
        self.assertEqual((changed["quota_bytes"], changed["active"]), (2048, False))

    def test_tables_for_people(self):
        out = self.run_command("mailbox", "list", self.domain).stdout.splitlines()
        self.assertTrue(out[0].startswith("address "))
        self.assertTrue(out[1].startswith(self.mailbox))
        shown = self.run_command("mailbox", "show", self.mailbox).stdout
        self.assertRegex(shown, r"(?m)^address +taro@")
        self.assertNotIn("$1$", shown)

    def test_wide_letters_take_two_columns(self):
        self.admin.post(f"/domains/{self.domain}/mailboxes", {"local_part": "zoe", "display_name": "Zoe", "password": PASSWORD})
        lines = self.run_command("mailbox", "list", self.domain).stdout.splitlines()
        columns = {sum(2 if ord(letter) > 0x2E80 else 1 for letter in line[:re.search(r" (yes|active) ", line).start()])
                   for line in lines}
        self.assertEqual(len(columns), 1, lines)


class Acts(CommandTest):
    """What one can do to a mailbox besides changing it."""

    def setUp(self):
        super().setUp()
        self.domain = self.new_domain("cli")
        self.mailbox = self.new_mailbox(self.domain)

    def test_freeze_and_thaw(self):
        self.assertTrue(self.json("mailbox", "freeze", self.mailbox)["frozen"])
        self.assertFalse(self.json("mailbox", "thaw", self.mailbox)["frozen"])
        self.run_command("mailbox", "freeze", f"none@{self.domain}", code=MISSING)

    def test_rename(self):
        renamed = self.json("mailbox", "rename", self.mailbox, "--local-part", "tarou", "--keep-alias")
        self.assertEqual(renamed["address"], f"tarou@{self.domain}")
        self.assertEqual(self.json("alias", "show", self.mailbox)["destinations"], [renamed["address"]])
        self.run_command("mailbox", "rename", renamed["address"], code=INVALID, says="address")
        self.run_command("mailbox", "rename", renamed["address"], "--to", self.mailbox, code=CONFLICT, says="taken")

    def test_generated_password(self):
        made = self.json("mailbox", "create", f"gen@{self.domain}", "--generate-password")
        self.log_in(made["address"], made["generated_password"])
        out = self.run_command("mailbox", "update", made["address"], "--generate-password").stdout
        self.log_in(made["address"], re.search(r"(?m)^generated_password +(\S+)$", out)[1])
        self.assertNotIn("generated_password", self.run_command("mailbox", "show", made["address"]).stdout)

    def test_automatic_reply(self):
        config = self.place.config_with(mail={"vacation_domain": "auto.example"})
        words = ("--active", "--subject", "Away", "--body", "Until\nMonday", "--from", "2026-12-29",
                 "--until", "2027-01-04", "--interval", "0")
        reply = self.json("mailbox", "set-vacation", self.mailbox, *words, config=config)
        self.assertEqual(reply, {"active": True, "subject": "Away", "body": "Until\nMonday", "interval_seconds": 0,
                                 "from": "2026-12-29T00:00:00Z", "until": "2027-01-04T00:00:00Z"})
        self.assertEqual(self.admin.get(f"/mailboxes/{self.mailbox}/vacation"), reply)
        user, _, domain = self.mailbox.partition("@")
        stored = self.place.sql(f"SELECT goto FROM alias WHERE address = '{self.mailbox}'")
        self.assertEqual(stored, [[f"{user}#{domain}@auto.example,{self.mailbox}"]])
        self.run_command("mailbox", "set-vacation", self.mailbox, "--no-active")
        self.assertFalse(self.json("mailbox", "vacation", self.mailbox)["active"])


class Options(CommandTest):
    def test_sizes(self):
        domain = self.new_domain("cli")
        for given, octets in (("1000", 1000), ("1K", 1 << 10), ("2m", 2 << 20), ("3G", 3 << 30),
                              ("1T", 1 << 40), ("none", None),
                              ("unlimited", None), ("8192T", 1 << 53), ("0", 0)):
            with self.subTest(given=given):
                self.assertEqual(self.json("domain", "update", domain, "--quota", given)["quota_bytes"],
                                 octets)
        for given in ("1X", "K", "1.5G", "-1", "", "1 G", "99999999999999999999", "9000T", "1KK", "0x10",
                      "1e3"):
            with self.subTest(given=given):
                self.run_command("domain", "update", domain, "--quota", given, code=INVALID, says="quota")

    def test_limits_booleans_and_texts(self):
        name = f"cli{next(numbers)}.example"
        made = self.json("domain", "create", name, "--mailbox-limit", "50", "--alias-limit", "none",
                         "--description", "Ein Text",
                         "--backup-mx", "--no-active", "--mailbox-quota-max", "50M")
        wanted = {"mailbox_limit": 50, "alias_limit": None, "description": "Ein Text", "backup_mx": True,
                  "active": False,
                  "mailbox_quota_max_bytes": 50 << 20, "quota_bytes": None}
        self.assertEqual({k: made[k] for k in wanted}, wanted)
        self.assertFalse(self.json("domain", "update", name, "--no-backup-mx", "--active")["backup_mx"])

    def test_lists_are_options_said_again(self):
        domain = self.new_domain("cli")
        made = self.json("alias", "create", f"info@{domain}", "--to", "a@b.example", "--to", "C@d.example",
                         "--to", "a@B.example")
        self.assertEqual(made["destinations"], ["a@b.example", "c@d.example"])
        self.assertEqual(self.json("alias", "update", f"info@{domain}", "--to",
                                   "x@y.example")["destinations"], ["x@y.example"])

    def test_forwards(self):
        address = self.new_mailbox(self.new_domain("cli"))
        changed = self.json("mailbox", "update", address, "--forward-to", "a@b.example", "--no-keep-copy")
        self.assertEqual(changed["forward"], {"destinations": ["a@b.example"], "keep_copy": False})
        changed = self.json("mailbox", "update", address, "--keep-copy")
        self.assertEqual(changed["forward"], {"destinations": ["a@b.example"], "keep_copy": True})
        changed = self.json("mailbox", "update", address, "--forward-to", "")
        self.assertEqual(changed["forward"], {"destinations": [], "keep_copy": True})

    def test_catch_all_and_other_scripts(self):
        number = next(numbers)
        people = f"日本{number}.example"
        self.assertEqual(self.json("domain", "create", people)["domain"], people)
        self.assertEqual(self.json("alias", "create", f"@{people}", "--to", "a..b@docomo.example"),
                         self.admin.get(f"/aliases/{segment('@' + people)}"))

    def test_if_match(self):
        domain = self.new_domain("cli")
        etag = self.admin.expect(200, "GET", f"/domains/{domain}").etag
        self.run_command("domain", "update", domain, "--description", "new", "--if-match", etag)
        self.run_command("domain", "update", domain, "--description", "newer", "--if-match", etag,
                         code=CONFLICT, says="changed")


class ExitCodes(CommandTest):
    def test_usage(self):
        for words in ((), ("nothing",), ("domain",), ("domain", "explode"), ("session", "create"),
                      ("me", "show"), ("Domain", "list"),
                      ("domain.list",), ("migrate", "now"), ("migrate", "--option-file")):
            with self.subTest(words=words):
                self.run_command(*words, code=USAGE)

    def test_invalid(self):
        domain = self.new_domain("cli")
        for words, says in (
                (("domain", "create"), "domain"), (("domain", "create", "a b"), "domain"),
                (("domain", "create", "a.example", "--mailbox-limit"), "mailbox-limit"),
                (("domain", "show"), "domain"),
                (("domain", "create", "a.example", "--mailbox-limit", "x"), "mailbox-limit"),
                (("domain", "create", "a.example", "--description", "x" * 256), "description"),
                (("domain", "create", "a.example", "--description", "a\nb"), "description"),
                (("domain", "list", "--limit", "0"), "limit"),
                (("domain", "list", "--limit", "501"), "limit"), (("domain", "list", "--sort", "x"), "sort"),
                (("domain", "list", "--cursor", "x"), "cursor"), (("alias", "create", f"a@{domain}"), "to"),
                (("alias", "create", f"a@{domain}", "--to", "|/bin/sh"), "to"),
                (("alias", "create", "a@nowhere.example", "--to", "b@c.example"), "address"),
                (("mailbox", "create", f"taro@{domain}"), "password"),
                (("mailbox", "create", f"taro@{domain}", "--password-file", "/nowhere/at/all"),
                 "/nowhere/at/all"),
                (("mailbox", "create", f"taro@{domain}", "--password-file"), "password-file"),
                (("alias-domain", "create", domain, "--target", domain), "target"),
                (("mailbox", "create", "おやじ"), "address")):
            with self.subTest(words=words):
                before = self.place.digest()
                done = self.run_command(*words, code=INVALID, says=says)
                self.assertTrue(all(line.startswith("postreeve: ") for line in done.stderr.splitlines()),
                                done.stderr)
                self.assertEqual(self.place.digest(), before)

    def test_an_argument_that_it_does_not_take(self):
        for words, says in (
                (("domain", "create", "a.example", "b.example"), "takes no b.example;"),
                (("domain", "create", "a.example", "--nonsense"), "takes no --nonsense;"),
                (("domain", "create", "a.example", "--nonsense=x"), "takes no --nonsense;"),
                (("domain", "create", "a.example", "--nonsense", "value"), "takes no --nonsense;"),
                (("domain", "create", "a.example", "--no-json"), "takes no --no-json;"),
                (("domain", "create", "a.example", "--no-description", "x"), "takes no --no-description;"),
                (("domain", "create", "a.example", "--mailbox-count", "3"), "takes no --mailbox-count;"),
                (("domain", "create", "a.example", "--limit", "3"), "takes no --limit;"),
                (("mailbox", "create", "taro@a.example", "--password", "secret"), "takes no --password;")):
            with self.subTest(words=words):
                before = self.place.digest()
                done = self.run_command(*words, code=USAGE, says=says)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertEqual(self.place.digest(), before)

    def test_no_utf8(self):
        done = subprocess.run([self.place.bin / "postreeve", "-c", self.place.config, "domain", "create",
                               b"\xff.example"],
                              capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, INVALID, done.stderr)

    def test_missing(self):
        for noun, key in (("domain", "nowhere.example"), ("mailbox", "a@nowhere.example"),
                          ("alias", "a@nowhere.example"),
                          ("alias-domain", "nowhere.example"), ("admin", "nobody@nowhere.example")):
            for act in ("show", "update", "delete"):
                with self.subTest(noun=noun, act=act):
                    self.run_command(noun, act, key, code=MISSING, says="no such")

    def test_conflict(self):
        domain = self.new_domain("cli")
        self.run_command("domain", "create", domain, code=CONFLICT, says="taken")
        address = self.new_mailbox(domain)
        self.run_command("mailbox", "create", address, "--password-stdin", stdin=PASSWORD, code=CONFLICT,
                         says="taken")
        self.run_command("alias", "create", address, "--to", "x@y.example", code=CONFLICT, says="taken")

    def test_no_database(self):
        config = self.place.config_with(database={"socket": "/nowhere/mysql.sock"})
        for words in (("domain", "list"), ("domain", "create", "a.example"), ("migrate",)):
            with self.subTest(words=words):
                self.run_command(*words, config=config, code=RETRY)

    def test_no_configuration(self):
        self.run_command("domain", "list", config="/nowhere/postreeve.conf", code=CONFIG,
                         says="/nowhere/postreeve.conf")
        done = subprocess.run([self.place.bin / "postreeve", "domain", "list"], capture_output=True,
                              text=True,
                              env={**os.environ, "POSTREEVE_CONFIG": "/nowhere/else.conf"})
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn("/nowhere/else.conf", done.stderr)

    def test_help_and_version_need_nothing(self):
        env = {"POSTREEVE_CONFIG": "/nowhere"}
        for words, says in ((("--help",), "mailbox create"), (("--version",), "postreeve 0."),
                            (("mailbox", "create", "--help"), "--quota"),
                            (("relay", "create", "--help"), "--tls none|starttls|wrapped"),
                            (("help",), "Exit codes"), (("openapi",), '"openapi": "3.1'),
                            (("domain", "list", "--help"), "--search")):
            with self.subTest(words=words):
                done = subprocess.run([self.place.bin / "postreeve", *words], capture_output=True, text=True,
                                      env={**os.environ, **env})
                self.assertEqual((done.returncode, done.stderr), (OK, ""))
                self.assertIn(says, done.stdout)

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([self.place.bin / "postreeve", "-c", self.place.config, "domain", "list"],
                                  stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 74)

    def test_the_whole_life_of_everything(self):
        a, b = f"life{next(numbers)}.example", f"life{next(numbers)}.example"
        password = secret_file(PASSWORD + "\n")
        for words in (("domain", "create", a), ("domain", "update", a, "--description", "x"),
                      ("mailbox", "create", f"taro@{a}", "--password-file", password),
                      ("mailbox", "update", f"taro@{a}", "--display-name", "Taro"),
                      ("alias", "create", f"info@{a}", "--to", f"taro@{a}"),
                      ("alias", "update", f"info@{a}", "--no-active"),
                      ("alias-domain", "create", b, "--target", a),
                      ("alias-domain", "update", b, "--description", "x"),
                      ("admin", "create", f"boss@{a}", "--domain", a, "--password-file", password),
                      ("admin", "update", f"boss@{a}", "--super-admin"), ("admin", "delete", f"boss@{a}"),
                      ("alias-domain", "delete", b),
                      ("alias", "delete", f"info@{a}"), ("mailbox", "delete", f"taro@{a}"),
                      ("domain", "delete", a)):
            with self.subTest(words=words):
                self.run_command(*words)
        self.run_command("domain", "show", a, code=MISSING)
        last = self.admin.get("/log?limit=1")["items"][0]
        self.assertEqual((last["via"], last["source"], last["verb"]), ("cli", "localhost", "domain.delete"))


class Passwords(CommandTest):
    def setUp(self):
        self.domain = self.new_domain("pw")

    def test_by_file_and_by_standard_input(self):
        for how, words, stdin in (("file", ["--password-file", secret_file(PASSWORD)], ""),
                                  ("line", ["--password-file", secret_file(PASSWORD + "\r\n")], ""),
                                  ("stdin", ["--password-stdin"], PASSWORD + "\n")):
            with self.subTest(how=how):
                self.run_command("mailbox", "create", f"{how}@{self.domain}", *words, stdin=stdin)
                self.log_in(f"{how}@{self.domain}")

    def test_a_new_one_ends_sessions(self):
        address = self.new_mailbox(self.domain)
        session = self.log_in(address)
        self.run_command("mailbox", "update", address, "--password-stdin", stdin=PASSWORD + "!")
        session.expect(401, "GET", "/session")
        self.log_in(address, PASSWORD + "!")

    def test_never_by_argument(self):
        for words in (["--password", PASSWORD], [f"--password={PASSWORD}"], ["--password-stdin=" + PASSWORD]):
            with self.subTest(words=words):
                done = self.place.run("mailbox", "create", f"taro@{self.domain}", *words)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertNotIn(PASSWORD, done.stderr)
        self.assertEqual(self.admin.get(f"/domains/{self.domain}/mailboxes")["items"], [])

    def test_not_repeated_in_what_is_said(self):
        done = self.place.run("mailbox", "create", f"taro@{self.domain}", "--password-stdin", stdin="short")
        self.assertEqual(done.returncode, INVALID)
        self.assertIn("password", done.stderr)
        self.assertNotIn("short ", done.stderr.replace("too short", ""))

    def test_unfit_ones(self):
        for stdin in ("", "\n", "short", "x" * 129, "x" * 5000, "a\0bcdefgh", "\udcff\udcfe12345678"):
            with self.subTest(stdin=stdin[:20]):
                done = subprocess.run([self.place.bin / "postreeve", "-c", self.place.config, "mailbox",
                                       "create", f"taro@{self.domain}",
                                       "--password-stdin"], input=stdin.encode(errors="surrogateescape"),
                                       capture_output=True)
                self.assertEqual(done.returncode, INVALID, done.stderr)

    def test_the_prompt_shows_nothing(self):
        master, slave = pty.openpty()
        process = subprocess.Popen([self.place.bin / "postreeve", "-c", self.place.config, "mailbox",
                                    "create", f"tty@{self.domain}"],
                                   stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        shown, prompted = [], threading.Event()

        def read():
            try:
                while octets := os.read(master, 4096):
                    shown.append(octets)
                    if b"Password" in b"".join(shown):
                        prompted.set()
            except OSError:
                pass
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self.assertTrue(prompted.wait(PATIENCE))
        os.write(master, PASSWORD.encode() + b"\n")
        self.assertEqual(process.wait(PATIENCE), OK)
        reader.join(PATIENCE)
        os.close(master)
        self.assertNotIn(PASSWORD.encode(), b"".join(shown))
        self.log_in(f"tty@{self.domain}")


class Configuration(CommandTest):
    """A mistake is told with file and line and what was expected, by both programs, before anything starts."""

    GOOD = "[server]\nlisten = 127.0.0.1:0\n"

    def config(self, text, mode=0o600):
        path = pathlib.Path(secret_file(text))
        path.chmod(mode)
        return str(path)

    def refused(self, text, line, *says, mode=0o600):
        config = self.config(text, mode)
        for program, words in (("postreeve", ["domain", "list"]), ("postreeved", []),
                               ("postreeved", ["--check"])):
            done = subprocess.run([self.place.bin / program, "-c", config, *words], capture_output=True,
                                  text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, CONFIG, done.stderr)
            self.assertEqual(done.stdout, "")
            self.assertIn(f"{config}:{line}:" if line else config, done.stderr)
            for word in says:
                self.assertIn(word, done.stderr)

    def test_mistakes(self):
        for text, line, *says in (
                ("[server]\nlisten = 127.0.0.1:0\nworkerz = 2\n", 3, "workerz"),
                ("[sever]\nlisten = x\n", 2, "sever"),
                ("[server]\nworkers = many\n", 2, "workers", "1 to 256"),
                ("[server]\nworkers = 0\n", 2, "1 to 256"),
                ("[server]\nworkers = 257\n", 2, "1 to 256"), ("[server]\nworkers = 2.5\n", 2, "workers"),
                ("[server]\nworkers =\n", 2, "workers"),
                ("; a comment\n\n[server]\nworkers = 2\nworkers = 2\n", 5, "twice"),
                ("[server]\nworkers = 2\n[database]\nname = x\n[server]\nworkers = 2\n", 6, "twice"),
                ("[password]\nscheme = rot13\n", 2, "scheme", "md5crypt", "yescrypt"),
                ("[password]\nmin_length = 65\n", 2, "1 to 64"), ("[password]\nmin_classes = 5\n", 2, "1 to 4"),
                ("[password]\ngenerated_length = 11\n", 2, "12 to 64"),
                ("[password]\nupgrade_on_login = maybe\n", 2, "upgrade_on_login", "yes or no"),
                ("[password]\nupgrade_on_login =\n", 2, "yes or no"),
                ("[password]\n\ncommon_list = /nowhere/list\n", 3, "/nowhere/list", "No such file"),
                (f"[password]\ncommon_list = {scratch}\n", 2, "is no file"),
                ("[domain]\ndefault_aliases = postmaster:a@b.example, abuse\n", 2, "default_aliases", "not well formed"),
                ("[domain]\ndefault_aliases = postmaster:postmaster\n", 2, "leads back to itself"),
                ("[domain]\ndefault_aliases_protected = maybe\n", 2, "yes or no"),
                ("[mail]\nmaildir_layout = flat\n", 2, "domain/user"),
                ("[session]\nidle_seconds = 1\n", 2, "60"),
                ("[server]\nthis is no setting\n", 2), ("[server\nlisten = x\n", 1), ("workers = 2\n", 1),
                ("[server]\nweb_root = " + "x" * 5000 + "\n", 2, "longer"),
                ("[database]\npool = 99999999999999999999\n", 2, "pool"),
                ("[database]\nhost = 127.0.0.1:3301, db:0\n", 2, "host: db:0", "port", "65535"),
                ("[lookup]\nport = 3306\nhost = a.jp, b.jp:3307, a.jp:3306\n", 3, "host: a.jp:3306", "twice"),
                ("[database]\nhost = ::1:33066\n", 2, "host: ::1:33066", "[::1]:3306"),
                ("[database]\nhost = " + ", ".join(f"h{i}" for i in range(17)) + "\n", 2, "host"),
                ("[quota]\nmultiplier = 0\n", 2, "multiplier"),
                ("[throttle]\nwindow_seconds = -1\n", 2, "window_seconds")):
            with self.subTest(text=text[:60]):
                self.refused(text, line, *says)

    def test_the_file_is_named_anywhere(self):
        for words in (["-c", self.place.config, "domain", "list", "--limit", "1"],
                      ["domain", "list", "-c", self.place.config, "--limit", "1"],
                      ["domain", "list", "--limit", "1", f"--config={self.place.config}"]):
            done = run_program(self.place.bin / "postreeve", *words, env={"POSTREEVE_CONFIG": "/nowhere"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        self.assertEqual(run_program(self.place.bin / "postreeve", "-c").returncode, 64)

    def test_each_mistake_is_told(self):
        config = self.config("[server]\nworkers = x\nqueue = y\n[nothing]\na = b\n")
        done = self.place.run("domain", "list", config=config)
        self.assertEqual([line.split(":")[1] for line in done.stderr.splitlines()], ["2", "3", "5"])

    def test_a_password_for_all_to_read(self):
        text = "[database]\nuser = x\npassword = secret\n"
        self.refused(text, 3, "chmod", mode=0o644)
        self.refused(text, 3, "chmod", mode=0o604)
        done = self.place.run("domain", "list", config=self.config(text, 0o640))
        self.assertEqual(done.returncode, RETRY, done.stderr)
        self.assertNotIn("secret", done.stderr)

    def test_an_option_file_for_all_to_read(self):
        file = secret_file("[client]\npassword = secret\n", 0o644)
        self.refused(f"[database]\noption_file = {file}\n", 2, file, "chmod")
        self.refused("[database]\noption_file = /nowhere/x.cnf\n", 2, "/nowhere/x.cnf")
        self.refused("[server]\nworkers = 2\ntls_key = /nowhere/k.pem\n", 3, "tls_certificate")

    def test_yes_and_no(self):
        for word in ("yes", "no", "On", "off", "TRUE", "false", "1", "0"):
            done = self.place.run("domain", "list", config=self.config(f"[password]\nupgrade_on_login = {word}\n"))
            self.assertEqual(done.returncode, RETRY, done.stderr)

    def test_a_list_of_common_passwords(self):
        domain, name = self.new_domain("common"), 0
        lists = secret_file("# words of this house\nreeve of the house\n")
        for setting, password, refused in ((lists, "Reeve of the House 1!", True), (lists, "another of the house", False),
                                           ("none", "reeve of the house", False), ("", "reeve of the house", False)):
            with self.subTest(setting=setting, password=password):
                name += 1
                done = self.place.run("mailbox", "create", f"user{name}@{domain}", "--password-stdin", stdin=password + "\n",
                                      config=self.place.config_with(password={"common_list": setting}))
                self.assertEqual(done.returncode, INVALID if refused else OK, done.stderr)
                self.assertEqual("tried first" in done.stderr, refused)

    def test_a_key_file(self):
        key = "00" * 32
        for text, says, mode in ((key, "chmod", 0o644), (key[1:], "64 hexadecimal", 0o600), ("", "64 hexadecimal", 0o600),
                                 (key + "0", "64 hexadecimal", 0o600), ("x" * 64, "64 hexadecimal", 0o600),
                                 (key[:40] + "\n" + key[40:], "64 hexadecimal", 0o600), (key + " " * 4096 + "x", "too long", 0o600)):
            with self.subTest(text=text[:70], mode=mode):
                file = secret_file(text, mode)
                self.refused(f"[server]\nworkers = 2\n[secrets]\nkey_file = {file}\n", 4, file, says)
        self.refused("[secrets]\nkey_file = /nowhere/secret.key\n", 2, "/nowhere/secret.key")
        self.refused(f"[secrets]\nkey_file = {scratch}\n", 2, "is no file")
        file = secret_file(f" {key}\n", 0o640)
        done = self.place.run("domain", "list", config=self.config(f"[secrets]\nkey_file = {file}\n"))
        self.assertEqual(done.returncode, RETRY, done.stderr)

    def test_quickstart_makes_a_key_once(self):
        """Also for a configuration from before there were keys; never for one that names another."""
        def make(config):
            data = pathlib.Path(tempfile.mkdtemp(dir=scratch))
            (data / "keys").mkdir()
            (data / "postreeve.conf").write_text(config.replace("@DIR@", str(data)))
            for _ in range(2):
                subprocess.run(["bash", "-euc", f". deploy/lib.sh; . deploy/instance.sh; instance_open {data}; secret_key"],
                               cwd=ROOT, check=True, timeout=PATIENCE)
            file = data / "keys/secret.key"
            return (data / "postreeve.conf").read_text(), file.read_text() if file.exists() else "", file

        before = "[server]\nworkers = 2\n"
        config, key, file = make(before)
        self.assertEqual(config.count(f"[secrets]\nkey_file = {file}\n"), 1)
        self.assertTrue(config.startswith(before))
        self.assertRegex(key, r"\A[0-9a-f]{64}\n\Z")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        named = "[secrets]\nkey_file = @DIR@/keys/secret.key\n"
        config, again, file = make(named)
        self.assertEqual(config, named.replace("@DIR@", str(file.parents[1])))
        self.assertRegex(again, r"\A[0-9a-f]{64}\n\Z")
        self.assertNotEqual(key, again)
        self.assertEqual(make("[secrets]\nkey_file = /etc/own.key\n")[:2], ("[secrets]\nkey_file = /etc/own.key\n", ""))

    def test_what_cannot_be_read(self):
        for path in ("/nowhere/postreeve.conf", str(scratch)):
            with self.subTest(path=path):
                done = self.place.run("domain", "list", config=path)
                self.assertEqual(done.returncode, CONFIG)
                self.assertIn(path, done.stderr)

    def test_octets_that_are_no_text(self):
        path = pathlib.Path(secret_file(""))
        for octets in (b"[server]\nweb_root = \xff\xfe\n", b"[server]\nweb_root = a\0b\n",
                       bytes(range(256)) * 20):
            with self.subTest(octets=octets[:30]):
                path.write_bytes(octets)
                done = self.place.run("domain", "list", config=str(path))
                self.assertEqual(done.returncode, CONFIG, done.stderr)

    def test_the_services_own(self):
        for server, says in (({"listen": "nonsense"}, "listen"), ({"listen": "127.0.0.1:99999"}, "listen"),
                             ({"listen": "0.0.0.0:65535"}, "tls_certificate"),
                             ({"tls_certificate": "/nowhere.pem"}, "tls_key"),
                             ({"trusted_proxies": "not-an-address"}, "trusted_proxies"),
                             ({"tls_certificate": "/nowhere.pem", "tls_key": "/nowhere.key"}, "/nowhere")):
            with self.subTest(server=server):
                config = self.place.config_with(server=server)
                for words in ((), ("--check",)):
                    done = subprocess.run([self.place.bin / "postreeved", "-c", config, *words],
                                          capture_output=True, text=True, timeout=PATIENCE)
                    self.assertIn(done.returncode, (CONFIG, 77), done.stderr)
                    self.assertIn(says, done.stderr)

    def test_check(self):
        done = subprocess.run([self.place.bin / "postreeved", "-c", self.place.config, "--check"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, OK, done.stderr)
        config = self.place.config_with(database={"name": "mysql"})
        done = subprocess.run([self.place.bin / "postreeved", "-c", config, "--check"], capture_output=True,
                              text=True)
        self.assertNotEqual(done.returncode, OK)

    def test_the_service_refuses_what_it_does_not_know(self):
        for words, code in ((["--nonsense"], USAGE), (["extra"], USAGE), (["--help"], OK),
                            (["--version"], OK)):
            done = subprocess.run([self.place.bin / "postreeved", *words], capture_output=True, text=True,
                                  timeout=PATIENCE)
            self.assertEqual(done.returncode, code, done.stderr)

    def test_an_empty_file_is_all_defaults(self):
        done = self.place.run("domain", "list", config=self.config(""))
        self.assertIn(done.returncode, (OK, RETRY), done.stderr)

"""What follows from a change: programs of the operator, tried again until they succeed, whatever dies meanwhile."""
import hmac
import http.server
import itertools
import json
import os
import pathlib
import tempfile
import threading
import time

from case import PASSWORD, ApiTest
from place import main_place, run_program, scratch, wait_until
from smtp_sink import Sink

databases = itertools.count(1)


class ErrandTest(ApiTest):
    """Each class has a database, since every service on one does what is due in it."""

    @classmethod
    def setUpClass(cls):
        cls.name = f"errands{next(databases)}"
        main_place().new_database(cls.name)

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=scratch, prefix="errands."))
        self.place.sql("DELETE FROM postreeve_errand", self.name)

    def script(self, name, text):
        path = self.directory / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path

    def sections(self, **more):
        errands = {"first_pause_seconds": 0, "poll_seconds": 1, **more.pop("errands", {})}
        return {"database": {"name": self.name}, "errands": errands, **more}

    def service(self, **sections):
        service = self.place.service(**self.sections(**sections))
        self.addCleanup(lambda: service.process.poll() is None and service.stop())
        return service

    def command(self, *words, stdin="", **sections):
        return self.place.run(*words, stdin=stdin, config=self.place.config_with(**self.sections(**sections)))

    def rows(self, columns, where="TRUE"):
        return self.place.sql(f"SELECT {columns} FROM postreeve_errand WHERE {where} ORDER BY id", self.name)

    def wait_for(self, count, where):
        wait_until(lambda: self.rows("COUNT(*)", where) == [[str(count)]], f"{count} errands: {where}")


class Programs(ErrandTest):
    def listener(self, more=""):
        return self.script("listener", f'for a; do echo "$a"; done > {self.directory}/heard.$$\n'
                                       f"tr '\\0' '~' >> {self.directory}/heard.$$\n"
                                       f"mv {self.directory}/heard.$$ {self.directory}/heard\n{more}")

    def heard(self):
        wait_until((self.directory / "heard").exists, "the program is run")
        text = (self.directory / "heard").read_text()
        (self.directory / "heard").unlink()
        return text

    def test_arguments_and_standard_input(self):
        program = self.listener()
        with self.service(hooks={"mailbox_created": program, "mailbox_deleted": program, "domain_created": program,
                                 "mailbox_password": self.script("secret", f"cat > {self.directory}/secret\n")}) as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "hook.example"})
            self.assertEqual(self.heard(), "hook.example\n")
            admin.post("/mailboxes", {"address": "a b@hook.example".replace(" ", "'"), "password": PASSWORD,
                                      "quota_bytes": 1048576})
            self.assertEqual(self.heard(), "a'b@hook.example\nhook.example\nhook.example/a'b/\n1048576\n")
            self.wait_for(0, "state <> 'done'")
            self.assertEqual((self.directory / "secret").read_text(), f"\0{PASSWORD}\0")
            admin.delete("/mailboxes/a'b@hook.example")
            self.assertEqual(self.heard(), "a'b@hook.example\nhook.example\n")
            self.wait_for(4, "state = 'done' AND sealed IS NULL")
        self.assertNotIn(PASSWORD, s.log)

    def test_what_fails_is_seen_and_tried_again(self):
        full = self.directory / "full"
        full.touch()
        program = self.listener(f"[ ! -e {full} ] || {{ echo the disk is full >&2; exit 75; }}\n")
        with self.service(hooks={"domain_created": program}, errands={"first_pause_seconds": 3600}) as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "full.example"})
            self.wait_for(1, "state = 'waiting' AND attempts = 1")
            item = admin.get("/errands?state=waiting")["items"][0]
            self.assertEqual({k: item[k] for k in ("kind", "event", "verb", "actor", "target", "last_error")},
                             {"kind": "program", "event": "domain_created", "verb": "domain.create",
                              "actor": self.place.admin, "target": "full.example",
                              "last_error": "exited with 75: the disk is full"})
            self.assertIn("the disk is full", s.log)
            wait_until(lambda: b"postreeve_errands_waiting 1\n" in admin.ask("GET", "//metrics").body, "the metric")
            full.unlink()
            admin.expect(200, "POST", f"/errands/{item['id']}/retry")
            self.wait_for(1, "state = 'done'")
            self.assertEqual(admin.get(f"/errands/{item['id']}")["last_error"], "")
            self.assert_problem(admin.ask("POST", f"/errands/{item['id']}/retry"), 409, state="not_to_be_retried")

    def test_given_up_after_so_many_attempts(self):
        with self.service(hooks={"domain_created": self.script("no", "exit 1")}, errands={"attempts": 2}) as s:
            s.super_admin().post("/domains", {"domain": "never.example"})
            self.wait_for(1, "state = 'failed' AND attempts = 2")

    def blocker(self):
        """Runs until somebody writes into the pipe, the first time; then it succeeds."""
        os.mkfifo(self.directory / "pipe")
        self.addCleanup(self.let_go)
        return self.script("blocker", f"cd {self.directory}\n[ ! -e begun ] || exit 0\necho > begun\nread x < pipe\n")

    def let_go(self):
        try:
            os.close(os.open(self.directory / "pipe", os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            pass  # nobody reads it any more

    def test_a_server_that_is_killed_leaves_nothing_undone(self):
        s = self.service(hooks={"domain_created": self.blocker(), "timeout_seconds": 1}, errands={"lease_seconds": 1})
        s.super_admin().post("/domains", {"domain": "killed.example"})
        wait_until((self.directory / "begun").exists, "the program is run")
        s.kill()
        s.start_again()
        self.wait_for(1, "state = 'done' AND attempts = 2")

    def test_a_server_that_is_told_to_stop_ends_the_program(self):
        s = self.service(hooks={"domain_created": self.blocker(), "timeout_seconds": 3000})
        s.super_admin().post("/domains", {"domain": "stopped.example"})
        wait_until((self.directory / "begun").exists, "the program is run")
        before = time.monotonic()
        s.stop()
        self.assertLess(time.monotonic() - before, 20)
        self.assertEqual(self.rows("state, attempts"), [["waiting", "0"]])
        s.start_again()
        self.wait_for(1, "state = 'done'")

    def test_what_the_command_changed_is_done_by_the_service(self):
        hooks = {"domain_created": self.listener()}
        with self.service(hooks=hooks):
            done = self.command("domain", "create", "command.example", hooks=hooks)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.heard(), "command.example\n")

    def test_without_a_service(self):
        hooks = {"domain_created": self.listener(), "domain_deleted": self.script("no", "exit 1")}
        self.command("domain", "create", "alone.example", hooks=hooks)
        self.assertFalse((self.directory / "heard").exists())
        done = self.command("errand", "run", hooks=hooks)
        self.assertEqual((done.returncode, done.stdout), (0, "1 done, 0 to be tried again, 0 failed\n"), done.stderr)
        self.assertEqual(self.heard(), "alone.example\n")
        self.command("domain", "delete", "alone.example", hooks=hooks)
        done = self.command("errand", "run", hooks=hooks, errands={"first_pause_seconds": 9})
        self.assertEqual((done.returncode, done.stdout), (75, "0 done, 1 to be tried again, 0 failed\n"))
        listed = json.loads(self.command("errand", "list", "--json").stdout)
        self.assertEqual([e["state"] for e in listed["items"]], ["waiting", "done"])

    def check(self, **sections):
        return run_program(self.place.bin / "postreeved", "-c", self.place.config_with(**self.sections(**sections)), "--check")

    def test_a_program_that_others_can_change_stops_the_start(self):
        program = self.script("loose", "exit 0")
        self.assertEqual(self.check(hooks={"domain_created": program}).returncode, 0)
        cases = {"is no absolute path": "loose", "No such file": self.directory / "none", "is no file": self.directory}
        for words, path in cases.items():
            done = self.check(hooks={"alias_changed": path})
            self.assertEqual(done.returncode, 78)
            self.assertRegex(done.stderr, f"alias_changed.*{words}")
        for mode, words in ((0o775, "can be changed by others"), (0o757, "can be changed by others"),
                            (0o644, "cannot be executed")):
            program.chmod(mode)
            self.assertRegex(self.check(hooks={"alias_changed": program}).stderr, f":[0-9]+: alias_changed .*{words}")

    def test_no_password_for_a_program_without_a_key(self):
        done = self.check(hooks={"mailbox_password": self.script("p", "exit 0")}, secrets={"key_file": None})
        self.assertEqual(done.returncode, 78)
        self.assertIn("mailbox_password is given passwords, so it needs key_file", done.stderr)


class LetterTest(ErrandTest):
    def setUp(self):
        super().setUp()
        self.sink = Sink()
        self.addCleanup(self.sink.close)

    def sections(self, **more):
        letters = {"smtp_port": self.sink.port, "per_hour": 100, **more.pop("letters", {})}
        return super().sections(letters=letters, **more)

    def letter(self):
        wait_until(lambda: self.sink.letters, "a letter")
        return self.sink.letters.pop(0)


class Letters(LetterTest):
    def test_welcome(self):
        with self.service() as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "welcome.example"})
            admin.post("/mailboxes", {"address": "a'b@welcome.example", "password": PASSWORD, "welcome_letter": True,
                                      "language": "ja", "display_name": "山田 太郎"})
            recipient, letter = self.letter()
            self.assertEqual(recipient, "a'b@welcome.example")
            self.assertEqual(letter["Subject"], "welcome.example へようこそ")
            self.assertEqual(letter["To"].addresses[0].display_name, "山田 太郎")
            self.assertEqual(letter["From"], "postmaster@welcome.example")
            self.assertIn("a'b@welcome.example", letter.get_content())
            admin.post("/mailboxes", {"address": "none@welcome.example", "password": PASSWORD})
            self.wait_for(0, "state <> 'done'")
            self.assertEqual(self.sink.letters, [])

    def test_a_welcome_letter_of_ones_own(self):
        words = self.directory / "welcome.txt"
        words.write_text("Subject: Hi {display_name}\n\n{address} lives in {domain}, {display_name}.\n")
        with self.service(letters={"welcome": "yes", "welcome_file_en": words, "from": "office@host.example",
                                   "from_name": "The Office"}) as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "own.example"})
            admin.post("/mailboxes", {"address": "eve@own.example", "password": PASSWORD, "display_name": "Eve {address}"})
            _, letter = self.letter()
            self.assertEqual(letter["Subject"], "Hi Eve {address}")
            self.assertEqual(letter["From"], "The Office <office@host.example>")
            self.assertEqual(letter.get_content().strip(), "eve@own.example lives in own.example, Eve {address}.")
        words.write_text("no subject")
        done = run_program(self.place.bin / "postreeved", "-c",
                           self.place.config_with(**self.sections(letters={"welcome_file_en": words})), "--check")
        self.assertEqual(done.returncode, 78)
        self.assertIn('does not begin with "Subject:"', done.stderr)

    def test_one_letter(self):
        with self.service() as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "mine.example"})
            admin.post("/admins", {"username": "dora@mine.example", "password": PASSWORD, "domains": ["mine.example"]})
            dora = s.client().log_in("dora@mine.example", PASSWORD)
            self.addCleanup(dora.close)
            body = {"to": "taro@mine.example", "subject": "お知らせ", "body": "first\n.\nlast"}
            self.assertEqual(dora.post("/letters", body).json,
                             {"to": "taro@mine.example", "subject": "お知らせ", "from": "dora@mine.example"})
            recipient, letter = self.letter()
            self.assertEqual((recipient, letter["Subject"], letter["From"]),
                             ("taro@mine.example", "お知らせ", "dora@mine.example"))
            self.assertEqual(letter.get_content().split(), ["first", ".", "last"])
            dora.expect(403, "POST", "/letters", {**body, "to": "taro@else.example"})
            self.assert_problem(dora.ask("POST", "/letters", {**body, "subject": "x\r\nBcc: all@mine.example"}), 422,
                                subject="bad_character")
            admin.post("/letters", {**body, "to": "anybody@else.example"})
            self.assertEqual(self.letter()[0], "anybody@else.example")

    def test_whom_it_is_from(self):
        """An admin whose name is no address writes in the name of the domain, if that is ours, else of the mail host."""
        body = {"subject": "x", "body": "y"}
        with self.service(mail={"hostname": None}) as s:
            s.super_admin().post("/domains", {"domain": "named.example"})
            s.super_admin().post("/admins", {"username": "plain", "password": PASSWORD, "super_admin": True})
            plain = s.client().log_in("plain", PASSWORD)
            self.assert_problem(plain.ask("POST", "/letters", {**body, "to": "anybody@else.example"}), 422, to="no_sender")
        with self.service(mail={"hostname": "mail.named.example"}) as s:
            admin = s.client().log_in("plain", PASSWORD)
            self.addCleanup(admin.close)
            admin.post("/letters", {**body, "to": "anybody@else.example"})
            recipient, letter = self.letter()
            self.assertEqual((recipient, letter["From"]), ("anybody@else.example", "postmaster@mail.named.example"))
            admin.post("/letters", {**body, "to": "taro@named.example"})
            self.assertEqual(self.letter()[1]["From"], "postmaster@named.example")

    def test_a_refusal_is_final_and_a_delay_is_not(self):
        with self.service(errands={"first_pause_seconds": 3600}, letters={"from": "office@host.example"}) as s:
            admin = s.super_admin()
            for name in ("refused", "later"):
                admin.post("/letters", {"to": f"{name}@x.example", "subject": "x", "body": "y"})
            self.wait_for(1, "state = 'failed' AND target LIKE 'refused%' AND last_error LIKE '550 5.1.1%'")
            self.wait_for(1, "state = 'waiting' AND attempts = 1 AND last_error LIKE '451 4.2.0%'")


class Receiver:
    """A web server that keeps what it is told: (headers, body). `status` is what it answers."""

    def __init__(self):
        self.told, self.status = [], 204
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append((self.headers, body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Webhooks(ErrandTest):
    SECRET = "shared between two"

    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def test_signed_and_without_secrets(self):
        with self.service(webhook={"url": self.receiver.url, "secret": self.SECRET, "verbs": "mailbox.*"}) as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "told.example"})
            admin.post("/mailboxes", {"address": "taro@told.example", "password": PASSWORD})
            wait_until(lambda: self.receiver.told, "the webhook")
            admin.patch("/mailboxes/taro@told.example", {"display_name": "Taro", "password": PASSWORD + "!"})
            self.wait_for(2, "state = 'done'")
        self.assertEqual(len(self.receiver.told), 2)
        for headers, body in self.receiver.told:
            signature = hmac.new(self.SECRET.encode(), body, "sha256").hexdigest()
            self.assertEqual(headers["X-Postreeve-Signature"], f"sha256={signature}")
            self.assertNotIn(PASSWORD.encode(), body)
        headers, body = self.receiver.told[1]
        said = json.loads(body)
        self.assertEqual(headers["X-Postreeve-Event"], "mailbox.update")
        self.assertEqual({k: said[k] for k in ("verb", "actor", "target", "domain")},
                         {"verb": "mailbox.update", "actor": self.place.admin, "target": "taro@told.example",
                          "domain": "told.example"})
        self.assertEqual([json.loads(said[k])["display_name"] for k in ("before", "after")], ["", "Taro"])
        self.assertEqual(self.rows("delivery", f"record = {said['id']}"), [[headers["X-Postreeve-Delivery"]]])
        self.assertNotIn(self.SECRET, s.log)

    def test_told_again_until_it_is_heard(self):
        self.receiver.status = 500
        with self.service(webhook={"url": self.receiver.url}, errands={"first_pause_seconds": 3600}) as s:
            admin = s.super_admin()
            admin.post("/domains", {"domain": "again.example"})
            self.wait_for(1, "state = 'waiting' AND attempts = 1 AND last_error LIKE '%500%'")
            self.receiver.status = 200
            admin.expect(200, "POST", f"/errands/{self.rows('id')[0][0]}/retry")
            self.wait_for(1, "state = 'done'")
            self.receiver.status = 404
            admin.delete("/domains/again.example")
            self.wait_for(1, "state = 'failed' AND last_error LIKE '%404%'")
        deliveries = [headers["X-Postreeve-Delivery"] for headers, _ in self.receiver.told]
        self.assertEqual((deliveries[0] == deliveries[1], len(set(deliveries))), (True, 2))

    def test_a_url_that_cannot_be_asked_stops_the_start(self):
        for url in ("ftp://x.example/", "file:///etc/passwd", "nonsense"):
            config = self.place.config_with(**self.sections(webhook={"url": url}))
            done = run_program(self.place.bin / "postreeved", "-c", config, "--check")
            self.assertEqual(done.returncode, 78, url)
            self.assertIn(f"[webhook] url {url}", done.stderr)


class Broadcasts(LetterTest):
    BODY = {"subject": "停止のお知らせ", "body": "The server stops at noon."}
    numbers = itertools.count(1)

    def fill(self, admin, count, *more):
        """A domain with so many mailboxes, written by SQL since it is quicker, and those that are named."""
        domain = f"all{next(self.numbers)}.example"
        admin.post("/domains", {"domain": domain})
        names = [f"m{i:03}" for i in range(count)] + list(more)
        rows = ", ".join(f"('{n}@{domain}', 'x', '{n}', '{domain}', '{domain}/{n}/')" for n in names)
        self.place.sql(f"INSERT INTO mailbox (username, password, local_part, domain, maildir) VALUES {rows}", self.name)
        return domain, [f"{n}@{domain}" for n in sorted(names)]

    def ended(self, admin, number):
        wait_until(lambda: admin.get(f"/broadcasts/{number}")["state"] == "done", "the end of it")
        return admin.get(f"/broadcasts/{number}")

    def test_everybody_once_over_one_connection(self):
        with self.service() as s:
            admin = s.super_admin()
            domain, everybody = self.fill(admin, 50, "refused-it", "off")
            self.place.sql(f"UPDATE mailbox SET active = 0 WHERE username = 'off@{domain}'", self.name)
            made = admin.post("/broadcasts", {**self.BODY, "domains": [domain], "from_name": "The Office"})
            self.assertEqual(made.headers["Location"], f"/api/v1/broadcasts/{made.json['id']}")
            self.assertEqual((made.json["total"], made.json["state"]), (51, "waiting"))
            got = self.ended(admin, made.json["id"])
            self.assertEqual((got["sent"], got["failed"]), (50, 1))
            self.assertRegex(got["last_error"], f"^refused-it@{domain}: 550 5.1.1")
            self.assertEqual(self.sink.recipients(), [a for a in everybody if not a.startswith(("refused", "off"))])
            self.assertEqual(self.sink.connections, 1)
            letter = self.sink.letters[0][1]
            self.assertEqual((letter["Subject"], str(letter["From"])),
                             ("停止のお知らせ", f"The Office <{self.place.admin}>"))
            self.assertEqual(len({letter["Message-ID"] for _, letter in self.sink.letters}), 50)
            self.assertNotIn("stops at noon", json.dumps(admin.get("/log?limit=5")))
            self.assert_problem(admin.ask("POST", f"/broadcasts/{got['id']}/cancel"), 409, state="ended_already")

    def test_a_killed_server_misses_nobody(self):
        s = self.service(errands={"lease_seconds": 1}, letters={"timeout_seconds": 1})
        admin = s.super_admin()
        domain, everybody = self.fill(admin, 70)
        self.sink.free.clear()
        number = admin.post("/broadcasts", {**self.BODY, "domains": [domain]}).json["id"]
        wait_until(lambda: self.sink.letters, "the first letter")
        s.kill()
        self.sink.free.set()
        s.start_again()
        s.wait_ready()
        wait_until(lambda: self.place.sql(f"SELECT sent FROM postreeve_broadcast WHERE id = {number}", self.name)
                   != [["0"]], "a batch")
        s.kill()
        s.start_again()
        s.wait_ready()
        self.ended(s.super_admin(), number)
        got = self.sink.recipients()
        self.assertEqual(sorted(set(got)), everybody)
        self.assertLessEqual(len(got) - len(everybody), 2 * 20)

    def test_what_is_refused_for_now_holds_it_up_and_goes_on(self):
        with self.service(errands={"attempts": 2}) as s:
            admin = s.super_admin()
            domain, everybody = self.fill(admin, 5, "later-he", "z")
            number = admin.post("/broadcasts", {**self.BODY, "domains": [domain]}).json["id"]
            got = self.ended(admin, number)
            self.assertEqual((got["sent"], got["failed"]), (6, 1))
            self.assertRegex(got["last_error"], f"^later-he@{domain}: 451 4.2.0")
            self.assertEqual(sorted(self.sink.recipients()), [a for a in everybody if not a.startswith("later")])

    def test_cancelled(self):
        with self.service() as s:
            admin = s.super_admin()
            domain, everybody = self.fill(admin, 60)
            self.sink.free.clear()
            number = admin.post("/broadcasts", {**self.BODY, "domains": [domain]}).json["id"]
            wait_until(lambda: self.sink.letters, "the first letter")
            self.assertEqual(admin.expect(200, "POST", f"/broadcasts/{number}/cancel").json["state"], "cancelled")
            self.sink.free.set()
            self.wait_for(1, "state = 'done' AND kind = 'broadcast'")
            got = admin.get(f"/broadcasts/{number}")
            self.assertEqual(got["state"], "cancelled")
            self.assertEqual(got["sent"], len(self.sink.letters))
            self.assertLess(got["sent"], len(everybody))

    def test_domain_admins_reach_their_own(self):
        with self.service() as s:
            admin = s.super_admin()
            (mine, _), (other, _) = self.fill(admin, 3), self.fill(admin, 3)
            admin.post("/admins", {"username": f"dora@{mine}", "password": PASSWORD, "domains": [mine]})
            dora = s.client().log_in(f"dora@{mine}", PASSWORD)
            self.addCleanup(dora.close)
            dora.expect(403, "POST", "/broadcasts", {**self.BODY, "domains": [other]})
            dora.expect(403, "POST", "/broadcasts", {**self.BODY, "domains": [mine, other]})
            made = dora.post("/broadcasts", self.BODY).json
            self.assertEqual((made["domains"], made["from"], made["total"]), ([mine], f"dora@{mine}", 3))
            self.ended(dora, made["id"])
            self.assertEqual({r.partition("@")[2] for r in self.sink.recipients()}, {mine})
            theirs = admin.post("/broadcasts", {**self.BODY, "domains": [mine]}).json["id"]
            dora.expect(403, "GET", f"/broadcasts/{theirs}")
            dora.expect(403, "POST", f"/broadcasts/{theirs}/cancel")
            self.assertEqual([b["id"] for b in dora.get("/broadcasts")["items"]], [made["id"]])
            self.ended(admin, theirs)

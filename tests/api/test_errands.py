"""What follows from a change: programs of the operator, tried again until they succeed, whatever dies meanwhile."""
import itertools
import json
import os
import pathlib
import tempfile
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
        return super().sections(**{**more, "letters": {"smtp_port": self.sink.port, **more.get("letters", {})}})

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

    def test_a_refusal_is_final_and_a_delay_is_not(self):
        with self.service(errands={"first_pause_seconds": 3600}) as s:
            admin = s.super_admin()
            for name in ("refused", "later"):
                admin.post("/letters", {"to": f"{name}@x.example", "subject": "x", "body": "y"})
            self.wait_for(1, "state = 'failed' AND target LIKE 'refused%' AND last_error LIKE '550 5.1.1%'")
            self.wait_for(1, "state = 'waiting' AND attempts = 1 AND last_error LIKE '451 4.2.0%'")

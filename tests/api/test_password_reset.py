"""A new password for who forgot theirs: one answer for everybody, one letter for whom it is meant, one use."""
import re
import threading
import time

from case import PASSWORD
from place import run_program
from test_errands import LetterTest

NEW = "another staple 2"
URL = "https://mail.reset.example"


class Reset(LetterTest):
    def sections(self, **more):
        password = {"reset": "yes", "reset_admins": "yes", **more.pop("password", {})}
        return super().sections(password=password, server={"public_url": URL}, mail={"hostname": None}, **more)

    def setUp(self):
        super().setUp()
        self.place.sql("DELETE FROM postreeve_throttle", self.name)
        self.started = self.service()
        self.admin_here = self.started.super_admin()
        self.addCleanup(self.admin_here.close)
        self.domain = f"{self._testMethodName.replace('_', '-')[:40]}.example"
        self.admin_here.post("/domains", {"domain": self.domain})
        self.address = f"taro@{self.domain}"
        self.admin_here.post("/mailboxes", {"address": self.address, "password": PASSWORD,
                                            "recovery_address": "taro@elsewhere.example"})

    def ask(self, username, status=204):
        client = self.started.client()
        self.addCleanup(client.close)
        return client.expect(status, "POST", "/password-reset", {"username": username}, {"Host": "evil.example"})

    def use(self, token, status=204, new=NEW):
        client = self.started.client()
        self.addCleanup(client.close)
        return client.expect(status, "PUT", "/password-reset", {"token": token, "new": new})

    def token(self, sender=None):
        recipient, letter = self.letter()
        self.assertEqual(recipient, "taro@elsewhere.example")
        self.assertEqual(letter["From"], sender or f"postmaster@{self.domain}")  # never in the name of the recipient's domain
        return re.search(re.escape(URL) + r"/password-reset#([A-Za-z0-9_-]{43})\s", letter.get_content() + "\n").group(1)

    def test_once_and_everything_else_ends(self):
        user = self.started.client().log_in(self.address, PASSWORD)
        self.addCleanup(user.close)
        program = self.started.client()
        self.addCleanup(program.close)
        program.token = user.post("/tokens", {"name": "x", "scopes": ["read"]}).json["secret"]
        self.ask(self.address.upper())
        token = self.token()
        self.assert_problem(self.use(token, 422, new="short"), 422, new="too_short")
        self.use(token)
        user.expect(401, "GET", "/me")
        program.expect(401, "GET", "/me")
        self.assert_problem(self.use(token, 422), 422, token="bad_reset_token")
        self.started.client().log_in(self.address, NEW).close()
        self.started.client().expect(401, "POST", "/session", {"username": self.address, "password": PASSWORD})
        records = self.admin_here.get(f"/log?domain={self.domain}&verb=password-reset")["items"]
        self.assertEqual([(r["verb"], r["target"]) for r in records],
                         [("password-reset.use", self.address), ("password-reset.create", self.address)])
        dump = str(self.place.sql("SELECT * FROM postreeve_errand", self.name)) + str(records)
        self.assertNotIn(token, dump + self.started.log)

    def test_a_new_password_ends_the_other_links(self):
        self.ask(self.address)
        first = self.token()
        self.ask(self.address)
        self.use(self.token())
        self.use(first, 422)

    def test_nobody_learns_who_is_here(self):
        self.admin_here.post("/mailboxes", {"address": f"none@{self.domain}", "password": PASSWORD})
        self.admin_here.post("/mailboxes", {"address": f"frozen@{self.domain}", "password": PASSWORD,
                                            "recovery_address": "f@elsewhere.example"})
        self.admin_here.expect(200, "POST", f"/mailboxes/frozen@{self.domain}/freeze")
        self.admin_here.post("/mailboxes", {"address": f"off@{self.domain}", "password": PASSWORD, "active": False,
                                            "recovery_address": "o@elsewhere.example"})
        answers = set()
        for name in (f"none@{self.domain}", f"frozen@{self.domain}", f"off@{self.domain}", f"nobody@{self.domain}",
                     "nobody@nowhere.example", "root", "'", "x" * 300, self.address):
            began = time.monotonic()
            answer = self.ask(name)
            self.assertGreaterEqual(time.monotonic() - began, 0.4)
            answers.add((answer.status, answer.body))
        self.assertEqual(len(answers), 1)
        self.token()
        self.wait_for(0, "state <> 'done'")
        self.assertEqual(self.sink.letters, [])

    def test_too_old(self):
        self.ask(self.address)
        token = self.token()
        self.place.sql("UPDATE postreeve_password_reset SET created = NOW() - INTERVAL 61 MINUTE", self.name)
        self.use(token, 422)

    def test_frozen_meanwhile(self):
        self.ask(self.address)
        token = self.token()
        self.admin_here.expect(200, "POST", f"/mailboxes/{self.address}/freeze")
        self.use(token, 422)

    def test_two_at_the_same_moment(self):
        self.ask(self.address)
        token, answers = self.token(), []

        def use(new):
            client = self.started.client()
            answers.append(client.ask("PUT", "/password-reset", {"token": token, "new": new}).status)
            client.close()

        threads = [threading.Thread(target=use, args=(f"another staple {i}",)) for i in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(answers), [204, 422, 422, 422])

    def test_nobodys_mailbox_is_flooded(self):
        with self.service(throttle={"account_failures": 2}) as s:
            client = s.client()
            for status in (204, 204, 429):
                client.expect(status, "POST", "/password-reset", {"username": self.address})
            client.log_in(self.address, PASSWORD)  # whoever asks in another's name locks nobody out
            client.close()

    def test_an_admin(self):
        self.admin_here.post("/admins", {"username": f"dora@{self.domain}", "password": PASSWORD, "domains": [self.domain],
                                         "recovery_address": "taro@elsewhere.example"})
        self.ask(f"dora@{self.domain}")
        self.use(self.token(sender="postmaster@mail.reset.example"))
        self.started.client().log_in(f"dora@{self.domain}", NEW).close()

    def test_where_it_is_off(self):
        with self.service(password={"reset": "no"}) as s:
            client = s.client()
            self.assert_problem(client.ask("POST", "/password-reset", {"username": self.address}), 422, username="no_reset")
            client.close()

    def test_what_it_needs(self):
        for sections, words in (({"server": {"public_url": None}}, "public_url"), ({"secrets": {"key_file": None}}, "key_file")):
            given = {**super().sections(), "password": {"reset": "yes"}, "server": {"public_url": URL}, **sections}
            done = run_program(self.place.bin / "postreeved", "-c", self.place.config_with(**given), "--check")
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn(words, done.stderr)

"""kill -9 of the service and of the database at any moment: each change is whole or not there, what was acknowledged stays,
a repeated POST has acted once, and the log's chains are sound.

Every writer knows what each of its addresses must be. Where no answer came, a POST is asked again under its
Idempotency-Key, and of the rest one looks: it must be as before or as after. So in the end every change is known, and the
log must hold exactly those.
"""
import collections
import http.client
import itertools
import json
import os
import random
import signal
import threading

from case import ApiTest, numbers
from client import segment
from place import Place, wait_until

KILLS_OF_SERVICE, KILLS_OF_DATABASE = 22, 5
WRITERS, ADDRESSES = 4, 3
MAILBOX_LIMIT = WRITERS * ADDRESSES - 3  # so that some creations find no room
PASSWORD = "correct horse 2 staple"


class Writer(threading.Thread):
    def __init__(self, number, client, domain, service):
        super().__init__()
        self.number, self.client, self.service = number, client, service
        self.rng = random.Random(number)
        self.model = {f"w{number}n{i}@{domain}": None for i in range(ADDRESSES)}  # address: None or (name, frozen)
        self.done = collections.Counter()  # verb: how often it happened
        self.acknowledged = self.unknown = self.replayed = self.refused = 0
        self.ended, self.fault = threading.Event(), None

    def run(self):
        try:
            for step in itertools.count():
                if self.ended.is_set():
                    break
                self.act(f"{self.number}.{step}")
        except BaseException as error:
            self.fault = error

    # ---- asking ----

    def ask(self, method, path, body=None, headers=None):
        """The answer, or None when none came or it says that it cannot tell."""
        try:
            answer = self.client.ask(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            answer = None
        if answer is None or answer.status == 503:
            self.unknown += 1
            return None
        return answer

    def insist(self, method, path, body=None, headers=None):
        """Until there is an answer that tells."""
        while not (answer := self.ask(method, path, body, headers)):
            wait_until(self.service.is_ready, "the service is back")
        return answer

    def post(self, path, body, key):
        answer = self.insist("POST", path, body, {"Idempotency-Key": f"{key} of {path}"})
        self.replayed += answer.headers["Idempotency-Replayed"] == "true"
        return answer

    def seen(self, address):
        answer = self.insist("GET", f"/mailboxes/{segment(address)}")
        if answer.status == 404:
            return None
        assert answer.status == 200, answer
        return answer.json["display_name"], answer.json["frozen"]

    # ---- acting ----

    def act(self, name):
        address = self.rng.choice(list(self.model))
        if self.model[address] is None:
            return self.create(address, name)
        return self.rng.choice((self.update, self.update, self.freeze_or_thaw, self.delete, self.rename))(address, name)

    def happened(self, verb, address, now):
        self.done[verb] += 1
        self.acknowledged += 1
        self.model[address] = now

    def create(self, address, name):
        answer = self.post("/mailboxes", {"address": address, "password": PASSWORD, "display_name": name}, name)
        if answer.status == 422:  # no room in the domain now
            self.refused += 1
        else:
            assert answer.status == 201, answer
            self.happened("mailbox.create", address, (name, False))

    def update(self, address, name):
        was = self.model[address]
        answer = self.ask("PATCH", f"/mailboxes/{segment(address)}", {"display_name": name})
        if answer:
            assert answer.status == 200, answer
        now = (name, was[1])
        if answer or self.settled(address, was, now):
            self.happened("mailbox.update", address, now)

    def freeze_or_thaw(self, address, name):
        display_name, frozen = self.model[address]
        act = "thaw" if frozen else "freeze"
        answer = self.post(f"/mailboxes/{segment(address)}/{act}", None, name)
        assert answer.status == 200, answer
        self.happened("mailbox." + act, address, (display_name, not frozen))

    def delete(self, address, name):
        was = self.model[address]
        answer = self.ask("DELETE", f"/mailboxes/{segment(address)}")
        if answer:
            assert answer.status == 204, answer
        if not answer and not self.settled(address, was, None):
            return
        self.happened("mailbox.delete", address, None)
        if answer:
            undone = self.post("/" + answer.headers["Postreeve-Undo"], None, name)
            if undone.status == 422:  # somebody else took the room
                self.refused += 1
            else:
                assert undone.status == 200, undone
                self.happened("log.undo", address, was)

    def rename(self, address, name):
        free = next((a for a, state in self.model.items() if state is None), None)
        if free:
            answer = self.post(f"/mailboxes/{segment(address)}/rename", {"address": free}, name)
            assert answer.status == 200, answer
            self.happened("mailbox.rename", free, self.model[address])
            self.model[address] = None

    def settled(self, address, was, now):
        """Whether it happened."""
        seen = self.seen(address)
        assert seen in (was, now), f"{address} is {seen}: neither {was} nor {now}"
        return seen == now


class Killed(ApiTest):
    def setUp(self):
        self.own = Place.start()
        self.addCleanup(self.own.stop)
        self.beside = self.own.service()
        self.addCleanup(self.beside.process.wait)
        self.addCleanup(lambda: self.beside.process.kill())
        self.root = self.beside.super_admin()
        self.domain = f"killed{next(numbers)}.example"
        self.root.post("/domains", {"domain": self.domain, "mailbox_limit": MAILBOX_LIMIT})
        self.root.post("/admins", {"username": f"a@{self.domain}", "password": PASSWORD, "domains": [self.domain]})
        self.writers = [Writer(n, self.way_in(n), self.domain, self.beside) for n in range(WRITERS)]

    def way_in(self, number):
        """A session or a token."""
        client = self.beside.client()
        client.log_in(f"a@{self.domain}", PASSWORD)
        if number % 2:
            client.token = client.post("/tokens", {"name": "x", "scopes": ["mailbox.*", "log.undo"]}).json["secret"]
            client.cookie = None
        return client

    def acknowledged(self):
        for w in self.writers:
            if w.fault:
                raise w.fault
        return sum(w.acknowledged for w in self.writers)

    def kill_service(self):
        self.beside.kill()
        self.beside.start_again()
        self.beside.wait_ready()

    def kill_database(self):
        os.kill(int((self.own.data / "mariadb.pid").read_text()), signal.SIGKILL)
        self.own.server("database-start")
        wait_until(self.beside.is_ready, "the service has found its database again")

    def test_whole_or_not_at_all(self):
        rng = random.Random(20261122)
        kills = [self.kill_service] * KILLS_OF_SERVICE + [self.kill_database] * KILLS_OF_DATABASE
        rng.shuffle(kills)
        for w in self.writers:
            w.start()
        try:
            for kill in kills:
                wanted = self.acknowledged() + rng.randint(1, 12)
                wait_until(lambda: self.acknowledged() >= wanted, "changes go on")
                kill()
                self.check_rows()
                self.check_log()
        finally:
            for w in self.writers:
                w.ended.set()
            for w in self.writers:
                w.join()
        self.acknowledged()
        self.check_the_end()

    def check_rows(self):
        """In one statement each: what a half change would look like."""
        for words, sql in (("a mailbox without its forward", "mailbox m LEFT JOIN alias a ON a.address = m.username"
                                                             " WHERE a.address IS NULL"),
                           ("a forward without its mailbox", "alias a LEFT JOIN mailbox m ON a.address = m.username"
                                                             " WHERE m.username IS NULL"),
                           ("a record without its hash", "log l WHERE l.hash IS NULL OR l.chain IS NULL"),
                           ("an answer that is none", "postreeve_request r WHERE r.answer = ''")):
            with self.subTest(words):
                self.assertEqual(self.own.sql(f"SELECT COUNT(*) FROM {sql}"), [["0"]])
        [[count]] = self.own.sql(f"SELECT COUNT(*) FROM mailbox WHERE domain = '{self.domain}'")
        self.assertLessEqual(int(count), MAILBOX_LIMIT)

    def check_log(self):
        self.root.close()
        found = self.root.get("/log/verify")
        self.assertEqual((found["sound"], found["finding"], found["foreign"]), (True, "none", 0))

    def check_the_end(self):
        for w in self.writers:
            for address, state in w.model.items():
                self.assertEqual(w.seen(address), state, address)
        records = self.records()
        for w in self.writers:
            mine = collections.Counter(r["verb"] for r in records if r["target"].startswith(f"w{w.number}n"))
            self.assertEqual(mine, +w.done)
        self.assertEqual(self.told_by(records), {a: s[0] for w in self.writers for a, s in w.model.items() if s})
        tried = {name: sum(getattr(w, name) for w in self.writers) for name in ("acknowledged", "unknown", "replayed", "refused")}
        print(f"        {KILLS_OF_SERVICE + KILLS_OF_DATABASE} kills, {tried}", flush=True)
        self.assertTrue(tried["unknown"] and tried["refused"], tried)  # else nothing was tried

    def records(self):
        items, cursor = [], ""
        while True:
            page = self.root.get(f"/log?domain={self.domain}&sort=id&limit=500{cursor}")
            items += [r for r in page["items"] if not r["verb"].startswith(("domain.", "session.", "token."))]
            if not page["next"]:
                return items
            cursor = f"&cursor={page['next']}"

    def told_by(self, records):
        """The mailboxes and their names, by the log alone."""
        there = {}
        for r in records:
            before, after = (json.loads(r[name]) if r[name] else None for name in ("before", "after"))
            if before:
                there.pop(before["address"], None)
            if after:
                there[after["address"]] = after["display_name"]
        return there

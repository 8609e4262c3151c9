"""Two services on two nodes are one: what is done through one holds through the other with the next request, and two
changes that must not pass each other do not."""
import json
import subprocess
import threading

from client import segment
from nodes import PASSWORD, NodesTest, numbers, side_by_side, wait_until

ROUNDS = 15


class Beside(NodesTest):
    def test_what_is_done_through_one_is_seen_through_the_other(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        for i in range(ROUNDS):
            path = f"/mailboxes/{segment(self.new_mailbox(a, domain, f'u{i}'))}"
            self.assertEqual(b.get(path)["address"], f"u{i}@{domain}")
            b.patch(path, {"display_name": f"name {i}"})
            self.assertEqual(a.get(path)["display_name"], f"name {i}")
            a.delete(path)
            b.expect(404, "GET", path)
            b.expect(404, "PATCH", path, {})

    def test_a_session_is_known_to_both(self):
        a, b = self.two_admins()
        for _ in range(ROUNDS):
            mine = self.admin(self.a)
            there = self.b.client()
            there.cookie, there.csrf = mine.cookie, mine.csrf
            self.assertEqual(there.get("/session")["username"], self.site.admin)
            there.delete("/session")
            mine.expect(401, "GET", "/session")

    def test_who_is_switched_off_is_out_everywhere(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        path = f"/mailboxes/{segment(self.new_mailbox(a, domain))}"
        for _ in range(ROUNDS):
            a.patch(path, {"active": True})
            user = self.b.client().log_in(f"taro@{domain}", PASSWORD)
            self.addCleanup(user.close)
            user.get("/me")
            a.patch(path, {"active": False})
            user.expect(401, "GET", "/me")

    def test_a_password_changed_at_one_ends_sessions_at_the_other(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        path = f"/mailboxes/{segment(self.new_mailbox(a, domain))}"
        password = PASSWORD
        for i in range(ROUNDS):
            user = self.b.client().log_in(f"taro@{domain}", password)
            self.addCleanup(user.close)
            password = f"{PASSWORD} {i}"
            a.patch(path, {"password": password})
            user.expect(401, "GET", "/me")

    def test_a_token_revoked_at_one_is_refused_by_the_other(self):
        a, b = self.two_admins()
        for _ in range(ROUNDS):
            made = a.post("/tokens", {"name": "script", "scopes": ["read"]}).json
            program = self.b.client()
            self.addCleanup(program.close)
            program.token = made["secret"]
            program.get("/domains")
            a.delete(f"/tokens/{made['id']}")
            program.expect(401, "GET", "/domains")

    def test_a_frozen_account_is_out_everywhere(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        address = self.new_mailbox(a, domain)
        user, program = self.b.client().log_in(address, PASSWORD), self.b.client()
        self.addCleanup(user.close)
        self.addCleanup(program.close)
        program.token = user.post("/tokens", {"name": "script", "scopes": ["read"]}).json["secret"]
        program.get("/me")
        a.expect(200, "POST", f"/mailboxes/{segment(address)}/freeze")
        user.expect(401, "GET", "/me")
        program.expect(401, "GET", "/me")
        self.b.client().expect(401, "POST", "/session", {"username": address, "password": PASSWORD})
        b.expect(200, "POST", f"/mailboxes/{segment(address)}/thaw")
        self.a.client().log_in(address, PASSWORD).close()

    def test_a_node_that_lags_answers_late_and_never_what_was(self):
        """Its applying is held while the other node goes on: the answer waits for it."""
        a, b = self.two_admins()
        session = self.b.client()
        session.cookie, session.csrf = a.cookie, a.csrf
        session.get("/session")
        lagging = next(n for n in self.cluster.nodes[1:] if n.connections())
        answers = []
        with Held(lagging) as held:
            a.delete("/session")
            asking = threading.Thread(target=lambda: answers.append(session.ask("GET", "/session").status))
            asking.start()
            wait_until(lambda: lagging.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'postreeve'"
                                           " AND command <> 'Sleep'") != [["0"]] or answers, "the request at the node")
            self.assertEqual(answers, [])
            held.release()
            asking.join()
        self.assertEqual(answers, [401])

    def test_the_last_place_of_a_domain_is_given_once(self):
        a, b = self.two_admins()
        for _ in range(ROUNDS):
            domain = self.new_domain(a, mailbox_limit=1)
            got = side_by_side(*(lambda c=c, name=name: c.ask("POST", "/mailboxes", {
                "address": f"{name}@{domain}", "password": PASSWORD}).status for c, name in ((a, "one"), (b, "two"))))
            self.assertEqual(got.count(201), 1, got)
            self.assertEqual(len(a.get(f"/mailboxes?domain={domain}")["items"]), 1)

    def test_one_address_is_given_once(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        for i in range(ROUNDS):
            got = side_by_side(*(lambda c=c: c.ask("POST", "/mailboxes", {
                "address": f"same{i}@{domain}", "password": PASSWORD}).status for c in (a, b)))
            self.assertEqual(sorted(got), [201, 409])

    def test_the_same_request_acts_once_whoever_hears_it(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        b.cookie, b.csrf = a.cookie, a.csrf
        for i in range(ROUNDS):
            body = {"address": f"once{i}@{domain}", "destinations": [f"x@{domain}"]}
            key = {"Idempotency-Key": f"{domain}-{i}"}
            got = side_by_side(*(lambda c=c: c.ask("POST", "/aliases", body, key) for c in (a, b)))
            self.assertEqual([answer.status for answer in got], [201, 201], [str(answer) for answer in got])
            self.assertEqual(got[0].json, got[1].json)
        records = a.get(f"/log?domain={domain}&verb=alias.create&limit=500")["items"]
        self.assertEqual(sorted(r["target"] for r in records), sorted(f"once{i}@{domain}" for i in range(ROUNDS)))

    def test_records_of_one_item_are_numbered_in_their_order(self):
        """What stands in the way of taking a change back is what has a higher number; each node numbers for itself."""
        a, b = self.two_admins()
        domain = self.new_domain(a)
        address = self.new_mailbox(a, domain)
        for i in range(ROUNDS):
            (a, b)[i % 2].patch(f"/mailboxes/{segment(address)}", {"display_name": f"name {i}"})
        records = a.get(f"/log?domain={domain}&verb=mailbox.update&sort=id&limit=500")["items"]
        self.assertEqual([json.loads(r["after"])["display_name"] for r in records],
                         [f"name {i}" for i in range(ROUNDS)])
        self.assertEqual(b.ask("POST", f"/log/{records[-2]['id']}/undo").status, 409)
        b.expect(200, "POST", f"/log/{records[-1]['id']}/undo")
        self.assertEqual(a.get(f"/mailboxes/{segment(address)}")["display_name"], f"name {ROUNDS - 2}")

    def test_nothing_is_left_of_a_domain_that_was_deleted_meanwhile(self):
        a, b = self.two_admins()
        for _ in range(ROUNDS):
            domain = self.new_domain(a)
            deleted, created = side_by_side(
                lambda: a.ask("DELETE", f"/domains/{domain}").status,
                lambda: b.ask("POST", "/mailboxes", {"address": f"new@{domain}", "password": PASSWORD}).status)
            self.assertEqual(deleted, 204)
            self.assertIn(created, (201, 422))
            left = self.site.sql(f"SET SESSION wsrep_sync_wait = 7; SELECT username FROM mailbox WHERE domain = '{domain}'"
                                 f" UNION SELECT address FROM alias WHERE domain = '{domain}'")
            self.assertEqual(left, [], f"of {domain}, created with {created}")

    def test_a_super_admin_is_left(self):
        """In a database of their own, where there are just these two."""
        name = f"two{next(numbers)}"
        self.site.new_database(name)
        with self.site.service_on(1, name=name) as first, self.site.service_on(2, name=name) as second:
            one = self.admin(first)
            for _ in range(5):
                one.post("/admins", {"username": "other@staff.example", "password": PASSWORD, "super_admin": True})
                other = second.client().log_in("other@staff.example", PASSWORD)
                got = side_by_side(
                    lambda: one.ask("PATCH", "/admins/other@staff.example", {"super_admin": False}).status,
                    lambda: other.ask("PATCH", f"/admins/{self.site.admin}", {"super_admin": False}).status)
                left = self.site.sql("SET SESSION wsrep_sync_wait = 7;"
                                     " SELECT username FROM admin WHERE superadmin = 1", name)
                self.assertEqual(len(left), 1, got)
                self.site.sql(f"UPDATE admin SET superadmin = 1 WHERE username = '{self.site.admin}';"
                              f" DELETE FROM admin WHERE username = 'other@staff.example'", name)
                other.close()


class Held:
    """A node that applies nothing until it is released."""

    def __init__(self, node):
        self.node = node

    def __enter__(self):
        self.client = subprocess.Popen(["mariadb", "--no-defaults", f"--socket={self.node.socket}", "-N", "-B",
                                        "--unbuffered"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._say("FLUSH TABLES WITH READ LOCK; SELECT 'held';")
        assert self.client.stdout.readline() == "held\n"
        return self

    def _say(self, words):
        self.client.stdin.write(words + "\n")
        self.client.stdin.flush()

    def release(self):
        if not self.client.stdin.closed:
            self._say("UNLOCK TABLES;")
            self.client.stdin.close()

    def __exit__(self, *error):
        self.release()
        self.client.wait(60)
        self.client.stdout.close()

"""Logging in and out: the cookie, the CSRF token, ends of sessions, and that a refusal says nothing."""
import statistics
import threading
import time

from case import PASSWORD, ApiTest
from client import Client

FLOOR_SECONDS = 0.35


class Cookies(ApiTest):
    def setUp(self):
        self.address = self.new_mailbox(self.new_domain())
        self.credentials = {"username": self.address, "password": PASSWORD}

    def test_attributes(self):
        answer = self.stranger().post("/session", self.credentials)
        value, *attributes = answer.headers["Set-Cookie"].split("; ")
        self.assertRegex(value, r"^postreeve_session=[A-Za-z0-9_-]{43}$")
        self.assertEqual(set(attributes), {"Path=/", "HttpOnly", "SameSite=Strict"})
        self.assertEqual(answer.headers["Location"], "/api/v1/session")

    def test_only_a_digest_is_stored(self):
        client = self.log_in(self.address)
        rows = self.place.sql(f"SELECT * FROM postreeve_session WHERE username = '{self.address}'")
        self.assertEqual(len(rows), 1)
        self.assertNotIn(client.cookie, str(rows))
        self.assertNotIn(client.csrf, str(rows))

    def test_log_out(self):
        client = self.log_in(self.address)
        answer = client.delete("/session")
        self.assertRegex(answer.headers["Set-Cookie"], r"^postreeve_session=; .*Max-Age=0")
        client.expect(401, "GET", "/session")

    def test_a_second_log_in_replaces_the_first(self):
        client = self.log_in(self.address)
        first = client.cookie
        client.log_in(self.address, PASSWORD)
        self.assertNotEqual(client.cookie, first)
        client.cookie = first
        client.expect(401, "GET", "/session")

    def test_what_is_no_session(self):
        client = self.stranger()
        client.expect(401, "GET", "/session")
        for cookie in ("", "x", "A" * 43, "A" * 5000, "ä", '"quoted"'):
            with self.subTest(cookie=cookie):
                client.expect(401, "GET", "/session",
                              headers={"Cookie": f"postreeve_session={cookie}".encode()})
        real = self.log_in(self.address)
        both = f"postreeve_session={real.cookie}; postreeve_session={'A' * 43}"
        client.expect(401, "GET", "/session", headers={"Cookie": both})

    def test_the_language_is_the_browsers(self):
        for accepted, language in (("ja,en;q=0.5", "ja"), ("en-GB, ja", "en"), ("fr, ja-JP;q=0.9", "ja"),
                                   ("fr", "en"), ("", "en")):
            with self.subTest(accepted=accepted):
                answer = self.stranger().post("/session", self.credentials,
                                              headers={"Accept-Language": accepted})
                self.assertEqual(answer.json["language"], language)

    def test_names_are_folded(self):
        self.log_in(self.address.upper())
        self.assertEqual(self.log_in(" ".join(self.address.upper().split())).get("/session")["username"],
                         self.address)


class CrossSite(ApiTest):
    """Every unsafe method needs the token that only our own page can read; but for the log-in, which hands it out, and
    which other sites' forms cannot send, since it takes nothing but JSON."""

    def test_every_unsafe_operation(self):
        client = self.log_in(self.new_admin(super_admin=True))
        right, before = client.csrf, self.place.digest()
        unsafe = [o for o in Client.description.operations if o.method != "GET" and o.what.get("security") != []]
        self.assertGreater(len(unsafe), 15)
        for operation in unsafe:
            path = operation.path.removeprefix("/api/v1").replace("{address}",
                                                                  "a@b.example").replace("{domain}",
                                                                                         "b.example")
            path = path.replace("{username}", "a@b.example")
            for csrf in (None, "", right[:-1], right[::-1], client.cookie):
                with self.subTest(operation=operation.name, csrf=csrf):
                    headers = {} if csrf is None else {"X-CSRF-Token": csrf}
                    answer = client.ask(operation.method, path, {} if operation.body_schema else None,
                                        headers, csrf=False)
                    self.assertEqual((answer.status, list(answer.errors)), (403, ["X-CSRF-Token"]), answer)
        self.assertEqual(self.place.digest(), before)
        client.get("/session")

    def test_anothers_token_is_no_good(self):
        a, b = self.log_in(self.new_admin(super_admin=True)), self.log_in(self.new_admin(super_admin=True))
        answer = a.ask("DELETE", "/session", headers={"X-CSRF-Token": b.csrf}, csrf=False)
        self.assertEqual(answer.status, 403, answer)

    def test_safe_methods_need_none(self):
        client = self.log_in(self.new_admin(super_admin=True))
        client.csrf = "x"
        client.get("/domains")


class Ends(ApiTest):
    def setUp(self):
        self.address = self.new_mailbox(self.new_domain())

    def age(self, column, seconds):
        self.place.sql(f"UPDATE postreeve_session SET {column} = {column} - INTERVAL {seconds} SECOND "
                       f"WHERE username = '{self.address}'")

    def test_idle(self):
        client = self.log_in(self.address)
        self.age("seen", 1700)
        client.get("/session")  # and is fresh again
        self.age("seen", 1700)
        client.get("/session")
        self.age("seen", 1801)
        client.expect(401, "GET", "/session")

    def test_absolute(self):
        client = self.log_in(self.address)
        self.age("created", 43100)
        client.get("/session")
        self.age("created", 101)
        client.expect(401, "GET", "/session")

    def test_an_inactive_domain_ends_it(self):
        client = self.log_in(self.address)
        domain = self.address.partition("@")[2]
        self.admin.patch(f"/domains/{domain}", {"active": False})
        client.expect(401, "GET", "/session")
        body = {"username": self.address, "password": PASSWORD}
        self.stranger().expect(401, "POST", "/session", body)


class Refusals(ApiTest):
    """One answer and one duration, whoever is asked for."""

    def refuse(self, username, password):
        begin = time.monotonic()
        answer = self.stranger().ask("POST", "/session", {"username": username, "password": password})
        took = time.monotonic() - begin
        self.assertEqual(answer.status, 401, answer)
        self.assertIsNone(answer.headers["Set-Cookie"])
        return answer, took

    def test_nobody_learns_who_there_is(self):
        domain = self.new_domain()
        known = self.new_mailbox(domain)
        inactive = self.new_mailbox(domain, "off", active=False)
        kinds = {"wrong password": (known, "wrong"), "inactive": (inactive, PASSWORD),
                 "no such mailbox": (f"nobody@{domain}", PASSWORD),
                 "no such domain": ("a@nowhere.example", PASSWORD),
                 "no address": ("root", PASSWORD), "an admin": (self.place.admin, "wrong"),
                 "injection": ("' OR 1=1 -- @x.example", "' OR 1=1 -- ")}
        texts, medians = set(), {}
        for kind, (username, password) in kinds.items():
            results = [self.refuse(username, password) for _ in range(3)]
            texts |= {answer.body for answer, _ in results}
            medians[kind] = statistics.median(took for _, took in results)
            self.assertGreaterEqual(min(took for _, took in results), FLOOR_SECONDS, kind)
        self.assertEqual(len(texts), 1, texts)
        self.assertLess(max(medians.values()) - min(medians.values()), 0.25, medians)

    def test_a_refusal_holds_nobody_up(self):
        """It waits without a worker: many at once take little longer than one."""
        begin = time.monotonic()
        threads = [threading.Thread(target=self.refuse,
                                    args=("nobody@nowhere.example", "wrong")) for _ in range(24)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertLess(time.monotonic() - begin, 24 * 0.4 / 2)

    def test_a_log_in_without_refusal_does_not_wait(self):
        address = self.new_mailbox(self.new_domain())
        times = []
        for _ in range(3):
            begin = time.monotonic()
            self.log_in(address)
            times.append(time.monotonic() - begin)
        self.assertLess(min(times), FLOOR_SECONDS)

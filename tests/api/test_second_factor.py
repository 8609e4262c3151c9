"""The second factor over HTTP with the real clock, passwords of programs, and who is in one's own account."""
import base64
import hashlib
import hmac
import struct
import threading
import time

from case import PASSWORD, ApiTest


def code(secret, away=0):
    """RFC 6238, as an authenticator application does it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + away), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class WithFactor(ApiTest):
    def setUp(self):
        self.domain = self.new_domain("otp")
        self.address = self.new_mailbox(self.domain)

    def try_log_in(self, otp=None, username=None, password=PASSWORD):
        body = {"username": username or self.address, "password": password}
        if otp is not None:
            body["otp"] = otp
        return self.stranger().ask("POST", "/session", body)

    def turn_on(self, client):
        """Gives the secret and the recovery codes; the code of the step before this one is used up by it."""
        offer = client.expect(200, "POST", "/me/totp", {"password": PASSWORD}).json
        self.assertRegex(offer["secret"], "^[A-Z2-7]{32}$")
        self.assertIn(f"secret={offer['secret']}&", offer["uri"])
        self.assertEqual(client.get("/me/totp"), {"enabled": False, "offered": True, "available": True, "recovery_codes": 0})
        codes = client.expect(200, "PUT", "/me/totp", {"otp": code(offer["secret"], -1)}).json["codes"]
        self.assertEqual(len(set(codes)), 10)
        return offer["secret"], codes


class SecondFactor(WithFactor):
    def test_of_users_and_admins(self):
        for username in (self.address, self.new_admin(self.domain), self.new_admin(super_admin=True)):
            with self.subTest(username=username):
                client = self.log_in(username)
                secret, codes = self.turn_on(client)
                self.assertEqual(client.get("/me/totp"),
                                 {"enabled": True, "offered": False, "available": True, "recovery_codes": 10})
                self.assert_problem(self.try_log_in(username=username), 401, otp="otp_required")
                self.assert_problem(self.try_log_in("000000", username), 401, otp="otp_wrong")
                self.assert_problem(self.try_log_in(code(secret), username, "wrong"), 401)
                now = code(secret)
                self.assertEqual(self.try_log_in(now, username).status, 201)
                self.assert_problem(self.try_log_in(now, username), 401, otp="otp_wrong")
                self.assertEqual(self.try_log_in(codes[0], username).status, 201)
                self.assert_problem(self.try_log_in(codes[0], username), 401, otp="otp_wrong")
                again = client.expect(200, "POST", "/me/totp/recovery-codes", {"otp": codes[1]}).json["codes"]
                self.assertFalse(set(again) & set(codes))
                for secrets in (secret, *codes, *again):
                    self.assertNotIn(secrets, str(self.place.sql("SELECT * FROM log; SELECT * FROM mailbox; SELECT * FROM admin;"
                                                                 "SELECT * FROM postreeve_recovery_code;"
                                                                 "SELECT * FROM postreeve_second_factor")) + self.place.log)
                client.delete_at = client.expect(204, "POST", "/me/totp/disable", {"password": PASSWORD, "otp": again[0]})
                self.assertEqual(self.try_log_in(username=username).status, 201)

    def test_a_refusal_sets_no_cookie_and_takes_its_time(self):
        secret, _ = self.turn_on(self.log_in(self.address))
        for otp in (None, "000000"):
            begin = time.monotonic()
            answer = self.try_log_in(otp)
            self.assertGreaterEqual(time.monotonic() - begin, 0.35)
            self.assertIsNone(answer.headers["Set-Cookie"])

    def test_other_sessions_end(self):
        other, client = self.log_in(self.address), self.log_in(self.address)
        self.turn_on(client)
        other.expect(401, "GET", "/session")
        client.get("/session")

    def test_what_postfix_admin_stored(self):
        secret = base64.b32encode(hashlib.sha512(b"x").digest()).decode().rstrip("=")
        self.place.sql(f"UPDATE mailbox SET totp_secret = '{secret}' WHERE username = '{self.address}'")
        self.assert_problem(self.try_log_in(), 401, otp="otp_required")
        self.assertEqual(self.try_log_in(code(secret)).status, 201)
        self.assertTrue(self.admin.get(f"/mailboxes/{self.address}")["second_factor"])

    def test_without_the_key_nobody_comes_in_and_nothing_is_stored(self):
        secret, _ = self.turn_on(self.log_in(self.address))
        with self.place.service(secrets={"key_file": None}) as keyless:
            client = keyless.client()
            answer = client.ask("POST", "/session", {"username": self.address, "password": PASSWORD, "otp": code(secret)})
            self.assertEqual(answer.status, 503, answer)
            client.close()
            client = keyless.client().log_in(self.new_mailbox(self.domain, "other"), PASSWORD)
            self.assertFalse(client.get("/me/totp")["available"])
            self.assert_problem(client.ask("POST", "/me/totp", {"password": PASSWORD}), 422, totp="no_secret_key")
            client.close()
        self.assertEqual(self.try_log_in(code(secret)).status, 201)

    def test_a_lost_one_is_taken_off(self):
        keeper = self.new_admin(self.domain)
        for act in (lambda: self.log_in(keeper).expect(200, "POST", f"/mailboxes/{self.address}/reset-totp"),
                    lambda: self.place.run("mailbox", "reset-totp", self.address)):
            client = self.log_in(self.address)
            self.turn_on(client)
            act()
            client.expect(401, "GET", "/session")
            self.assertEqual(self.try_log_in().status, 201)
        for act in (lambda: self.admin.expect(200, "POST", f"/admins/{keeper}/reset-totp"),
                    lambda: self.place.run("admin", "reset-totp", keeper)):
            client = self.log_in(keeper)
            self.turn_on(client)
            self.assertTrue(self.admin.get(f"/admins/{keeper}")["second_factor"])
            act()
            client.expect(401, "GET", "/session")
            self.assertFalse(self.admin.get(f"/admins/{keeper}")["second_factor"])
            self.assertEqual(self.try_log_in(username=keeper).status, 201)

    def test_one_code_at_the_same_moment_opens_once(self):
        secret, codes = self.turn_on(self.log_in(self.address))
        for otp in (code(secret), codes[0]):
            statuses = []
            threads = [threading.Thread(target=lambda: statuses.append(self.try_log_in(otp).status)) for _ in range(6)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(sorted(statuses), [201] + [401] * 5)


class OwnAccess(WithFactor):
    def test_sessions(self):
        here, there = self.log_in(self.address), self.stranger()
        there.log_in(self.address, PASSWORD, headers={"User-Agent": "Telephone/1.0"})
        items = here.get("/me/sessions")["items"]
        self.assertEqual([s["current"] for s in items], [False, True])
        self.assertEqual(items[0]["user_agent"], "Telephone/1.0")
        self.assertEqual(items[0]["source"], "127.0.0.1")
        self.assert_problem(here.ask("GET", "/me/sessions?limit=1"), 422, limit="unknown_field")
        here.delete(f"/me/sessions/{items[0]['id']}")
        there.expect(401, "GET", "/session")
        here.expect(404, "DELETE", f"/me/sessions/{items[0]['id']}")
        another = self.log_in(self.address)
        here.expect(204, "POST", "/me/sessions/end-others")
        another.expect(401, "GET", "/session")
        self.log_in(self.new_mailbox(self.domain, "other")).expect(404, "DELETE", f"/me/sessions/{items[1]['id']}")
        here.get("/session")

    def test_log_ins(self):
        self.try_log_in(password="wrong")
        items = self.log_in(self.address).get("/me/log-ins")["items"]
        self.assertEqual([i["success"] for i in items], [True, False])
        self.assertEqual(items[0]["source"], "127.0.0.1")
        self.assertNotIn("wrong", str(items))

    def test_recovery_address(self):
        client = self.log_in(self.address)
        body = {"password": PASSWORD, "recovery_address": "me@elsewhere.example"}
        self.assert_problem(client.ask("PUT", "/me/recovery-address", {**body, "password": "x"}), 422, password="wrong_password")
        client.expect(204, "PUT", "/me/recovery-address", body)
        self.assertEqual(client.get("/me")["recovery_address"], "me@elsewhere.example")
        client.expect(204, "PUT", "/me/recovery-address", {**body, "recovery_address": ""})

    def test_older_hashes_follow_the_scheme(self):
        row = f"SELECT LEFT(password, 3), modified FROM mailbox WHERE username = '{self.address}'"
        self.place.sql(f"UPDATE mailbox SET modified = '2001-01-01' WHERE username = '{self.address}'")
        etag = self.admin.expect(200, "GET", f"/mailboxes/{self.address}").etag
        with self.place.service(password={"scheme": "sha512crypt", "upgrade_on_login": "yes"}) as service:
            client = service.client().log_in(self.address, PASSWORD)
            client.close()
        self.assertEqual(self.place.sql(row), [["$6$", "2001-01-01 00:00:00"]])
        self.assertEqual(self.admin.expect(200, "GET", f"/mailboxes/{self.address}").etag, etag)
        self.log_in(self.address)


class AppPasswords(WithFactor):
    def test_life(self):
        client = self.log_in(self.address)
        made = client.post("/me/app-passwords", {"password": PASSWORD, "description": "telephone"}).json
        self.assertEqual(len(made["app_password"]), 24)
        [shown] = client.get("/me/app-passwords")["items"]
        self.assertEqual({**shown, "app_password": made["app_password"]}, made)
        self.assertEqual((shown["description"], shown["address"], shown["last_used"]), ("telephone", self.address, None))
        self.assert_problem(self.try_log_in(password=made["app_password"]), 401)
        self.assertNotIn(made["app_password"], str(self.place.sql("SELECT * FROM log; SELECT * FROM mailbox_app_password")))
        client.delete(f"/me/app-passwords/{made['id']}")
        client.expect(404, "DELETE", f"/me/app-passwords/{made['id']}")
        self.assertEqual(client.get("/me/app-passwords")["items"], [])

    def test_the_same_request_twice_makes_one(self):
        client, body = self.log_in(self.address), {"password": PASSWORD, "description": "x"}
        first, again = [client.post("/me/app-passwords", body, headers={"Idempotency-Key": "once"}).json for _ in range(2)]
        self.assertEqual(first, again)
        self.assertEqual(len(client.get("/me/app-passwords")["items"]), 1)

    def test_admins_see_and_delete_those_of_their_domains(self):
        keeper = self.log_in(self.new_admin(self.domain))
        other = self.new_domain("otp")
        theirs, others = [self.log_in(a).post("/me/app-passwords", {"password": PASSWORD, "description": "x"}).json["id"]
                          for a in (self.address, self.new_mailbox(other))]
        self.assertEqual([i["id"] for i in keeper.get("/app-passwords")["items"]], [theirs])
        self.assertEqual([i["id"] for i in self.admin.get(f"/app-passwords?domain={other}")["items"]], [others])
        keeper.expect(403, "DELETE", f"/app-passwords/{others}")
        keeper.delete(f"/app-passwords/{theirs}")
        done = self.place.run("app-password", "delete", str(others))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.admin.get(f"/app-passwords?domain={other}")["items"], [])

"""One's own account."""
from case import PASSWORD, ApiTest

NEW = "another battery 馬"


class OwnAccount(ApiTest):
    def setUp(self):
        self.address = self.new_mailbox(self.new_domain(), display_name="Taro", quota_bytes=51200000)
        self.user = self.log_in(self.address)

    def test_me(self):
        self.place.sql(f"INSERT INTO quota2 VALUES ('{self.address}', 10, 2)")
        me = self.user.get("/me")
        self.assertEqual({**me, "language": None}, {
            "username": self.address, "role": "user", "display_name": "Taro", "domains": [],
            "quota_bytes": 51200000,
            "usage_bytes": 10, "usage_messages": 2, "password_expires": None, "recovery_address": "", "language": None})
        self.assertEqual(self.admin.get("/me")["role"], "super_admin")

    def test_a_password_that_is_too_old(self):
        domain = self.new_domain("old", password_expiry_days=30)
        address = self.new_mailbox(domain)
        self.assertIsNotNone(self.admin.get(f"/mailboxes/{address}")["password_expires"])
        self.place.sql(f"UPDATE mailbox SET password_expiry = NOW() - INTERVAL 1 DAY WHERE username = '{address}'")
        user = self.log_in(address)
        self.assertTrue(user.get("/session")["password_expired"])
        user.get("/me")
        self.assert_problem(user.ask("GET", "/me/forward"), 403, password="password_expired")
        self.assert_problem(user.ask("PUT", "/me/forward", {"destinations": []}), 403, password="password_expired")
        self.assertEqual(self.change(user, PASSWORD, NEW).status, 204)
        user.get("/me/forward")
        self.assertFalse(user.get("/session")["password_expired"])

    def test_automatic_reply(self):
        first = self.user.expect(200, "GET", "/me/vacation")
        self.assertEqual(first.json, {"active": False, "subject": "", "body": "", "from": None, "until": None,
                                      "interval_seconds": 86400})
        wanted = {"active": False, "subject": "不在です", "body": "月曜日に\n戻ります。", "from": "2026-12-29T00:00:00+09:00",
                  "until": "2027-01-04T00:00:00+09:00", "interval_seconds": 604800}
        self.user.expect(200, "PUT", "/me/vacation", wanted, headers={"If-Match": first.etag})
        self.user.expect(412, "PUT", "/me/vacation", wanted, headers={"If-Match": first.etag})
        shown = {**wanted, "from": "2026-12-28T15:00:00Z", "until": "2027-01-03T15:00:00Z"}
        self.assertEqual(self.user.get("/me/vacation"), shown)
        self.assertEqual(self.admin.get(f"/mailboxes/{self.address}/vacation"), shown)
        self.assert_problem(self.user.ask("PUT", "/me/vacation", {**wanted, "active": True}), 422,
                            active="no_vacation_domain")
        self.assert_problem(self.user.ask("PUT", "/me/vacation", {**wanted, "until": wanted["from"]}), 422,
                            until="ends_before_it_begins")
        self.admin.expect(200, "PUT", f"/mailboxes/{self.address}/vacation", {"subject": "x"})
        self.assertEqual(self.user.get("/me/vacation")["subject"], "x")
        self.admin.expect(403, "GET", "/me/vacation")

    def test_what_leads_here(self):
        self.admin.post("/aliases", {"address": f"info@{self.address.partition('@')[2]}", "destinations": [self.address]})
        self.assertEqual(self.user.get("/me/aliases"),
                         {"aliases": [f"info@{self.address.partition('@')[2]}"], "complete": True})

    def change(self, client, current, new):
        return client.ask("PUT", "/me/password", {"current": current, "new": new})

    def test_password(self):
        other = self.log_in(self.address)
        answer = self.change(self.user, PASSWORD, NEW)
        self.assertEqual((answer.status, answer.body), (204, b""), answer)
        self.user.get("/me")
        other.expect(401, "GET", "/me")
        self.log_in(self.address, NEW)
        self.stranger().expect(401, "POST", "/session", {"username": self.address, "password": PASSWORD})

    def test_passwords_of_admins(self):
        name = self.new_admin(self.new_domain())
        one, other = self.log_in(name), self.log_in(name)
        self.assertEqual(self.change(one, PASSWORD, NEW).status, 204)
        other.expect(401, "GET", "/me")
        self.log_in(name, NEW)

    def test_refused_passwords(self):
        before = self.place.digest()
        self.assert_problem(self.change(self.user, "wrong", NEW), 422, current="wrong_password")
        self.assert_problem(self.change(self.user, PASSWORD, PASSWORD), 422, new="same_password")
        self.assert_problem(self.change(self.user, PASSWORD, "short"), 422, new="too_short")
        self.assert_problem(self.change(self.user, PASSWORD, self.address), 422, new="password_too_weak")
        self.assertEqual(self.place.digest(), before)

    def test_passwords_never_reach_the_log(self):
        self.change(self.user, PASSWORD, NEW)
        records = self.admin.get("/log?limit=20")["items"]
        self.assertIn("me.password", [r["verb"] for r in records])
        everything = str(self.place.sql("SELECT * FROM log ORDER BY id DESC LIMIT 20"))
        for secret in (PASSWORD, NEW, "$1$"):
            self.assertNotIn(secret, everything)
            self.assertNotIn(secret, self.place.log)

    def test_forward(self):
        shown = self.user.expect(200, "GET", "/me/forward")
        self.assertEqual(shown.json, {"destinations": [], "keep_copy": True})
        body = {"destinations": ["a@b.example", "c@d.example"], "keep_copy": False}
        changed = self.user.expect(200, "PUT", "/me/forward", body, headers={"If-Match": shown.etag})
        self.assertEqual(changed.json, body)
        self.assertEqual(self.user.get("/me/forward"), body)
        self.assertEqual(self.admin.get(f"/mailboxes/{self.address}")["forward"], body)
        self.user.expect(412, "PUT", "/me/forward", body, headers={"If-Match": shown.etag})
        goto = self.place.sql(f"SELECT goto FROM alias WHERE address = '{self.address}'")
        self.assertEqual(goto, [["a@b.example,c@d.example"]])

    def test_a_put_says_all_of_it(self):
        self.user.expect(200, "PUT", "/me/forward", {"destinations": ["a@b.example"], "keep_copy": True})
        changed = self.user.expect(200, "PUT", "/me/forward", {"destinations": ["c@d.example"]}).json
        self.assertEqual(changed, {"destinations": ["c@d.example"], "keep_copy": True})
        self.assertEqual(self.user.expect(200, "PUT", "/me/forward", {}).json,
                         {"destinations": [], "keep_copy": True})

    def test_refused_forwards(self):
        def put(**body):
            return self.user.ask("PUT", "/me/forward", body)
        self.assert_problem(put(destinations=[], keep_copy=False), 422, destinations="no_destination")
        self.assert_problem(put(destinations=["|/bin/sh"]), 422, destinations="bad_destination")
        back = self.address.replace("taro", "jiro")
        self.admin.post("/mailboxes",
                        {"address": back, "password": PASSWORD, "forward": {"destinations": [self.address]}})
        self.assert_problem(put(destinations=[back]), 422, destinations="loop")

    def test_those_without_a_mailbox_have_no_forward(self):
        self.assertIn(self.admin.ask("GET", "/me/forward").status, (403, 404))

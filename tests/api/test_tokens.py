"""API tokens: what a program may do in its owner's name, and no more."""
from datetime import datetime, timedelta, timezone

from case import PASSWORD, ApiTest


def moment(**ahead):
    return (datetime.now(timezone.utc) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Tokens(ApiTest):
    def setUp(self):
        self.domain, self.other = self.new_domain(), self.new_domain()
        self.name = self.new_admin(self.domain, self.other)
        self.owner = self.log_in(self.name)
        self.box = self.new_mailbox(self.domain)
        self.box_of_other = self.new_mailbox(self.other)

    def made(self, by=None, **fields):
        answer = (by or self.owner).post("/tokens", {"name": "script", "scopes": ["*"], **fields})
        client = self.stranger()
        client.token, client.id = answer.json["secret"], answer.json["id"]
        self.assertEqual(answer.headers["Location"], f"/api/v1/tokens/{client.id}")
        return client

    def test_shown_once(self):
        token = self.made(scopes=["mailbox.read"])
        shown = self.owner.get(f"/tokens/{token.id}")
        self.assertNotIn("secret", shown)
        self.assertNotIn(token.token, str(self.owner.get("/tokens")) + str(self.admin.get("/log?limit=500")))
        self.assertEqual((shown["scopes"], shown["domains"], shown["expires"], shown["username"]),
                         (["mailbox.read"], [], None, self.name))

    def test_scopes(self):
        for scopes, may, may_not in (
                (["mailbox.read"], [("GET", f"/mailboxes/{self.box}"), ("GET", "/mailboxes")],
                 [("DELETE", f"/mailboxes/{self.box}"), ("GET", "/aliases"), ("GET", "/me"), ("POST", "/tokens")]),
                (["read"], [("GET", "/aliases"), ("GET", "/me"), ("GET", "/log")],
                 [("PATCH", f"/mailboxes/{self.box}"), ("POST", "/mailboxes"), ("GET", "/admins")]),
                (["mailbox.update", "domain.*"], [("PATCH", f"/mailboxes/{self.box}"), ("GET", "/domains")],
                 [("GET", f"/mailboxes/{self.box}"), ("PATCH", f"/domains/{self.domain}")]),
                (["*"], [("GET", "/domains"), ("GET", "/session")], [("GET", "/admins"), ("POST", "/domains")])):
            token = self.made(scopes=scopes)
            for paths, fits in ((may, True), (may_not, False)):
                for method, path in paths:
                    with self.subTest(scopes=scopes, method=method, path=path):
                        status = token.ask(method, path, {} if method in ("PATCH", "POST") else None).status
                        self.assertEqual(status != 403, fits, status)

    def test_domains(self):
        token = self.made(domains=[self.domain])
        token.get(f"/mailboxes/{self.box}")
        token.expect(403, "GET", f"/mailboxes/{self.box_of_other}")
        token.expect(403, "GET", f"/domains/{self.other}/mailboxes")
        token.expect(403, "POST", "/mailboxes", {"address": f"x@{self.other}", "password": PASSWORD})
        token.post("/mailboxes", {"address": f"x@{self.domain}", "password": PASSWORD})
        for path, key in (("/domains", "domain"), ("/mailboxes", "address"), ("/log", "domain")):
            page = token.get(f"{path}?limit=500&total=true")
            self.assertTrue(page["items"])
            self.assertTrue(all(item[key].endswith(self.domain) for item in page["items"]), page)
            self.assertEqual(page["total"], len(page["items"]))

    def test_a_super_admins_token_for_a_domain(self):
        token = self.made(by=self.admin, domains=[self.domain])
        token.get(f"/domains/{self.domain}")
        token.patch(f"/domains/{self.domain}", {"description": "x"})
        for method, path, body in (("GET", f"/domains/{self.other}", None), ("GET", "/admins", None),
                                   ("GET", "/transports", None), ("POST", "/domains", {"domain": "x.example"}),
                                   ("GET", "/log/verify", None), ("DELETE", f"/domains/{self.other}", None)):
            with self.subTest(method=method, path=path):
                token.expect(403, method, path, body)

    def test_networks(self):
        self.made(allowed_networks=["127.0.0.0/8", "::1"]).get("/me")
        self.made(allowed_networks=["192.0.2.0/24"]).expect(401, "GET", "/me")

    def test_expiry(self):
        self.made(expires=moment(hours=1)).get("/me")
        self.made(expires=moment(seconds=-1)).expect(401, "GET", "/me")

    def test_revoked_at_once(self):
        token = self.made()
        token.get("/me")
        self.owner.delete(f"/tokens/{token.id}")
        token.expect(401, "GET", "/me")

    def test_it_is_its_owner_and_no_more(self):
        token = self.made()
        self.admin.patch(f"/admins/{self.name}", {"domains": [self.other]})
        token.expect(403, "GET", f"/mailboxes/{self.box}")
        self.admin.patch(f"/admins/{self.name}", {"active": False})
        token.expect(401, "GET", "/me")
        self.admin.patch(f"/admins/{self.name}", {"active": True})
        token.get("/me")
        self.admin.delete(f"/admins/{self.name}")
        token.expect(401, "GET", "/me")
        self.admin.post("/admins", {"username": self.name, "password": PASSWORD})
        token.expect(401, "GET", "/me")

    def test_none_is_wider_than_its_maker(self):
        narrow = {"scopes": ["token.*", "mailbox.*"], "domains": [self.domain], "allowed_networks": ["127.0.0.0/8"],
                  "expires": moment(hours=1)}
        token = self.made(**narrow)
        token.post("/tokens", {"name": "same", **narrow})
        token.post("/tokens", {"name": "less", **narrow, "scopes": ["mailbox.read"], "allowed_networks": ["127.0.0.1"],
                               "expires": moment(minutes=5)})
        for field, wider in (("scopes", ["*"]), ("scopes", ["alias.read"]), ("scopes", ["read"]), ("domains", []),
                             ("domains", [self.other]), ("domains", [self.domain, self.other]), ("allowed_networks", []),
                             ("allowed_networks", ["0.0.0.0/0"]), ("expires", None), ("expires", moment(days=2))):
            with self.subTest(field=field, wider=wider):
                self.assert_problem(token.ask("POST", "/tokens", {"name": "more", **narrow, field: wider}), 422,
                                    **{field: "wider_token"})

    def test_anothers_token_is_not_there(self):
        token = self.made()
        stranger = self.log_in(self.new_admin(self.domain))
        stranger.expect(404, "GET", f"/tokens/{token.id}")
        stranger.expect(404, "DELETE", f"/tokens/{token.id}")
        self.assertEqual(stranger.get("/tokens?search=script")["items"], [])
        self.assertIn(token.id, [k["id"] for k in self.admin.get("/tokens?limit=500&sort=-id")["items"]])
        self.admin.delete(f"/tokens/{token.id}")

    def test_last_use_and_the_log(self):
        token = self.made()
        token.post("/aliases", {"address": f"a@{self.domain}", "destinations": ["x@y.example"]})
        shown = self.owner.get(f"/tokens/{token.id}")
        self.assertIsNotNone(shown["last_used"])
        self.assertEqual(shown["last_source"], "127.0.0.1")
        record = self.owner.get(f"/log?domain={self.domain}&verb=alias.create")["items"][0]
        self.assertEqual((record["actor"], record["via"]), (self.name, "token"))

    def test_a_token_beside_a_cookie(self):
        token = self.made(scopes=["mailbox.read"])
        token.cookie, token.csrf = self.owner.cookie, self.owner.csrf
        token.expect(403, "GET", "/aliases")
        token.token = "x" * 43
        token.expect(401, "GET", "/aliases")
        for scheme in ("Basic eDp5", "Bearer", "Bearer ", "x"):
            token.expect(401, "GET", "/aliases", headers={"Authorization": scheme})

    def test_what_is_wrong_is_named(self):
        for field, value, code in (("scopes", [], "too_few"), ("scopes", ["no.such"], "bad_scope"), ("scopes", ["%"], "bad_scope"),
                                   ("domains", [".."], "bad_domain"), ("allowed_networks", ["10.0.0.1/8"], "network_host_bits"),
                                   ("allowed_networks", ["x"], "bad_network"), ("expires", "soon", "bad_moment"),
                                   ("name", " ", "required"), ("username", self.new_admin(), "wider_token")):
            with self.subTest(field=field, value=value):
                self.assert_problem(self.owner.ask("POST", "/tokens", {"name": "x", "scopes": ["*"], field: value}), 422,
                                    **{field: code})

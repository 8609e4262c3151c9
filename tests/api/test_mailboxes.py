"""Mailboxes: forwards, quotas against the domain's limits, where they lie."""
from case import PASSWORD, ApiTest, Life, numbers


class MailboxLife(Life, ApiTest):
    collection = "/mailboxes"
    key = "address"
    required = ("address", "password")
    changes = (
        ({"display_name": "山田 太郎"}, {"display_name": "山田 太郎"}),
        ({"quota_bytes": 1}, {"quota_bytes": 1}),
        ({"quota_bytes": None}, {"quota_bytes": None}),
        ({"quota_bytes": 1 << 53, "display_name": None}, {"quota_bytes": 1 << 53, "display_name": ""}),
        ({"forward": {"destinations": ["a@b.example", "c@d.example"]}},
         {"forward": {"destinations": ["a@b.example", "c@d.example"], "keep_copy": True}}),
        ({"forward": {"keep_copy": False}},
         {"forward": {"destinations": ["a@b.example", "c@d.example"], "keep_copy": False}}),
        ({"forward": {"keep_copy": None}},
         {"forward": {"destinations": ["a@b.example", "c@d.example"], "keep_copy": True}}),
        ({"forward": {"destinations": None}}, {"forward": {"destinations": [], "keep_copy": True}}),
        ({"forward": {"destinations": ["x@y.example"], "keep_copy": False}},
         {"forward": {"destinations": ["x@y.example"], "keep_copy": False}}),
        ({"forward": None}, {"forward": {"destinations": [], "keep_copy": True}}),
        ({"recovery_address": "Taro@Elsewhere.example"}, {"recovery_address": "taro@elsewhere.example"}),
        ({"smtp_active": False}, {"smtp_active": False}),
        ({"recovery_address": None, "smtp_active": None}, {"recovery_address": "", "smtp_active": True}),
        ({"active": False}, {"active": False}),
        ({"active": None}, {"active": True}),
    )

    def setUp(self):
        self.domain = self.new_domain("box")

    def new(self):
        return {"address": f"taro{next(numbers)}@{self.domain}", "display_name": "Taro", "password": PASSWORD,
                "quota_bytes": 51200000, "active": True,
                "forward": {"destinations": ["taro@elsewhere.example"], "keep_copy": True}}


class MailboxDetails(ApiTest):
    def setUp(self):
        self.domain = self.new_domain("mb")

    def create(self, local_part="taro", **more):
        return self.admin.ask("POST", f"/domains/{self.domain}/mailboxes",
                              {"local_part": local_part, "password": PASSWORD, **more})

    def test_under_a_domain_the_local_part_is_enough(self):
        answer = self.create()
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["address"], f"taro@{self.domain}")
        self.assertEqual(answer.headers["Location"], f"/api/v1/mailboxes/taro@{self.domain}")
        self.assertEqual(answer.json["maildir"], f"{self.domain}/taro/")
        self.assertNotIn("local_part", answer.json)

    def test_under_a_domain_the_address_must_be_in_it(self):
        path = f"/domains/{self.domain}/mailboxes"
        body = {"address": "taro@other.example", "password": PASSWORD}
        self.assert_problem(self.admin.ask("POST", path, body), 422, address="wrong_domain")
        del body["address"]
        self.assert_problem(self.admin.ask("POST", path, body), 422, local_part="required")
        body = {"address": f"taro@{self.domain}", "local_part": "jiro", "password": PASSWORD}
        self.assert_problem(self.admin.ask("POST", path, body), 422, local_part="wrong_domain")

    def test_no_such_domain(self):
        body = {"address": "taro@nowhere.example", "password": PASSWORD}
        self.assert_problem(self.admin.ask("POST", "/mailboxes", body), 422, address="no_such_domain")
        self.admin.expect(404, "POST", "/domains/nowhere.example/mailboxes",
                          {"local_part": "taro", "password": PASSWORD})
        self.admin.expect(404, "GET", "/domains/nowhere.example/mailboxes")

    def test_the_domains_limit(self):
        self.admin.patch(f"/domains/{self.domain}", {"mailbox_limit": 1})
        self.assertEqual(self.create("one").status, 201)
        answer = self.create("two")
        self.assert_problem(answer, 422, address="mailbox_limit_reached")
        self.assertEqual(answer.json["errors"][0]["max"], 1)

    def test_quotas_fit_the_domain(self):
        self.admin.patch(f"/domains/{self.domain}", {"mailbox_quota_max_bytes": 1000, "quota_bytes": 1500})
        self.assert_problem(self.create(), 422, quota_bytes="quota_must_be_bounded")
        self.assert_problem(self.create(quota_bytes=1001), 422, quota_bytes="quota_above_ceiling")
        self.assertEqual(self.create(quota_bytes=1000).status, 201)
        answer = self.create("jiro", quota_bytes=501)
        self.assert_problem(answer, 422, quota_bytes="domain_quota_exceeded")
        self.assertEqual(answer.json["errors"][0]["max"], 500)
        self.assertEqual(self.create("jiro", quota_bytes=500).status, 201)
        patch = {"quota_bytes": None}
        self.assert_problem(self.admin.ask("PATCH", f"/mailboxes/jiro@{self.domain}", patch), 422,
                            quota_bytes="quota_must_be_bounded")

    def test_a_forward_needs_somebody(self):
        self.assert_problem(self.create(forward={"destinations": [], "keep_copy": False}), 422,
                            forward__destinations="no_destination")
        self.assertEqual(self.create().status, 201)
        patch = {"forward": {"keep_copy": False}}
        self.assert_problem(self.admin.ask("PATCH", f"/mailboxes/taro@{self.domain}", patch), 422,
                            forward__destinations="no_destination")

    def test_forwards_do_not_go_round(self):
        self.assertEqual(self.create("one").status, 201)
        self.assertEqual(self.create("two", forward={"destinations": [f"one@{self.domain}"]}).status, 201)
        patch = {"forward": {"destinations": [f"two@{self.domain}"]}}
        self.assert_problem(self.admin.ask("PATCH", f"/mailboxes/one@{self.domain}", patch), 422,
                            forward__destinations="loop")

    def test_a_directory_is_named_after_it(self):
        for local_part in (".hidden", "..x", '"a/b"', "a/b"):
            with self.subTest(local_part=local_part):
                self.assert_problem(self.create(local_part), 422, address="bad_path_character")

    def test_a_new_password_ends_its_sessions(self):
        self.assertEqual(self.create().status, 201)
        address = f"taro@{self.domain}"
        user = self.log_in(address)
        user.get("/me")
        self.admin.patch(f"/mailboxes/{address}", {"password": PASSWORD + "!"})
        user.expect(401, "GET", "/me")
        self.log_in(address, PASSWORD + "!")

    def test_deletion_ends_its_sessions_and_takes_its_rows(self):
        self.assertEqual(self.create().status, 201)
        address = f"taro@{self.domain}"
        user = self.log_in(address)
        self.place.sql(f"INSERT INTO quota2 VALUES ('{address}', 1, 1)")
        self.admin.delete(f"/mailboxes/{address}")
        user.expect(401, "GET", "/me")
        rows = self.place.sql(f"SELECT COUNT(*) FROM alias WHERE address = '{address}' UNION ALL "
                              f"SELECT COUNT(*) FROM quota2 WHERE username = '{address}'")
        self.assertEqual(rows, [["0"], ["0"]])

    def test_passwords_too_easy_to_guess(self):
        for password, code in (("short", "too_short"), ("aaaaaaaaaaaa", "password_too_weak"), ("Qwerty2024!", "password_too_common"),
                               (f"taro@{self.domain}", "password_too_weak")):
            with self.subTest(password=password):
                answer = self.admin.ask("POST", "/mailboxes",
                                        {"address": f"taro@{self.domain}", "password": password})
                self.assert_problem(answer, 422, password=code)

    def test_its_alias_row_is_no_alias(self):
        self.assertEqual(self.create().status, 201)
        self.assertEqual(self.admin.get(f"/domains/{self.domain}/aliases")["items"], [])
        body = {"address": f"taro@{self.domain}", "destinations": ["x@y.example"]}
        self.assert_problem(self.admin.ask("POST", "/aliases", body), 409, address="taken")

    def test_a_generated_password_is_shown_once(self):
        answer = self.admin.post(f"/domains/{self.domain}/mailboxes", {"local_part": "taro", "generate_password": True})
        address, first = answer.json["address"], answer.json["generated_password"]
        self.log_in(address, first)
        changed = self.admin.patch(f"/mailboxes/{address}", {"generate_password": True}).json
        self.assertNotEqual(changed["generated_password"], first)
        self.log_in(address, changed["generated_password"])
        self.assertNotIn("generated_password", self.admin.patch(f"/mailboxes/{address}", {"display_name": "x"}).json)
        shown = self.admin.get(f"/mailboxes/{address}")
        for name in ("generated_password", "generate_password", "password"):
            self.assertNotIn(name, shown)
        both = {"generate_password": True, "password": PASSWORD}
        self.assert_problem(self.admin.ask("PATCH", f"/mailboxes/{address}", both), 422, password="password_not_both")

    def test_another_address(self):
        self.assertEqual(self.create(forward={"destinations": ["x@y.example"]}).status, 201)
        old, other = f"taro@{self.domain}", self.new_domain("mb")
        user = self.log_in(old)
        self.admin.post("/aliases", {"address": f"info@{self.domain}", "destinations": [old]})
        answer = self.admin.expect(200, "POST", f"/mailboxes/{old}/rename", {"address": f"tarou@{other}", "keep_alias": True})
        new = f"tarou@{other}"
        self.assertEqual((answer.json["address"], answer.json["maildir"]), (new, f"{self.domain}/taro/"))
        self.assertEqual(answer.json["forward"], {"destinations": ["x@y.example"], "keep_copy": True})
        self.admin.expect(404, "GET", f"/mailboxes/{old}")
        self.assertEqual(self.admin.get(f"/aliases/{old}")["destinations"], [new])
        self.assertEqual(self.admin.get(f"/aliases/info@{self.domain}")["destinations"], [new])
        user.expect(401, "GET", "/me")
        self.log_in(new)
        self.assert_problem(self.admin.ask("POST", f"/mailboxes/{new}/rename", {"address": old}), 409, address="taken")
        self.assert_problem(self.admin.ask("POST", f"/mailboxes/{new}/rename", {}), 422, address="required")

    def test_frozen_and_thawed(self):
        self.assertEqual(self.create().status, 201)
        path = f"/mailboxes/taro@{self.domain}"
        user = self.log_in(f"taro@{self.domain}")
        for _ in range(2):
            frozen = self.admin.expect(200, "POST", path + "/freeze").json
            self.assertEqual((frozen["frozen"], frozen["active"]), (True, True))
        user.expect(401, "GET", "/me")
        credentials = {"username": f"taro@{self.domain}", "password": PASSWORD}
        self.stranger().expect(401, "POST", "/session", credentials)
        self.assertFalse(self.admin.expect(200, "POST", path + "/thaw").json["frozen"])
        self.log_in(f"taro@{self.domain}")
        self.admin.expect(404, "POST", f"/mailboxes/none@{self.domain}/freeze")

    def test_usage_is_what_dovecot_counted(self):
        self.assertEqual(self.create().status, 201)
        self.place.sql(f"INSERT INTO quota2 VALUES ('taro@{self.domain}', 12345, 6)")
        shown = self.admin.get(f"/mailboxes/taro@{self.domain}")
        self.assertEqual((shown["usage_bytes"], shown["usage_messages"]), (12345, 6))

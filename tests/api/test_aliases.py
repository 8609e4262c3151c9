"""Aliases, catch-alls, alias domains; addresses that RFC 5321 does not know but Japanese carriers gave out."""
from case import ApiTest, Life, numbers
from client import segment

CARRIERS = {  # as people type it: as it is answered
    "a..b@docomo.example": '"a..b"@docomo.example',
    "a.@docomo.example": '"a."@docomo.example',
    ".a@ezweb.example": '".a"@ezweb.example',
    '"a..b"@ezweb.example': '"a..b"@ezweb.example',
    "-a_b/c+d@docomo.example": "-a_b/c+d@docomo.example",
}


class AliasLife(Life, ApiTest):
    collection = "/aliases"
    key = "address"
    required = ("address", "destinations")
    changes = (
        ({"destinations": ["one@a.example", "two@b.example"]},
         {"destinations": ["one@a.example", "two@b.example"]}),
        ({"description": "お問い合わせ"}, {"description": "お問い合わせ"}),
        ({"description": None, "active": False}, {"description": "", "active": False}),
        ({"active": None}, {"active": True}),
        ({"destinations": ["localuser"]}, {"destinations": ["localuser"]}),
        ({"until": "2027-01-01T00:00:00+09:00"}, {"until": "2026-12-31T15:00:00Z"}),
        ({"active": False}, {"active": False}),
        ({"until": None}, {"until": None}),
    )

    def setUp(self):
        self.domain = self.new_domain("al")

    def new(self):
        return {"address": f"info{next(numbers)}@{self.domain}", "destinations": ["taro@elsewhere.example"],
                "description": "For questions", "active": True}


class AliasDomainLife(Life, ApiTest):
    collection = "/alias-domains"
    key = "alias_domain"
    required = ("alias_domain", "target_domain")
    changes = (
        ({"description": "the old name"}, {"description": "the old name"}),
        ({"active": False, "description": None}, {"active": False, "description": ""}),
        ({"active": None}, {"active": True}),
    )

    def new(self):
        return {"alias_domain": f"other{next(numbers)}.example", "target_domain": self.new_domain("target"),
                "description": "Another name", "active": True}


class AliasDetails(ApiTest):
    def setUp(self):
        self.domain = self.new_domain("al")

    def create(self, local_part="info", destinations=("x@y.example",), **more):
        return self.admin.ask("POST", f"/domains/{self.domain}/aliases",
                              {"local_part": local_part, "destinations": list(destinations), **more})

    def test_catch_all(self):
        answer = self.create("")
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["address"], f"@{self.domain}")
        path = f"/aliases/@{self.domain}"
        self.assertEqual(answer.headers["Location"], "/api/v1" + path)
        self.assertEqual(self.admin.get(path)["destinations"], ["x@y.example"])
        self.admin.patch(path, {"destinations": ["z@y.example"]})
        self.admin.delete(path)

    def test_destinations_are_a_set_in_order(self):
        answer = self.create(destinations=["b@Y.example", "a@y.example", "B@y.example"])
        self.assertEqual(answer.json["destinations"], ["b@y.example", "a@y.example"])

    def test_bad_destinations(self):
        for bad in ("|/bin/sh", "/etc/passwd", ":include:/etc/passwd", "a b@c.example", "@", "a@", "a@b@c d",
                    "", "a,b",
                    '"|/bin/sh"@x.example', "a@b..example", "おやじ"):
            with self.subTest(bad=bad):
                answer = self.create(destinations=["x@y.example", bad])
                self.assertEqual(answer.status, 422, answer)
                self.assertEqual(list(answer.errors), ["destinations"])

    def test_itself_and_loops(self):
        self.assert_problem(self.create(destinations=[f"info@{self.domain}"]), 422,
                            destinations="self_destination")
        self.assertEqual(self.create("one", [f"two@{self.domain}"]).status, 201)
        self.assert_problem(self.create("two", [f"one@{self.domain}"]), 422, destinations="loop")

    def test_the_domains_limit(self):
        self.admin.patch(f"/domains/{self.domain}", {"alias_limit": 1})
        self.assertEqual(self.create("one").status, 201)
        self.assert_problem(self.create("two"), 422, address="alias_limit_reached")

    def test_a_mailboxs_own_row_is_not_to_be_had_here(self):
        address = self.new_mailbox(self.domain)
        for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            self.admin.expect(404, method, f"/aliases/{address}", body)

    def test_what_carriers_gave_out(self):
        answer = self.create(destinations=list(CARRIERS))
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["destinations"], list(dict.fromkeys(CARRIERS.values())))
        stored = self.place.sql(f"SELECT goto FROM alias WHERE address = 'info@{self.domain}'")
        self.assertEqual(stored, [[",".join(dict.fromkeys(CARRIERS.values()))]])
        again = self.admin.patch(f"/aliases/info@{self.domain}",
                                 {"destinations": answer.json["destinations"]})
        self.assertEqual(again.json["destinations"], answer.json["destinations"])

    def test_mailboxes_forward_there_too(self):
        address = self.new_mailbox(self.domain, forward={"destinations": ["a..b@docomo.example"]})
        user = self.log_in(address)
        self.assertEqual(user.get("/me/forward")["destinations"], ['"a..b"@docomo.example'])


class OtherScripts(ApiTest):
    """IDN domains go in and out as people write them, and A-labels mean the same."""

    def test_both_forms_are_one_domain(self):
        number = next(numbers)
        people, labels = f"日本{number}.example", f"日本{number}".encode("idna").decode() + ".example"
        answer = self.admin.post("/domains", {"domain": people})
        self.assertEqual(answer.json["domain"], people)
        self.assertEqual(self.place.sql(f"SELECT COUNT(*) FROM domain WHERE domain = '{labels}'"), [["1"]])
        self.assert_problem(self.admin.ask("POST", "/domains", {"domain": labels}), 409, domain="taken")
        for form in (people, labels, labels.upper()):
            self.assertEqual(self.admin.get(f"/domains/{segment(form)}")["domain"], people)
        self.admin.get(answer.headers["Location"].removeprefix("/api/v1"))

    def test_addresses_in_them(self):
        number = next(numbers)
        people, labels = f"例え{number}.example", f"例え{number}".encode("idna").decode() + ".example"
        self.admin.post("/domains", {"domain": people})
        answer = self.admin.post("/mailboxes", {"address": f"taro@{labels}", "password": "correct horse"})
        self.assertEqual(answer.json["address"], f"taro@{people}")
        for form in (f"taro@{people}", f"Taro@{labels}"):
            self.assertEqual(self.admin.get(f"/mailboxes/{segment(form)}")["address"], f"taro@{people}")
            self.log_in(form, "correct horse")
        for wanted in (people, labels, f"taro@{people}", f"日本 例え{number}"):
            found = self.admin.get(f"/mailboxes?search={segment(wanted)}&total=true")
            hits = 0 if " " in wanted else 1
            self.assertEqual((len(found["items"]), found["total"]), (hits, hits), wanted)
        self.assertEqual([d["domain"] for d in self.admin.get(f"/domains?search={segment(people)}")["items"]], [people])
        made = self.admin.post(f"/domains/{segment(people)}/aliases",
                               {"local_part": "info", "destinations": [f"taro@{labels}", f"taro@{people}"]})
        self.assertEqual(made.json["destinations"], [f"taro@{people}"])
        names = [m["address"] for m in self.admin.get(f"/domains/{labels}/mailboxes")["items"]]
        self.assertEqual(names, [f"taro@{people}"])

    def test_names_that_are_none(self):
        for bad in ("-a.example", "a_b.example", "a..example", ".example", "a b.example",
                    "xn--a-ecp.example..", "1.2.3.4",
                    "[127.0.0.1]", "a/b.example", "a@b.example", "日本 .example", "\u200b.example",
                    "x" * 64 + ".example",
                    "あ" * 60 + ".example"):
            with self.subTest(bad=bad):
                answer = self.admin.ask("POST", "/domains", {"domain": bad})
                self.assertEqual(answer.status, 422, answer)
                self.assertEqual(list(answer.errors), ["domain"])


class AliasDomainDetails(ApiTest):
    def ask(self, alias_domain, target_domain):
        return self.admin.ask("POST", "/alias-domains",
                              {"alias_domain": alias_domain, "target_domain": target_domain})

    def test_the_domain_is_made_when_it_is_not_there(self):
        target = self.new_domain()
        name = f"other{next(numbers)}.example"
        self.assertEqual(self.ask(name, target).status, 201)
        made = self.admin.get(f"/domains/{name}")
        self.assertEqual((made["mailbox_limit"], made["alias_limit"]), (0, 0))

    def test_no_chains_and_no_circles(self):
        a, b, c = self.new_domain(), self.new_domain(), self.new_domain()
        self.assert_problem(self.ask(a, a), 422, target_domain="same_domain")
        self.assert_problem(self.ask(a, "nowhere.example"), 422, target_domain="no_such_domain")
        self.assertEqual(self.ask(a, b).status, 201)
        self.assert_problem(self.ask(c, a), 422, target_domain="is_alias_domain")
        self.assert_problem(self.ask(b, c), 422, alias_domain="is_alias_target")

    def test_it_can_mean_another(self):
        a, b, c = self.new_domain(), self.new_domain(), self.new_domain()
        self.assertEqual(self.ask(a, b).status, 201)
        self.assertEqual(self.admin.patch(f"/alias-domains/{a}", {"target_domain": c}).json["target_domain"],
                         c)
        self.assert_problem(self.admin.ask("PATCH", f"/alias-domains/{a}", {"target_domain": a}), 422,
                            target_domain="same_domain")

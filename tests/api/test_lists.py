"""Lists: pages that cost the same and miss nobody, search, sort, total; and wrong questions."""
import itertools

from case import PASSWORD, ApiTest, numbers
from client import API, Client
from place import main_place

NAMES = ["Ärger", "azur", "Zebra", "äther", "山田", "", "100%", "under_score", "back\\slash"]
COUNT = 23


class Pages(ApiTest):
    @classmethod
    def setUpClass(cls):
        cls.domain = f"list{next(numbers)}.example"
        place = main_place()
        place.super_admin().post("/domains", {"domain": cls.domain})
        rows, usage, aliases = [], [], []
        for i in range(COUNT):
            address = f"u{i:02}@{cls.domain}"
            name = NAMES[i % len(NAMES)].replace("\\", "\\\\")
            rows.append(f"('{address}', 'x', '{name}', 'x/', {i % 4 * 1000}, 'u{i:02}', '{cls.domain}', "
                        f"NOW(), '2026-01-01 00:00:00' + INTERVAL {i % 5} HOUR)")
            aliases.append(f"('{address}', '{address}', '{cls.domain}')")
            if i % 3:
                usage.append(f"('{address}', {i % 6 * 10}, 1)")
        place.sql("INSERT INTO mailbox (username, password, name, maildir, quota, local_part, domain, created, modified) "
                  f"VALUES {','.join(rows)}; INSERT INTO alias (address, goto, domain) VALUES {','.join(aliases)};"
                  f"INSERT INTO quota2 VALUES {','.join(usage)}")
        cls.path = f"/domains/{cls.domain}/mailboxes"

    def walk(self, path, limit):
        """All items of a list, in pages of that size."""
        items, page = [], self.admin.get(f"{path}&limit={limit}")
        while True:
            self.assertLessEqual(len(page["items"]), limit)
            items += page["items"]
            if page["next"] is None:
                return items
            self.assertEqual(len(page["items"]), limit)
            page = self.admin.get(f"{path}&limit={limit}&cursor={page['next']}")

    def test_every_sort_meets_everybody_once(self):
        values = {"address": lambda m: m["address"], "usage_bytes": lambda m: m["usage_bytes"],
                  "quota_bytes": lambda m: m["quota_bytes"] or 0, "modified": lambda m: m["modified"],
                  "display_name": None}
        for (field, value), limit, way in itertools.product(values.items(), (1, 5, COUNT, 500), ("", "-")):
            with self.subTest(field=field, limit=limit, way=way):
                items = self.walk(f"{self.path}?sort={way}{field}", limit)
                self.assertEqual(len({m["address"] for m in items}), COUNT)
                self.assertEqual(len(items), COUNT)
                if value:
                    got = [value(m) for m in items]
                    self.assertEqual(got, sorted(got, reverse=way == "-"))

    def test_names_sort_as_people_read(self):
        names = [m["display_name"] for m in self.walk(f"{self.path}?sort=display_name", 4)]
        self.assertLess(names.index("äther"), names.index("Zebra"))
        self.assertEqual(names, self.walk_names("-")[::-1])

    def walk_names(self, way):
        return [m["display_name"] for m in self.walk(f"{self.path}?sort={way}display_name", 7)]

    def test_search(self):
        for text, count in (("u0", 10), ("U01", 1), ("zebra", 3), ("%C3%A4ther", 3),
                            ("%E5%B1%B1%E7%94%B0", 3), ("nobody", 0),
                            ("%25", 2), ("_", 2), ("%5C", 2), ("'", 0), (self.domain, COUNT), ("", COUNT)):
            with self.subTest(search=text):
                page = self.admin.get(f"{self.path}?search={text}&total=true&limit=500")
                self.assertEqual((len(page["items"]), page["total"]), (count, count))
        self.assertEqual(len(self.walk(f"{self.path}?search=u1", 3)), 10)

    def test_total_only_when_asked(self):
        self.assertNotIn("total", self.admin.get(f"{self.path}?limit=1"))
        self.assertNotIn("total", self.admin.get(f"{self.path}?limit=1&total=false"))
        page = self.admin.get(f"{self.path}?limit=1&total=true")
        self.assertEqual((page["total"], len(page["items"])), (COUNT, 1))

    def test_a_page_has_50_unless_said_otherwise(self):
        self.assertLessEqual(len(self.admin.get("/log")["items"]), 50)

    def test_rows_that_come_and_go_move_nobody(self):
        domain = self.new_domain()
        for local_part in "bdfh":
            self.admin.post("/aliases",
                            {"address": f"{local_part}@{domain}", "destinations": ["x@y.example"]})
        page = self.admin.get(f"/domains/{domain}/aliases?limit=2")
        self.admin.delete(f"/aliases/d@{domain}")
        self.admin.post("/aliases", {"address": f"a@{domain}", "destinations": ["x@y.example"]})
        further = self.admin.get(f"/domains/{domain}/aliases?cursor={page['next']}")["items"]
        self.assertEqual([a["address"] for a in further], [f"f@{domain}", f"h@{domain}"])

    def test_a_cursor_belongs_to_its_list(self):
        cursor = self.admin.get(f"{self.path}?limit=5&sort=-usage_bytes")["next"]
        for sort in ("usage_bytes", "address", "-address"):
            answer = self.admin.ask("GET", f"{self.path}?cursor={cursor}&sort={sort}")
            self.assert_problem(answer, 422, cursor="bad_cursor")

    def test_an_empty_list(self):
        domain = self.new_domain()
        for what in ("mailboxes", "aliases"):
            self.assertEqual(self.admin.get(f"/domains/{domain}/{what}?total=true"),
                             {"items": [], "next": None, "total": 0})

    def test_filters(self):
        domain = self.new_domain()
        for local_part, active in (("a", True), ("b", False), ("c", True)):
            self.admin.post("/aliases", {"address": f"{local_part}@{domain}", "active": active,
                                         "destinations": ["x@y.example"]})
        for query, wanted in (("active=true", "ac"), ("active=false", "b"), ("active=true&search=c@", "c"),
                              ("active=true&limit=1", "a"), ("", "abc")):
            with self.subTest(query=query):
                items = self.admin.get(f"/aliases?domain={domain}&{query}")["items"]
                self.assertEqual([a["address"][0] for a in items], list(wanted))
        me = self.admin.get("/me")["username"]
        changes = self.admin.get(f"/log?domain={domain}&verb=alias&actor={me}")["items"]
        self.assertEqual([c["verb"] for c in changes], ["alias.create"] * 3)
        self.assertEqual(self.admin.get(f"/log?domain={domain}&verb=alias.update")["items"], [])
        self.assertEqual(self.admin.get(f"/log?domain={domain}&since=2999-01-01")["items"], [])
        at = changes[0]["at"]
        self.assertEqual(self.admin.get(f"/log?domain={domain}&until=2000-01-01T00:00:00%2B09:00")["items"], [])
        self.assertIn(changes[0], self.admin.get(f"/log?domain={domain}&since={at}")["items"])


BAD = [  # argument, the field that is wrong
    ("active=yes", "active"), ("domain=..", "domain"),
    ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=501", "limit"), ("limit=x", "limit"), ("limit=1.5",
                                                                                                "limit"),
    ("limit=", "limit"), ("limit=1e400", "limit"), ("limit=99999999999999999999", "limit"),
    ("limit=%2050", "limit"),
    ("limit=1&limit=2", "limit"), ("limit", "limit"), ("limit=5%00", "limit"),
    ("cursor=x", "cursor"), ("cursor=%21%21", "cursor"), ("cursor=" + "A" * 2001, "cursor"),
    ("cursor=AAAA", "cursor"),
    ("cursor=%FF", "cursor"), ("search=" + "x" * 256, "search"), ("search=%00", "search"),
    ("search=%0A", "search"),
    ("search=%FF", "search"), ("search=%C0%80", "search"), ("search=%ED%A0%80", "search"),
    ("search=%", "search"),
    ("search=%zz", "search"), ("sort=nothing", "sort"), ("sort=-", "sort"), ("sort=--id", "sort"),
    ("sort=password", "sort"),
    ("sort=" + "x" * 65, "sort"), ("sort=1;DROP TABLE domain".replace(" ", "%20"), "sort"),
    ("total=yes", "total"),
    ("total=1", "total"), ("total=", "total"), ("unknown=1", "unknown"), ("Limit=1", "Limit"),
    ("limit[]=1", "limit[]"),
    ("&".join(f"a{i}=1" for i in range(40)), None),
]


class WrongQuestions(ApiTest):
    def test_each_list_names_what_is_wrong(self):
        domain = self.new_domain()
        lists = [o for o in Client.description.operations if any(p["name"] == "cursor" for p in o.what["parameters"])]
        self.assertGreaterEqual(len(lists), 8)
        for operation, (query, field) in itertools.product(lists, BAD):
            with self.subTest(list=operation.path, query=query[:60]):
                path = operation.path.removeprefix(API).replace("{domain}", domain)
                answer = self.admin.ask("GET", f"{path}?{query}")
                self.assertIn(answer.status, (400, 422), answer)
                if field:
                    self.assertIn(field, answer.errors, answer)

    def test_other_answers_take_no_arguments(self):
        domain = self.new_domain()
        for method, path, body in (("GET", f"/domains/{domain}", None), ("GET", "/me", None),
                                   ("DELETE", f"/domains/{domain}", None),
                                   ("PATCH", f"/domains/{domain}", {}),
                                   ("POST", "/domains", {"domain": "q.example"})):
            with self.subTest(method=method, path=path):
                self.assert_problem(self.admin.ask(method, f"{path}?limit=1", body), 422,
                                    limit="unknown_field")
        self.admin.get(f"/domains/{domain}")

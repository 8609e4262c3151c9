"""Lists show nobody what is not theirs: no row, no count, no place in an order, by no search, sort, filter or cursor.

A domain admin's world is compared with a second one in which the rest was never there: the same questions must get the
same answers, whatever lies in other domains and however a super admin's own mailbox there is filled. The lists come from
openapi.json.
"""
import re

from case import PASSWORD, ApiTest, numbers
from client import API, Client, segment
from examples import Half

HIDDEN = "kakushi"  # a word that stands in every text of the account above them


def lists():
    return [o for o in Client.description.operations
            if o.is_list and not o.is_personal and o.permit["domain_admin"] == "own" and "{" not in o.path]


def path_of(operation):
    return operation.path.removeprefix(API)


def words_of(value):
    return str(value)


class Beside(ApiTest):
    """One domain admin, a domain of theirs, another's, and a super admin whose name is a mailbox in theirs."""

    def setUp(self):
        self.own, self.other = Half(self, "leak"), Half(self, "leak")
        self.client = self.log_in(self.own.admin)
        self.root = self.log_in(self.new_admin(super_admin=True))

    def token(self, **fields):
        bearer = self.stranger()
        bearer.token = self.client.post("/tokens", {"name": "x", "scopes": ["*"], **fields}).json["secret"]
        return bearer

    def sorts(self, client, path):
        """Every member of an item that the list sorts by, both ways."""
        found = [""]
        items = client.get(f"{path}?limit=1")["items"]
        for name in items[0] if items else ():
            for sort in (name, "-" + name):
                if client.ask("GET", f"{path}?limit=1&sort={sort}").status == 200:
                    found.append(f"&sort={sort}")
        return found

    def assert_clean(self, text, where):
        """Other domains, and whoever outranks them."""
        for word in (self.other.domain, self.other.other_name, HIDDEN, *self.secret_names()):
            self.assertNotIn(word, text, where)

    def secret_names(self):
        h = self.own
        return (h.mailbox["chief"], h.alias["chief"], f"gone-chief@{h.domain}")

    def pages(self, client, path, question, limit):
        """All items in pages, each with its count."""
        items, cursor, totals = [], "", set()
        while True:
            answer = client.expect(200, "GET", f"{path}?limit={limit}&total=true{question}{cursor}")
            self.assert_clean(answer.body.decode(), f"{path} {question}")
            page = answer.json
            items += page["items"]
            totals.add(page["total"])
            if not page["next"]:
                self.assertEqual(totals, {len(items)}, f"{path} {question}")
                return items
            cursor = f"&cursor={page['next']}"


class Rows(Beside):
    def hide(self):
        """What the account above them has, each with the word in it."""
        chief = self.own.mailbox["chief"]
        self.admin.patch(f"/mailboxes/{chief}", {"display_name": HIDDEN, "quota_bytes": 1 << 50,
                                                 "recovery_address": f"{HIDDEN}@z.example"})
        self.admin.patch(f"/aliases/{self.own.alias['chief']}", {"description": HIDDEN, "destinations": [f"{HIDDEN}@z.example"]})
        self.admin.patch(f"/sender-logins/{self.own.lent['chief']}", {"description": HIDDEN})
        self.admin.patch(f"/fetchmail/{self.own.job['chief']}", {"username": HIDDEN, "server": f"{HIDDEN}.example"})
        self.log_in(chief)

    def test_no_page_holds_what_is_not_theirs(self):
        self.hide()
        only = self.token(domains=[self.own.domain])
        for operation in lists():
            path = path_of(operation)
            for client in (self.client, only):
                for sort in self.sorts(client, path):
                    with self.subTest(list=path, sort=sort, token=client is only):
                        items = self.pages(client, path, sort, 3)
                        self.assertTrue(items)
                        if client is only:
                            self.assertNotIn(f'"domain": "{self.own.other_name}"', words_of(items))

    def test_no_search_finds_it(self):
        self.hide()
        h = self.own
        for operation in lists():
            path = path_of(operation)
            for word in (HIDDEN, HIDDEN.upper(), self.other.domain, h.mailbox["chief"], h.alias["chief"], "box-chief", "z.example",
                         f"gone-chief@{h.domain}"):
                with self.subTest(list=path, search=word):
                    self.assertEqual(self.pages(self.client, path, f"&search={segment(word)}", 50), [])

    def test_no_filter_lets_it_through(self):
        self.hide()
        chief = self.own.mailbox["chief"]
        for operation in lists():
            path = path_of(operation)
            names = [p["name"] for p in operation.what["parameters"]]
            for question in ("&active=true", "&active=false", f"&actor={segment(chief)}", "&since=2000-01-01T00:00:00Z",
                             "&until=2100-01-01T00:00:00Z", f"&domain={self.own.domain}", "&verb=session", "&verb=mailbox.create"):
                if question.split("=")[0][1:] in names:
                    with self.subTest(list=path, filter=question):
                        self.pages(self.client, path, question, 50)
            if "domain" in names:
                for domain in (self.other.domain, "nowhere.example"):
                    with self.subTest(list=path, domain=domain):
                        self.assertEqual(self.client.get(f"{path}?total=true&domain={domain}"),
                                         {"items": [], "next": None, "total": 0})

    def test_what_it_does_not_change_is_the_order(self):
        """What is theirs comes in the same order, whatever is in between for others."""
        self.hide()
        for operation in lists():
            path = path_of(operation)
            key = next(iter(self.client.get(f"{path}?limit=1")["items"][0]))
            for sort in self.sorts(self.client, path):
                with self.subTest(list=path, sort=sort):
                    mine = [i[key] for i in self.pages(self.client, path, sort, 500)]
                    all_of_them = [i[key] for i in self.every(path, sort)]
                    self.assertEqual(mine, [i for i in all_of_them if i in set(mine)])

    def every(self, path, sort):
        page = self.root.get(f"{path}?limit=500{sort}")
        items = page["items"]
        while page["next"]:
            page = self.root.get(f"{path}?limit=500{sort}&cursor={page['next']}")
            items += page["items"]
        return items

    def test_a_cursor_opens_no_door(self):
        """Each of a super admin's cursors, wherever it points, shows a part of what is theirs."""
        self.hide()
        for operation in lists():
            path = path_of(operation)
            for sort in self.sorts(self.client, path):
                with self.subTest(list=path, sort=sort):
                    mine = self.pages(self.client, path, sort, 500)
                    page = self.root.get(f"{path}?limit=7{sort}&domain={self.own.domain}")
                    while page["next"]:
                        answer = self.client.expect(200, "GET", f"{path}?limit=500{sort}&total=true&cursor={page['next']}")
                        self.assert_clean(answer.body.decode(), f"{path} {sort}")
                        self.assertTrue(all(i in mine for i in answer.json["items"]))
                        self.assertEqual(answer.json["total"], len(mine))
                        page = self.root.get(f"{path}?limit=7{sort}&domain={self.own.domain}&cursor={page['next']}")

    def test_nothing_is_counted_that_came_elsewhere(self):
        """Totals, pages and cursors are octet for octet the same after others' rows came."""
        questions = [f"{path_of(o)}?limit={limit}&total=true{sort}" for o in lists() for limit in (2, 500)
                     for sort in self.sorts(self.client, path_of(o))]
        before = {q: self.client.expect(200, "GET", q).body for q in questions}
        self.hide()
        self.new_mailbox(self.other.domain, "aaa")
        self.new_mailbox(self.own.domain, "aaa-chief-to-be")
        self.new_admin(self.own.domain, local_part="aaa-chief-to-be", super_admin=True)
        Half(self, "aaa-leak")
        for question in questions:
            with self.subTest(question=question):
                after = self.client.expect(200, "GET", question).body
                if question.startswith("/domains"):  # it says how full it is
                    before[question], after = (re.sub(rb'"(mailbox_count|quota_given_bytes|usage_bytes)":\d+', b"", b)
                                               for b in (before[question], after))
                self.assertEqual(after, before[question])


class Items(Beside):
    def test_whether_it_exists_is_nobodys_business(self):
        own, other = self.own, self.other
        for there, not_there in ((f"/mailboxes/{other.user}", "/mailboxes/nobody@nowhere.example"),
                                 (f"/mailboxes/{own.mailbox['chief']}", "/mailboxes/nobody@nowhere.example"),
                                 (f"/aliases/{other.alias['plain']}", f"/aliases/nobody@{other.domain}"),
                                 (f"/domains/{other.domain}", "/domains/nowhere.example"),
                                 (f"/alias-domains/{other.other_name}", "/alias-domains/nowhere.example"),
                                 (f"/sender-logins/{other.lent['plain']}", "/sender-logins/999999999"),
                                 (f"/sender-logins/{own.lent['chief']}", "/sender-logins/999999999"),
                                 (f"/fetchmail/{other.job['plain']}", "/fetchmail/999999999"),
                                 (f"/fetchmail/{own.job['chief']}", "/fetchmail/999999999"),
                                 (f"/app-passwords/{other.app['plain']}", "/app-passwords/999999999"),
                                 (f"/app-passwords/{own.app['chief']}", "/app-passwords/999999999")):
            for method in ("GET", "DELETE"):
                with self.subTest(path=there, method=method):
                    self.assertEqual(self.client.ask(method, there).body, self.client.ask(method, not_there).body)

    def test_what_the_log_tells_of_a_number(self):
        """A sender login's record is under its number; the account above them stands within."""
        for verb, made in (("sender-login.create", self.own.lent), ("fetchmail.create", self.own.job)):
            number = self.newest(str(made["chief"]), verb)
            self.client.expect(403, "GET", f"/log/{number}")
            self.client.expect(403, "POST", f"/log/{number}/undo")
            self.root.get(f"/log/{number}")
            self.client.get(f"/log/{self.newest(str(made['plain']), verb)}")

    def test_a_token_of_one_domain_does_not_see_into_another(self):
        """Between two domains of theirs: a token of one sees what lies in that one alone."""
        second = self.new_domain("leak")
        self.admin.patch(f"/admins/{self.own.admin}", {"domains": [self.own.domain, self.own.other_name, second]})
        box = self.new_mailbox(second)
        between = self.client.post("/sender-logins", {"sender": f"lent@{self.own.domain}", "login": box}).json["id"]
        self.client.get(f"/sender-logins/{between}")
        only = self.token(domains=[self.own.domain])
        only.expect(403, "GET", f"/sender-logins/{between}")
        page = only.get("/sender-logins?limit=500&total=true")
        self.assertNotIn(between, [s["id"] for s in page["items"]])
        self.assertEqual(page["total"], len(page["items"]))

    def test_a_super_admins_token_has_no_hand_on_others(self):
        theirs = self.client.post("/tokens", {"name": "x", "scopes": ["read"]}).json["id"]
        bearer = self.stranger()
        for fields in ({}, {"domains": [self.other.domain]}):
            bearer.token = self.root.post("/tokens", {"name": "x", "scopes": ["token.*"], **fields}).json["secret"]
            bearer.expect(404, "GET", f"/tokens/{theirs}")
            bearer.expect(404, "DELETE", f"/tokens/{theirs}")
            self.assertNotIn(theirs, [k["id"] for k in bearer.get("/tokens?limit=500")["items"]])
        self.root.get(f"/tokens/{theirs}")


class Rank(ApiTest):
    """A domain admin never touches an account that outranks them, even in their own domain."""

    def setUp(self):
        self.domain = self.new_domain("rank")
        self.root = self.new_admin(self.domain, local_part="root", super_admin=True)
        self.client = self.log_in(self.new_admin(self.domain))

    def test_a_super_admins_mailbox(self):
        self.new_mailbox(self.domain, "root")
        path = f"/mailboxes/{self.root}"
        for method, body in (("GET", None), ("PATCH", {"password": "taken over"}), ("DELETE", None)):
            self.client.expect(403, method, path, body)
        for path in (f"/domains/{self.domain}/mailboxes", "/mailboxes"):
            page = self.client.get(path + "?total=true&search=root")
            self.assertEqual((page["items"], page["total"]), ([], 0))

    def test_nor_do_they_make_one(self):
        for path, body in (("/mailboxes", {"password": PASSWORD}),
                           ("/aliases", {"destinations": ["x@y.example"]})):
            self.client.expect(403, "POST", path, {"address": self.root, **body})
            self.client.expect(403, "POST", f"/domains/{self.domain}{path}", {"local_part": "root", **body})

    def test_nor_redirect_its_mail(self):
        self.admin.post("/aliases", {"address": self.root, "destinations": ["x@y.example"]})
        for method, body in (("PATCH", {"destinations": ["thief@y.example"]}), ("DELETE", None),
                             ("GET", None)):
            self.client.expect(403, method, f"/aliases/{self.root}", body)

    def test_an_alias_domain_needs_both(self):
        theirs, other = self.new_domain(), self.new_domain()
        client = self.log_in(self.new_admin(theirs))
        for body in ({"alias_domain": theirs, "target_domain": other},
                     {"alias_domain": other, "target_domain": theirs}):
            client.expect(403, "POST", "/alias-domains", body)

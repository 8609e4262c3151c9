"""What the tests of the API have in common: a super admin, and things to try it on, each with a name of its own."""
import itertools
import unittest

from client import segment
from place import main_place

PASSWORD = "correct horse 電池"
numbers = itertools.count(1)
_super = None


def super_admin():
    """One log-in for all tests; who needs a session to lose logs in for itself."""
    global _super
    _super = _super or main_place().super_admin()
    return _super


class ApiTest(unittest.TestCase):
    maxDiff = None
    password = PASSWORD

    @property
    def place(self):
        return main_place()

    @property
    def admin(self):
        return super_admin()

    def new_domain(self, prefix="d", **more):
        name = f"{prefix}{next(numbers)}.example"
        self.admin.post("/domains", {"domain": name, **more})
        return name

    def new_mailbox(self, domain, local_part="taro", password=PASSWORD, **more):
        self.admin.post("/mailboxes", {"address": f"{local_part}@{domain}", "password": password, **more})
        return f"{local_part}@{domain}"

    def new_admin(self, *domains, local_part=None, password=PASSWORD, **more):
        name = f"{local_part or f'admin{next(numbers)}'}@{domains[0] if domains else 'staff.example'}"
        self.admin.post("/admins", {"username": name, "password": password, "domains": list(domains), **more})
        return name

    def newest(self, target, verb):
        """The number of the log's newest record of that."""
        found = self.admin.get(f"/log?verb={verb}&search={segment(target)}&limit=50")["items"]
        return next(r["id"] for r in found if r["target"] == target)

    def log_in(self, username, password=PASSWORD):
        client = self.place.client().log_in(username, password)
        self.addCleanup(client.close)
        return client

    def stranger(self):
        client = self.place.client()
        self.addCleanup(client.close)
        return client

    def assert_problem(self, answer, status, **fields):
        """The status, and for each field the code of what is wrong with it (nested: forward__destinations)."""
        self.assertEqual(answer.status, status, answer)
        wanted = {name.replace("__", "."): [code] for name, code in fields.items()}
        self.assertEqual(answer.errors, wanted, answer)


class Life:
    """A resource from its creation to its end. A test case says `collection`, new() and `changes`."""

    collection = None
    key = None        # the member that is its name
    required = ()     # members that a creation must have
    changes = ()      # (merge patch, what is different afterwards)

    def new(self):
        """The body of a creation, each time of another item."""
        raise AssertionError("the resource's own test says what a new one is")

    def created(self):
        body = self.new()
        answer = self.admin.post(self.collection, body)
        return f"{self.collection}/{segment(answer.json[self.key])}", answer

    def test_creation_says_where_the_item_is(self):
        path, answer = self.created()
        self.assertEqual(answer.headers["Location"], "/api/v1" + path)
        shown = self.admin.expect(200, "GET", path)
        self.assertEqual(shown.json, answer.json)
        self.assertEqual(shown.etag, answer.etag)
        self.assertRegex(shown.etag, '^"[0-9a-f]+"$')
        self.assertEqual(self.admin.ask("HEAD", path).etag, shown.etag)

    def test_creation_keeps_what_was_given(self):
        body = self.new()
        shown = self.admin.post(self.collection, body).json
        for name, value in body.items():
            if name in shown:
                self.assertEqual(shown[name], value, name)
        self.assertNotIn("password", shown)

    def test_creation_needs_its_required_members(self):
        for name in self.required:
            body = self.new()
            del body[name]
            self.assert_problem(self.admin.ask("POST", self.collection, body), 422, **{name: "required"})

    def test_the_second_of_that_name_is_a_conflict(self):
        body = self.new()
        self.admin.post(self.collection, body)
        before = self.place.digest()
        self.assert_problem(self.admin.ask("POST", self.collection, body), 409, **{self.key: "taken"})
        self.assertEqual(self.place.digest(), before)

    def test_merge_patch(self):
        path, answer = self.created()
        was = answer.json
        for patch, different in self.changes:
            with self.subTest(patch=patch):
                changed = self.admin.patch(path, patch)
                expected = {**was, **different, "modified": changed.json["modified"]}
                self.assertEqual(changed.json, expected)
                shown = self.admin.expect(200, "GET", path)
                self.assertEqual(shown.json, expected)
                self.assertEqual(shown.etag, changed.etag)
                was = expected

    def test_an_empty_patch_changes_nothing(self):
        path, answer = self.created()
        changed = self.admin.patch(path, {}).json
        self.assertEqual({**changed, "modified": None}, {**answer.json, "modified": None})

    def test_the_name_is_fixed(self):
        path, answer = self.created()
        before = self.place.digest()
        got = self.admin.ask("PATCH", path, {self.key: answer.json[self.key]})
        self.assert_problem(got, 422, **{self.key: "read_only"})
        self.assertEqual(self.place.digest(), before)

    def test_a_lost_update_is_refused(self):
        path, answer = self.created()
        patch, different = self.changes[0]
        changed = self.admin.patch(path, patch, headers={"If-Match": answer.etag})
        self.assertNotEqual(changed.etag, answer.etag)
        before = self.place.digest()
        for method, body in (("PATCH", patch), ("DELETE", None)):
            for tag in (answer.etag, '"0"', "nonsense"):
                self.admin.expect(412, method, path, body, headers={"If-Match": tag})
        self.assertEqual(self.place.digest(), before)
        self.admin.patch(path, {}, headers={"If-Match": "*"})
        etag = self.admin.expect(200, "GET", path).etag
        self.admin.delete(path, headers={"If-Match": etag})

    def test_gone_is_gone(self):
        path, answer = self.created()
        self.admin.delete(path)
        self.admin.expect(404, "GET", path)
        self.admin.expect(404, "PATCH", path, {})
        self.admin.expect(404, "DELETE", path)
        keys = [item[self.key] for item in self.every(self.collection)]
        self.assertNotIn(answer.json[self.key], keys)

    def test_every_change_is_in_the_log(self):
        path, answer = self.created()
        self.admin.patch(path, self.changes[0][0])
        self.admin.delete(path)
        verbs = [r["verb"].split(".")[1] for r in self.admin.get("/log?limit=3")["items"]]
        self.assertEqual(verbs, ["delete", "update", "create"])

    def every(self, collection):
        """All items of a list, page by page."""
        page = self.admin.get(f"{collection}?limit=500")
        items = page["items"]
        while page["next"]:
            page = self.admin.get(f"{collection}?limit=500&cursor={page['next']}")
            items += page["items"]
        return items

"""The log: every change with its before and after, newest first, for those it concerns."""
import json

from case import ApiTest


class Log(ApiTest):
    def setUp(self):
        self.domain = self.new_domain("log")

    def records(self, count):
        return self.admin.get(f"/log?limit={count}")["items"]

    def test_before_and_after(self):
        path = f"/domains/{self.domain}"
        self.admin.patch(path, {"description": "new"})
        self.admin.delete(path)
        deleted, changed, created = self.records(3)
        self.assertIsNone(created["before"])
        self.assertIsNone(deleted["after"])
        self.assertEqual(created["after"], changed["before"])
        self.assertEqual(changed["after"], deleted["before"])
        self.assertEqual(json.loads(changed["after"])["description"], "new")
        for record in (created, changed, deleted):
            self.assertEqual((record["actor"], record["via"], record["source"], record["target"],
                              record["domain"]),
                             (self.place.admin, "browser", "127.0.0.1", self.domain, self.domain))
        self.assertEqual([r["verb"] for r in (created, changed, deleted)],
                         ["domain.create", "domain.update", "domain.delete"])

    def test_newest_first_and_the_other_way(self):
        ids = [r["id"] for r in self.records(5)]
        self.assertEqual(ids, sorted(ids, reverse=True))
        upward = [r["id"] for r in self.admin.get("/log?limit=5&sort=id")["items"]]
        self.assertEqual(upward, sorted(upward))
        page = self.admin.get("/log?limit=2")
        further = self.admin.get(f"/log?limit=3&cursor={page['next']}")["items"]
        self.assertEqual(ids, [r["id"] for r in page["items"] + further])

    def test_domain_admins_see_their_own_domains(self):
        mine, other = self.log_in(self.new_admin(self.domain)), self.new_domain("log")
        self.new_mailbox(self.domain)
        self.new_mailbox(other)
        seen = {r["domain"] for r in mine.get("/log?limit=500")["items"]}
        self.assertEqual(seen, {self.domain})

    def test_what_failed_is_not_in_it(self):
        newest = self.records(1)
        self.admin.expect(404, "DELETE", "/domains/nowhere.example")
        self.admin.expect(422, "PATCH", f"/domains/{self.domain}", {"mailbox_limit": -1})
        self.assertEqual(self.records(1), newest)

    def test_what_postfix_admin_wrote_can_be_read(self):
        self.place.sql(f"INSERT INTO log (timestamp, username, domain, action, data) VALUES "
                       f"(NOW(), 'old@{self.domain} (192.0.2.1)', '{self.domain}', 'create_domain', '{self.domain}')")
        record = self.records(1)[0]
        self.assertEqual(record["domain"], self.domain)

"""The log over HTTP and on the command line: undo, verification, and POSTs that act once."""
import json
import threading

from case import PASSWORD, ApiTest


class Undo(ApiTest):
    def setUp(self):
        self.domain = self.new_domain()
        self.path = f"/mailboxes/{self.new_mailbox(self.domain, display_name='山田')}"

    def test_an_answer_says_how_it_is_taken_back(self):
        before = self.admin.get(self.path)
        answer = self.admin.expect(204, "DELETE", self.path)
        self.admin.expect(404, "GET", self.path)
        undone = self.admin.expect(200, "POST", "/" + answer.headers["Postreeve-Undo"]).json
        self.assertEqual((undone["verb"], undone["note"], undone["undoable"]), ("mailbox.delete", "letters_untouched", False))
        self.assertEqual(self.admin.get(self.path), before)
        self.log_in(self.path.removeprefix("/mailboxes/"))
        self.assert_problem(self.admin.ask("POST", "/" + answer.headers["Postreeve-Undo"]), 409, id="undone_already")
        newest = self.admin.get(f"/log?domain={self.domain}&verb=log")["items"][0]
        self.assertEqual((newest["undoes"], newest["target"]), (undone["id"], before["address"]))

    def test_what_stands_in_the_way_is_named(self):
        answer = self.admin.patch(self.path, {"display_name": "x"})
        self.admin.patch(self.path, {"display_name": "y"})
        newer = self.admin.get(f"/log?domain={self.domain}&verb=mailbox.update")["items"][0]["id"]
        refused = self.admin.ask("POST", "/" + answer.headers["Postreeve-Undo"])
        self.assert_problem(refused, 409, id="newer_change")
        self.assertEqual(refused.json["errors"][0]["record"], newer)

    def test_on_the_command_line(self):
        address = self.path.removeprefix("/mailboxes/")
        said = self.place.run("mailbox", "delete", address)
        self.assertEqual(said.returncode, 0)
        self.assertIn("letters on disk are as they were", said.stdout)
        number = said.stdout.split("undo ")[1].split("`")[0]
        self.assertEqual(self.place.run("undo", number).returncode, 0)
        self.assertEqual(self.place.run("undo", number).returncode, 73)
        self.assertEqual(self.place.run("undo", "999999999").returncode, 67)
        self.assertEqual(self.admin.get(self.path)["display_name"], "山田")


class Verification(ApiTest):
    def test_sound_after_all_that_the_tests_do(self):
        self.new_domain()
        found = self.admin.get("/log/verify")
        self.assertEqual((found["sound"], found["finding"], found["first"], found["keyless"]), (True, "none", 0, 0))
        said = self.place.run("log", "verify", "--json")
        self.assertEqual(said.returncode, 0)
        self.assertTrue(json.loads(said.stdout)["sound"])


class Once(ApiTest):
    def post(self, key, body, status=201, path="/domains", client=None):
        return (client or self.admin).expect(status, "POST", path, body, {"Idempotency-Key": key})

    def test_the_same_twice_acts_once(self):
        body = {"domain": f"{self.id().split('.')[-1].replace('_', '-')}.example"}
        first, again = self.post("k1", body), self.post("k1", body)
        for name in ("Location", "ETag", "Content-Type"):
            self.assertEqual(first.headers[name], again.headers[name])
        self.assertEqual(first.body, again.body)
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.post("k2", body, 409)

    def test_also_when_the_service_was_killed_between(self):
        body = {"name": "x", "scopes": ["read"]}
        with self.place.service() as service:
            client = service.super_admin()
            first = self.post("restart", body, path="/tokens", client=client)
            service.kill()
            service.start_again()
            service.wait_ready()
            client.close()
            again = self.post("restart", body, path="/tokens", client=client)
            self.assertEqual(first.json["secret"], again.json["secret"])
            self.assertEqual(first.body, again.body)

    def test_another_request_under_the_same_key(self):
        self.post("k3", {"domain": "k3-one.example"})
        for body, path in (({"domain": "k3-two.example"}, "/domains"), ({"domain": "k3-one.example"}, "/alias-domains")):
            answer = self.admin.ask("POST", path, body, {"Idempotency-Key": "k3"})
            self.assertIn(answer.status, (422,))
        self.admin.expect(404, "GET", "/domains/k3-two.example")

    def test_anothers_key_is_another_key(self):
        domain = self.new_domain()
        alice, bob = (self.log_in(self.new_admin(domain)) for _ in range(2))
        self.post("shared", {"address": f"a@{domain}", "destinations": ["x@y.example"]}, path="/aliases", client=alice)
        self.post("shared", {"address": f"b@{domain}", "destinations": ["x@y.example"]}, path="/aliases", client=bob)

    def test_a_refusal_is_not_kept(self):
        domain = self.new_domain(mailbox_limit=0)
        body = {"address": f"a@{domain}", "password": PASSWORD}
        self.post("later", body, 422, path="/mailboxes")
        self.admin.patch(f"/domains/{domain}", {"mailbox_limit": 1})
        self.post("later", body, path="/mailboxes")

    def test_both_at_the_same_moment(self):
        domain, answers = self.new_domain(), []

        def ask(client):
            answers.append(client.ask("POST", f"/domains/{domain}/aliases", {"local_part": "a", "destinations": ["x@y.example"]},
                                      {"Idempotency-Key": f"race-{domain}"}))

        name = self.new_admin(domain)
        threads = [threading.Thread(target=ask, args=(self.log_in(name),)) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual({(a.status, a.body) for a in answers}, {(201, answers[0].body)})
        self.assertEqual(len(self.admin.get(f"/log?domain={domain}&verb=alias.create")["items"]), 1)

    def test_the_key_has_bounds(self):
        for key in ("", "x" * 256):
            self.assertEqual(self.admin.ask("POST", "/domains", {"domain": "x.example"}, {"Idempotency-Key": key}).status, 400)

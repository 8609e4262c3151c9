"""Transports, sender access and sender logins, over the API and by the command."""
import json
import socket
import threading
import time

from case import ApiTest, Life, numbers
from client import segment
from place import scratch
from test_command import CommandTest, INVALID, USAGE


class TransportLife(Life, ApiTest):
    collection = "/transports"
    key = "destination"
    required = ("destination", "transport")
    changes = (
        ({"transport": "lmtp:unix:private/x"}, {"transport": "lmtp:unix:private/x"}),
        ({"description": "支店", "active": False}, {"description": "支店", "active": False}),
        ({"description": None, "active": None}, {"description": "", "active": True}),
    )

    def new(self):
        return {"destination": f"life{next(numbers)}.example", "transport": "smtp:[192.0.2.1]:2525", "description": "x",
                "active": True}


class SenderAccessLife(Life, ApiTest):
    collection = "/sender-access"
    key = "sender"
    required = ("sender", "action")
    changes = (
        ({"action": "REJECT", "reply": "5.7.1 No"}, {"action": "REJECT", "reply": "5.7.1 No"}),
        ({"active": False, "description": "x"}, {"active": False, "description": "x"}),
        ({"reply": None, "active": None}, {"reply": "", "active": True}),
    )

    def new(self):
        return {"sender": f"life{next(numbers)}.example", "action": "HOLD", "reply": "", "description": "", "active": True}


class SenderLoginLife(Life, ApiTest):
    collection = "/sender-logins"
    key = "id"
    required = ("sender", "login")
    changes = (
        ({"active": False}, {"active": False}),
        ({"description": "x", "active": None}, {"description": "x", "active": True}),
    )

    def created(self):
        body = self.new()
        answer = self.admin.post(self.collection, body)
        return f"{self.collection}/{answer.json['id']}", answer

    def new(self):
        mailbox = self.new_mailbox(self.new_domain())
        return {"sender": f"info@{mailbox.partition('@')[2]}", "login": mailbox}

    def test_the_second_of_that_name_is_a_conflict(self):
        body = self.new()
        self.admin.post(self.collection, body)
        self.assert_problem(self.admin.ask("POST", self.collection, body), 409, login="taken")

    def test_both_sides_can_change(self):
        path, answer = self.created()
        other = self.new_mailbox(answer.json["login"].partition("@")[2], "hana")
        changed = self.admin.patch(path, {"login": other, "sender": f"@{other.partition('@')[2]}"}).json
        self.assertEqual((changed["sender"], changed["login"]), (f"@{other.partition('@')[2]}", other))

    def test_a_domain_shows_its_own(self):
        _, answer = self.created()
        domain = answer.json["login"].partition("@")[2]
        found = self.admin.get(f"/sender-logins?domain={domain}&total=true&active=true&search=INFO")
        self.assertEqual((found["items"], found["total"]), ([answer.json], 1))
        self.assertEqual(self.admin.get(f"/sender-logins?domain={domain}&active=false")["items"], [])


class RelayLife(Life, ApiTest):
    collection = "/relays"
    key = "name"
    required = ("name", "scope", "host")
    changes = (
        ({"host": "192.0.2.1", "port": 26, "tls": "none"}, {"host": "192.0.2.1", "port": 26, "tls": "none"}),
        ({"verify_certificate": False, "active": False}, {"verify_certificate": False, "active": False}),
        ({"username": "me", "password": "electric eel"}, {"username": "me", "has_password": True}),
        ({"description": "x"}, {"description": "x"}),
        ({"username": None}, {"username": "", "has_password": False}),
        ({"tls": None, "port": None}, {"tls": "starttls", "port": 587}),
    )

    def new(self):
        number = next(numbers)
        return {"name": f"life{number}", "scope": f"@life{number}.example", "host": "mx.example.net", "port": 25,
                "tls": "wrapped", "verify_certificate": True, "username": "taro", "password": "correct horse",
                "description": "", "active": True}

    def test_the_scope_of_another_is_a_conflict(self):
        body = self.new()
        self.admin.post("/relays", body)
        self.assert_problem(self.admin.ask("POST", "/relays", {**body, "name": "another"}), 409, scope="taken")

    def test_a_trial_answers_each_step(self):
        path, _ = self.created()
        self.admin.patch(path, {"host": "127.0.0.1", "port": 1})
        answer = self.admin.expect(200, "POST", path + "/test").json
        self.assertIsNone(answer["next"])
        self.assertEqual([(s["step"], s["state"]) for s in answer["items"]],
                         [("resolve", "ok"), ("connect", "failed"), ("tls", "skipped"), ("ehlo", "skipped"),
                          ("auth", "skipped"), ("quit", "skipped")])
        self.assertIn("refused", answer["items"][1]["words"])
        tried = self.admin.get("/log?limit=1&verb=relay.test")["items"][0]
        self.assertEqual(json.loads(tried["after"])["works"], False)
        self.admin.expect(404, "POST", "/relays/nowhere/test")

    def test_a_slow_server_keeps_no_connection_of_the_database(self):
        """More trials at once than there are connections, at a server that says nothing: others are answered meanwhile."""
        with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
            path, _ = self.created()
            self.admin.patch(path, {"host": "127.0.0.1", "port": silent.getsockname()[1], "tls": "none"})
            clients = [self.place.super_admin() for _ in range(2)]
            trials = [threading.Thread(target=c.ask, args=("POST", path + "/test")) for c in clients]
            for trial in trials:
                trial.start()
            calls = [silent.accept()[0] for _ in trials]
            begin = time.monotonic()
            self.admin.patch(path, {"description": "meanwhile"})
            self.assertLess(time.monotonic() - begin, 5)
            for call in calls:
                call.close()
            for trial in trials:
                trial.join(60)
                self.assertFalse(trial.is_alive())


class FetchmailLife(Life, ApiTest):
    collection = "/fetchmail"
    key = "id"
    required = ("mailbox", "server", "username")
    changes = (
        ({"server": "192.0.2.1", "port": 143, "protocol": "IMAP"}, {"server": "192.0.2.1", "port": 143, "protocol": "IMAP"}),
        ({"folder": "受信", "keep": True, "fetch_all": True}, {"folder": "受信", "keep": True, "fetch_all": True}),
        ({"password": "electric eel", "active": False}, {"active": False}),
        ({"poll_minutes": None, "protocol": None}, {"poll_minutes": 10, "protocol": "POP3"}),
    )

    def created(self):
        answer = self.admin.post(self.collection, self.new())
        return f"{self.collection}/{answer.json['id']}", answer

    def new(self):
        return {"mailbox": self.new_mailbox(self.new_domain()), "server": "pop.example.net", "port": 995, "protocol": "POP3",
                "authentication": "password", "username": "taro", "password": "correct horse", "folder": "",
                "poll_minutes": 15, "fetch_all": False, "keep": False, "tls": True, "verify_certificate": True,
                "active": True}

    def test_the_second_of_that_name_is_a_conflict(self):
        """None is: a mailbox may be fed from one server by several jobs."""
        body = self.new()
        first, second = self.admin.post(self.collection, body), self.admin.post(self.collection, body)
        self.assertNotEqual(first.json["id"], second.json["id"])

    def test_it_has_not_run_yet(self):
        _, answer = self.created()
        self.assertEqual((answer.json["last_run"], answer.json["last_result"]), (None, ""))


class Patterns(ApiTest):
    def test_what_is_in_the_path(self):
        number = next(numbers)
        for destination in (f"a{number}@b.example", f".below{number}.example", f"例え{number}.example",
                            f".例え{number}.example", f"a/b{number}@c.example"):
            with self.subTest(destination=destination):
                made = self.admin.post("/transports", {"destination": destination, "transport": "relay:"})
                self.assertEqual(made.json["destination"], destination)
                shown = self.admin.get("/transports/" + segment(destination))
                self.assertEqual(shown, made.json)
        self.admin.ask("DELETE", "/transports/" + segment("*"))
        made = self.admin.post("/transports", {"destination": "*", "transport": "relay:[192.0.2.1]"})
        self.assertEqual(self.admin.get(made.headers["Location"].removeprefix("/api/v1")), made.json)
        self.admin.delete("/transports/" + segment("*"))

    def test_people_search_as_they_write(self):
        name = f"例え{next(numbers)}.example"
        made = self.admin.post("/sender-access", {"sender": f"taro@{name}", "action": "OK"}).json
        for wanted in (name, f"taro@{name}", name.encode("idna").decode()):
            found = self.admin.get(f"/sender-access?search={segment(wanted)}&active=true")["items"]
            self.assertEqual(found, [made], wanted)


class ByCommand(CommandTest):
    def test_transports(self):
        name = f"cli{next(numbers)}.example"
        made = self.json("transport", "create", f".{name}", "--transport", "relay:[192.0.2.1]", "--description", "x")
        self.assertEqual(made, self.admin.get(f"/transports/.{name}"))
        self.assertFalse(self.json("transport", "update", f".{name}", "--no-active")["active"])
        self.run_command("transport", "delete", f".{name}")
        self.run_command("transport", "create", name, code=INVALID, says="transport")

    def test_relays(self):
        name = f"cli{next(numbers)}"
        made = self.json("relay", "create", name, "--scope", f"{name}.example", "--host", "127.0.0.1", "--port", "1",
                         "--username", "me", "--password-stdin", stdin="correct horse\n")
        self.assertEqual(made, self.admin.get(f"/relays/{name}"))
        self.assertTrue(made["has_password"])
        tried = self.place.run("relay", "test", name, "--json")
        self.assertEqual(tried.returncode, INVALID)
        self.assertEqual([s["state"] for s in json.loads(tried.stdout)["items"]], ["ok", "failed"] + ["skipped"] * 4)
        lines = self.place.run("relay", "test", name).stdout.splitlines()
        self.assertEqual(len(lines), 7)
        self.assertRegex(lines[2], "^connect +failed +.*refused")
        self.run_command("relay", "delete", name)

    def test_fetchmail(self):
        mailbox = self.new_mailbox(self.new_domain("cli"))
        made = self.json("fetchmail", "create", "--mailbox", mailbox, "--server", "pop.example", "--username", "a\\\"b#",
                         "--every", "5", "--password-stdin", stdin='pa"ss\n')
        self.assertEqual(made, self.admin.get(f"/fetchmail/{made['id']}"))
        self.assertEqual((made["poll_minutes"], made["has_password"]), (5, True))
        file = scratch / "fetchmailrc"
        self.place.run("fetchmail", "--out", str(file))
        self.assertEqual(file.stat().st_mode & 0o7777, 0o600)
        self.assertIn(f'user "a\\x5c\\x22b\\x23" there with password "pa\\x22ss" is "{mailbox}" here', file.read_text())
        for words in ((), ("--run", "x"), ("--out",), ("--nonsense",)):
            self.run_command("fetchmail", *words, code=64, says="usage")
        (scratch / "fifo").mkdir()
        self.assertEqual(self.place.run("fetchmail", "--out", str(scratch / "fifo")).returncode, 73)
        self.run_command("fetchmail", "delete", str(made["id"]))

    def test_sender_logins_have_numbers(self):
        mailbox = self.new_mailbox(self.new_domain("cli"))
        domain = mailbox.partition("@")[2]
        made = self.json("sender-login", "create", "--sender", f"@{domain}", "--login", mailbox)
        self.assertEqual(made, self.admin.get(f"/sender-logins/{made['id']}"))
        self.assertEqual(self.json("sender-login", "list", domain)["items"], [made])
        self.assertFalse(self.json("sender-login", "update", str(made["id"]), "--no-active")["active"])
        self.run_command("sender-login", "create", "7", "--sender", f"@{domain}", "--login", mailbox, code=USAGE, says="takes no 7")
        self.run_command("sender-login", "show", code=INVALID, says="id")
        self.run_command("sender-login", "delete", str(made["id"]))
        self.assertNotIn(" id", self.run_command("sender-login", "create", "--help").stdout.splitlines()[2])

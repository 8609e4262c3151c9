"""Who may do what, over HTTP: every operation by every role, on what is theirs and on what is not; and that lists show
nobody what is not theirs. The table itself is tested in tests/model; here it is whether every door asks it."""
import itertools
import re

from case import PASSWORD, ApiTest, numbers
from client import API, Client, segment

ROLES = ("nobody", "user", "domain_admin", "super_admin")
SELF, OWN, SUPER = "whoever is logged in", "admins of the domain", "super admins"
RIGHTS = {  # first word of operationId, and whole ones where they differ
    "session.create": "everybody", "session": SELF, "me.forward": "users", "me.set-forward": "users", "me": SELF,
    "domain.create": SUPER, "domain.update": SUPER, "domain.delete": SUPER, "domain": OWN, "mailbox": OWN,
    "alias": OWN,
    "alias-domain": OWN, "admin": SUPER, "log": OWN, "transport": SUPER, "sender-access": SUPER, "sender-login": OWN,
    "relay": SUPER,
    "token": SELF, "log.verify": SUPER,
    "relay": SUPER, "fetchmail": OWN,
    "token": SELF, "log.verify": SUPER, "errand": SUPER,
}


class World:
    """Two domains alike, each with an admin, a user, a mailbox, an alias and an alias domain."""

    def __init__(self, test):
        self.domains = [Half(test) for _ in range(2)]


class Half:
    def __init__(self, test):
        self.domain = test.new_domain("role")
        self.other_name = f"{self.domain.split('.')[0]}-too.example"
        test.admin.post("/alias-domains", {"alias_domain": self.other_name, "target_domain": self.domain})
        self.admin = test.new_admin(self.domain, self.other_name)
        self.user = test.new_mailbox(self.domain, "user")
        self.fresh(test)

    def fresh(self, test):
        """Something to change and to delete."""
        self.mailbox = test.new_mailbox(self.domain, f"box{next(numbers)}")
        self.alias = f"alias{next(numbers)}@{self.domain}"
        test.admin.post("/aliases", {"address": self.alias, "destinations": ["x@y.example"]})
        self.place = f"place{next(numbers)}.example"
        test.admin.post("/transports", {"destination": self.place, "transport": "relay:"})
        test.admin.post("/sender-access", {"sender": self.place, "action": "DUNNO"})
        self.relay = f"relay{next(numbers)}"
        test.admin.post("/relays", {"name": self.relay, "scope": self.place, "host": "127.0.0.1", "port": 1})
        self.record = test.admin.get(f"/log?domain={self.domain}&verb=alias.create&limit=1")["items"][0]["id"]
        self.token = test.admin.post("/tokens", {"name": "x", "scopes": ["read"]}).json["id"]
        self.job = test.admin.post("/fetchmail", {"mailbox": self.mailbox, "server": "pop.example", "username": "x",
                                                  "password": "x"}).json["id"]
        self.lent = test.admin.post("/sender-logins", {"sender": self.alias, "login": self.mailbox}).json["id"]

    def key(self, path):
        """What stands for the part of a path: this half's own."""
        if "{address}" in path:
            return self.mailbox if "mailboxes" in path else self.alias
        if "{username}" in path:
            return self.admin
        if "{destination}" in path or "{sender}" in path:
            return self.place
        if "{name}" in path:
            return self.relay
        if "{id}" in path:
            return str({"sender-logins": self.lent, "log": self.record, "tokens": self.token}[path.split("/")[3]])
            return str({"sender-logins": self.lent, "fetchmail": self.job}[path.split("/")[3]])
            return str({"sender-logins": self.lent, "log": self.record, "tokens": self.token, "errands": 1}[path.split("/")[3]])
        return self.other_name if "alias-domains" in path else self.domain

    def path(self, operation):
        key = segment(self.key(operation.path))
        return re.sub(r"\{[a-z]+\}", lambda _: key, operation.path.removeprefix(API))

    def body(self, operation):
        number = next(numbers)
        if operation.body_schema is None or operation.method in ("PATCH", "PUT"):
            return None if operation.body_schema is None else {}
        address = f"new{number}@{self.domain}"
        bodies = {"/domains": {"domain": f"new{number}.example"},
                  "mailboxes": {"address": address, "password": PASSWORD},
                  "aliases": {"address": address, "destinations": ["x@y.example"]},
                  "/alias-domains": {"alias_domain": self.domain, "target_domain": self.other_name},
                  "/transports": {"destination": f"new{number}.example", "transport": "relay:"},
                  "/sender-access": {"sender": f"new{number}.example", "action": "DUNNO"},
                  "/relays": {"name": f"new{number}", "scope": f"new{number}.example", "host": "127.0.0.1"},
                  "/fetchmail": {"mailbox": self.mailbox, "server": "pop.example", "username": "x", "password": "x"},
                  "/sender-logins": {"sender": address, "login": self.mailbox},
                  "/tokens": {"name": "x", "scopes": ["read"]},
                  "/rename": {"address": address},
                  "/admins": {"username": address, "password": PASSWORD}}
        return next(body for end, body in bodies.items() if operation.path.endswith(end))


def right(operation):
    name = operation.what["operationId"].removesuffix(".in-domain")
    return RIGHTS.get(name) or RIGHTS[name.split(".")[0]]


class EveryDoor(ApiTest):
    """Bodies may be wrong in other ways: what counts is 401, 403 or neither."""

    def setUp(self):
        self.world = World(self)
        own = self.world.domains[0]
        self.clients = {"nobody": self.stranger(), "user": self.log_in(own.user),
                        "domain_admin": self.log_in(own.admin),
                        "super_admin": self.log_in(self.new_admin(super_admin=True))}

    def allowed(self, operation, role, half):
        who = right(operation)
        if who == "everybody":
            return True
        if role == "nobody" or who == "users":
            return role == "user"
        if who == SELF or role == "super_admin":
            return True
        return who == OWN and role == "domain_admin" and (half == 0 or "{" not in operation.path and operation.method == "GET")

    def test_every_operation_by_every_role(self):
        operations = [o for o in Client.description.operations if right(o) != "everybody" and o.path != API + "/session"]
        for operation, role, half in itertools.product(operations, ROLES, (0, 1)):
            with self.subTest(operation=operation.name, role=role, own=half == 0):
                self.world.domains[half].fresh(self)
                before = self.place.digest()
                where = self.world.domains[half]
                answer = self.clients[role].ask(operation.method, where.path(operation),
                                                where.body(operation))
                if self.allowed(operation, role, half):
                    self.assertNotIn(answer.status, (401, 403), answer)
                    if operation.method == "DELETE" and "/domains/" in operation.path:
                        self.world.domains[half] = Half(self)
                else:
                    self.assertEqual(answer.status, 401 if role == "nobody" else 403, answer)
                    self.assertEqual(self.place.digest(), before)
                self.restore(operation, half)

    def restore(self, operation, half):
        """What the operation may have taken away from the others."""
        where = self.world.domains[half]
        if operation.method == "DELETE" and operation.path.startswith(API + "/alias-domains"):
            self.admin.ask("POST", "/alias-domains",
                           {"alias_domain": where.other_name, "target_domain": where.domain})
        if operation.method == "DELETE" and operation.path.startswith((API + "/admins", API + "/domains")):
            where.admin = self.new_admin(where.domain, where.other_name)
            where.user = self.new_mailbox(where.domain, f"user{next(numbers)}")
            if half == 0:
                self.clients.update(domain_admin=self.log_in(where.admin), user=self.log_in(where.user))


class Lists(ApiTest):
    def test_domain_admins_see_theirs_alone(self):
        own, other = World(self).domains
        client = self.log_in(own.admin)
        for path, key, expected in (
                ("/domains", "domain", {own.domain, own.other_name}),
                ("/mailboxes", "address", {own.user, own.mailbox}), ("/sender-logins", "sender", {own.alias}),
                ("/fetchmail", "mailbox", {own.mailbox}),
                ("/aliases", "address", {own.alias}), ("/alias-domains", "alias_domain", {own.other_name})):
            for question in ("", "&search=e", f"&search={other.domain}", f"&sort=-{key}"):
                with self.subTest(path=path, question=question):
                    page = client.get(f"{path}?limit=500&total=true{question}")
                    wanted = set() if other.domain in question else expected
                    self.assertEqual({item[key] for item in page["items"]}, wanted)
                    self.assertEqual(page["total"], len(wanted))

    def test_a_cursor_opens_no_other_door(self):
        own, other = World(self).domains
        cursor = self.admin.get(f"/domains/{other.domain}/mailboxes?limit=1")["next"]
        page = self.log_in(own.admin).get(f"/mailboxes?cursor={cursor}")
        self.assertTrue(all(m["address"].endswith("@" + own.domain) for m in page["items"]))

    def test_whether_it_exists_is_nobodys_business(self):
        own, other = World(self).domains
        client = self.log_in(own.admin)
        for there, not_there in ((f"/mailboxes/{other.user}", "/mailboxes/nobody@nowhere.example"),
                                 (f"/aliases/{other.alias}", f"/aliases/nobody@{other.domain}"),
                                 (f"/domains/{other.domain}", "/domains/nowhere.example"),
                                 (f"/alias-domains/{other.other_name}", "/alias-domains/nowhere.example"),
                                 (f"/sender-logins/{other.lent}", "/sender-logins/999999999"),
                                 (f"/fetchmail/{other.job}", "/fetchmail/999999999")):
            for method in ("GET", "DELETE"):
                with self.subTest(path=there, method=method):
                    self.assertEqual(client.ask(method, there).body, client.ask(method, not_there).body)


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

"""Who may do what, over HTTP: verb x role x ownership x rank of the target x way in, every cell in both directions.

The cells come from openapi.json, which prints server/model/permit.c; whether that table is right is for people to read. Here
it is whether every door asks it, and whether a token is its owner, narrowed: by verb, domain, network and time.
"""
import itertools
from datetime import datetime, timedelta, timezone

from case import ApiTest
from client import Client
from contract import ROLES
from examples import RANKS, Examples, Half

SCOPED = ("everything", "this verb", "this noun", "read", "another verb", "own domain", "another domain")
VOID = ("another network", "expired", "revoked")
OWN, OTHER = 0, 1
# Their keys are numbers, but what is behind one may be an account's.
RANKED_BY_WHAT_IS_IN_THEM = ("sender-login", "fetchmail", "app-password", "log")
ENDS_SESSIONS = ("session.delete", "me.end-other-sessions")


def noun(operation):
    return operation.verb.split(".")[0]


class Everybody(ApiTest):
    """Roles and their ways in."""

    @classmethod
    def setUpClass(cls):
        test = cls()
        cls.halves = [Half(test), Half(test)]
        own = cls.halves[OWN]
        cls.names = {"user": own.user, "domain_admin": own.admin, "super_admin": test.new_admin(super_admin=True)}
        cls.owners = {role: test.place.client() for role in cls.names}
        for role in cls.names:
            test.come_in(role)
        cls.tokens = {}
        cls.own_token = {role: test.made(role, "x", scopes=["read"])[1] for role in cls.owners}

    def come_in(self, role):
        self.owners[role].cookie = None
        self.owners[role].log_in(self.names[role], self.password)

    def made(self, role, name, **fields):
        answer = self.owners[role].post("/tokens", {"name": name, **{"scopes": ["*"], **fields}}).json
        return answer["secret"], answer["id"]

    def secret(self, role, way, operation):
        """A token for each way; those that do not depend on the verb are made once."""
        verb = operation.verb if way in ("this verb", "another verb") else noun(operation) if way == "this noun" else ""
        if (role, way, verb) not in self.tokens:
            secret, number = self.made(role, way, **self.fields_of(way, operation))
            if way == "revoked":
                self.owners[role].delete(f"/tokens/{number}")
            self.tokens[role, way, verb] = secret
        return self.tokens[role, way, verb]

    def fields_of(self, way, operation):
        past = datetime.now(timezone.utc) - timedelta(minutes=1)
        return {
            "this verb": {"scopes": [operation.verb]}, "this noun": {"scopes": [noun(operation) + ".*"]},
            "read": {"scopes": ["read"]}, "own domain": {"domains": [self.halves[OWN].domain, self.halves[OWN].other_name]},
            "another verb": {"scopes": ["me.show" if operation.verb == "session.show" else "session.show"]},
            "another domain": {"domains": [self.halves[OTHER].domain, self.halves[OTHER].other_name]},
            "another network": {"allowed_networks": ["192.0.2.0/24"]},
            "expired": {"expires": past.strftime("%Y-%m-%dT%H:%M:%SZ")},
        }.get(way, {})

    def client(self, role, way, operation):
        if way == "session":
            return self.owners.get(role) or self.nobody
        self.bearer.token = self.secret(role, way, operation)
        return self.bearer


class Cell:
    def __init__(self, operation, role, way, half, rank):
        self.operation, self.role, self.way, self.half, self.rank = operation, role, way, half, rank

    def __str__(self):
        return (f"{self.operation.name} by {self.role}, {self.way}, {'own' if self.half == OWN else 'another'} domain,"
                f" target {self.rank}")

    @property
    def has_place(self):
        """Whether the request says in which domain."""
        o = self.operation
        return "{" in o.path or (o.method == "POST" and o.verb != "domain.create")

    @property
    def may(self):
        reach = self.operation.permit[self.role]
        if reach == "none" or self.way in VOID or not self.scope_covers():
            return False
        if not self.token_reaches():
            return False
        if reach == "all" or not self.has_place:
            return True
        return self.half == OWN and self.rank != "chief"

    def scope_covers(self):
        if self.way == "read":
            return self.operation.what["x-only-reads"]
        return self.way != "another verb"

    def token_reaches(self):
        if self.way not in ("own domain", "another domain") or self.operation.is_personal:
            return True
        if self.operation.is_list and not self.has_place:
            return self.operation.what.get("x-by-domain", False)
        if not self.has_place or not self.is_in_domains():
            return False
        return self.half == (OWN if self.way == "own domain" else OTHER)

    def is_in_domains(self):
        """Routing and admins are the whole server's. An alias domain is in its target's."""
        return noun(self.operation) in self.nouns_in_domains

    @property
    def denial(self):
        return 401 if self.role == "nobody" or self.way in VOID else 403

    def ask(self, client, harmless, own_token):
        e = Examples(self.operation, self.halves[self.half], self.rank, harmless, own_token)
        return client.ask(self.operation.method, e.path, e.body, e.headers)


class EveryCell(Everybody):
    def setUp(self):
        self.nobody, self.bearer = self.stranger(), self.stranger()
        lists = [o for o in Client.description.operations if o.what.get("x-by-domain")]
        Cell.nouns_in_domains = {noun(o) for o in lists} | {"letter", "dns"}  # whose list is another's, or none
        Cell.halves = self.halves

    def cells(self, operation):
        ranked = operation.what.get("x-ranked") or (noun(operation) in RANKED_BY_WHAT_IS_IN_THEM
                                                    and ("{" in operation.path or operation.method == "POST"))
        halves = (OWN,) if operation.is_personal else (OWN, OTHER)
        for role, half, rank in itertools.product(ROLES, halves, RANKS if ranked else RANKS[:1]):
            for way in ("session",) if role == "nobody" else ("session",) + SCOPED + VOID:
                yield Cell(operation, role, way, half, rank)

    def answer(self, cell, harmless):
        client = self.client(cell.role, cell.way, cell.operation)
        return cell.ask(client, harmless, self.own_token.get(cell.role, "1"))

    def walk_denied(self, cells):
        """They ask for what would work. None leaves a trace."""
        for cell in cells:
            self.client(cell.role, cell.way, cell.operation)  # makes its token
        before = self.place.digest()
        for cell in cells:
            answer = self.answer(cell, harmless=False)
            self.assertEqual(answer.status, cell.denial, f"{cell}: {answer}")
        self.assertEqual(self.place.digest(), before, f"{cells[0].operation.name}: denied, and yet something changed")

    def walk_allowed(self, cells):
        for cell in cells:
            answer = self.answer(cell, harmless=True)
            self.assertNotIn(answer.status, (401, 403), f"{cell}: {answer}")
            if cell.operation.verb in ENDS_SESSIONS:
                self.come_in(cell.role)

    def test_every_cell(self):
        count = 0
        for operation in Client.description.operations:
            if operation.permit["nobody"] == "all":
                continue
            with self.subTest(operation=operation.name):
                cells = list(self.cells(operation))
                self.walk_denied([c for c in cells if not c.may])
                self.walk_allowed([c for c in cells if c.may])
                count += len(cells)
        self.assertGreater(count, 4000)

    def test_what_everybody_may_needs_nothing(self):
        for operation in Client.description.operations:
            if operation.permit["nobody"] == "all":
                with self.subTest(operation=operation.name):
                    self.assertEqual(self.nobody.ask(operation.method, operation.path.removeprefix("/api/v1"), {}).status,
                                     422)

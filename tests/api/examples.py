"""Two domains alike with something of every resource in each, and for each operation what to ask it with.

Whoever adds a resource adds its line to `keys` (what stands in its path) and `bodies` (what creates one, or what its verb
takes); the walk over all permissions (test_permits.py) fails by name until then.
"""
import re

from case import PASSWORD, numbers
from client import API, segment

RANKS = ("plain", "deputy", "chief")  # of the account: none but a mailbox, a domain admin, a super admin
NOWHERE = "999999999"


class Half:
    """A domain, and in it three accounts of different rank with all that belongs to them."""

    def __init__(self, test, prefix="permit"):
        self.make = test.admin
        self.domain = test.new_domain(prefix)
        self.other_name = f"{self.domain.split('.')[0]}-too.example"
        self.post("/alias-domains", alias_domain=self.other_name, target_domain=self.domain)
        self.admin = test.new_admin(self.domain, self.other_name)
        self.user = test.new_mailbox(self.domain, "user")
        self.mailbox, self.alias, self.vacant, self.lent, self.record, self.settled, self.job, self.app = ({} for _ in range(8))
        for rank in RANKS:
            self.fill(test, rank)
        self.place = f"place{next(numbers)}.example"
        self.post("/transports", destination=self.place, transport="relay:")
        self.post("/sender-access", sender=self.place, action="DUNNO")
        self.errand = self.done_errand(test)
        self.broadcast = self.done_broadcast(test)
        self.key = self.post("/dkim-keys", domain=self.domain, selector="s1", generate="ed25519")["id"]
        self.relay = f"relay{next(numbers)}"
        self.post("/relays", name=self.relay, scope=self.place, host="127.0.0.1", port=1)

    def done_errand(self, test):
        """By the database's own hand: the service that all tests share has no hooks. It is done, so that nobody takes it."""
        [[number]] = test.place.sql(
            "INSERT INTO postreeve_errand (kind, event, verb, actor, target, domain, record, delivery, lane, payload, state, due,"
            f" created, finished) VALUES ('hook', 'domain_created', 'domain.create', 'x', '{self.domain}', '{self.domain}', 1,"
            " '', '', '', 'done', NOW(), NOW(), NOW()); SELECT LAST_INSERT_ID()")
        return number

    def done_broadcast(self, test):
        [[number]] = test.place.sql(
            "INSERT INTO postreeve_broadcast (actor, domain, domains, subject, body, sender, state, created)"
            f" VALUES ('{self.admin}', '{self.domain}', '{self.domain}', 'x', 'y', '{self.admin}', 'done', NOW());"
            " SELECT LAST_INSERT_ID()")
        return number

    def post(self, path, **body):
        return self.make.post(path, body).json

    def fill(self, test, rank):
        self.mailbox[rank] = test.new_mailbox(self.domain, f"box-{rank}")
        self.alias[rank] = f"alias-{rank}@{self.domain}"
        self.vacant[rank] = f"vacant-{rank}@{self.domain}"
        self.post("/aliases", address=self.alias[rank], destinations=["x@y.example"])
        self.lent[rank] = self.post("/sender-logins", sender=f"lent@{self.domain}", login=self.mailbox[rank])["id"]
        self.job[rank] = self.post("/fetchmail", mailbox=self.mailbox[rank], server="pop.example", username="x",
                                   password="x")["id"]
        [[self.app[rank]]] = test.place.sql("INSERT INTO mailbox_app_password (username, description, password_hash)"
                                            f" VALUES ('{self.mailbox[rank]}', 'x', 'x'); SELECT LAST_INSERT_ID()")
        self.record[rank] = test.newest(self.alias[rank], "alias.create")
        self.settled[rank] = self.unmade(test, rank)
        for address in (self.mailbox[rank], self.alias[rank], self.vacant[rank]) if rank != "plain" else ():
            test.new_admin(self.domain, local_part=address.split("@")[0], super_admin=rank == "chief")

    def unmade(self, test, rank):
        """The number of a change that was taken back: there is nothing left to undo."""
        address = f"gone-{rank}@{self.domain}"
        self.post("/aliases", address=address, destinations=["x@y.example"])
        number = test.newest(address, "alias.create")
        self.make.expect(200, "POST", f"/log/{number}/undo")
        if rank != "plain":
            test.new_admin(self.domain, local_part=address.split("@")[0], super_admin=rank == "chief")
        return number


class Examples:
    """`harmless` asks so that nothing changes even where it may: by what the rules refuse after the permission."""

    def __init__(self, operation, half, rank, harmless, own_token=NOWHERE):
        self.operation, self.half, self.rank, self.harmless = operation, half, rank, harmless
        self.own_token = own_token

    def keys(self):
        h, rank = self.half, self.rank
        return {
            "domains": h.domain, "mailboxes": h.mailbox[rank], "aliases": h.alias[rank], "alias-domains": h.other_name,
            "admins": h.admin, "transports": h.place, "sender-access": h.place, "sender-logins": h.lent[rank],
            "relays": h.relay, "tokens": self.own_token, "fetchmail": h.job[rank], "errands": h.errand,
            "app-passwords": h.app[rank],
            "dkim-keys": h.key,
            "broadcasts": h.broadcast,
            "log": h.settled[rank] if self.harmless else h.record[rank],
        }

    def bodies(self):
        h, rank = self.half, self.rank
        n = next(numbers)
        new = h.vacant[rank] if rank != "plain" else f"new{n}@{h.domain}"
        password = "x" if self.harmless else PASSWORD  # too short
        destinations = [h.alias[rank] if self.harmless else "x@y.example"]  # a loop
        return {
            "me.password": {"current": "wrong", "new": PASSWORD + "!"},
            "me.offer-totp": {"password": "wrong"},
            "me.confirm-totp": {"otp": "wrong"},
            "me.disable-totp": {"password": "wrong", "otp": "wrong"},
            "me.new-recovery-codes": {"otp": "wrong"},
            "me.create-app-password": {"password": "wrong", "description": "x"},
            "me.set-recovery-address": {"password": "wrong", "recovery_address": ""},
            "log-in.report": {"login": h.mailbox[rank], "protocol": "imap", "success": True},
            "domain.create": {"domain": h.domain if self.harmless else f"new{n}.example"},
            "mailbox.create": {"address": new, "password": password},
            "mailbox.set-vacation": {"active": False, "interval_seconds": -1 if self.harmless else 86400},
            "mailbox.rename": {"address": new},
            "mailbox.set-vacation": {"subject": "x"},
            "alias.create": {"address": h.alias[rank] if self.harmless else new, "destinations": destinations},
            "alias-domain.create": {"alias_domain": h.other_name, "target_domain": h.domain},
            "transport.create": {"destination": h.place, "transport": "relay:"},
            "sender-access.create": {"sender": h.place, "action": "DUNNO"},
            "relay.create": {"name": h.relay, "scope": h.place, "host": "127.0.0.1"},
            "sender-login.create": {"sender": f"lent@{h.domain}", "login": h.mailbox[rank]},
            "dkim-key.create": {"domain": h.domain, **({"private_key": "x"} if self.harmless else {"generate": "ed25519"})},
            "fetchmail.create": {"mailbox": h.mailbox[rank], "username": "x", "password": "x",
                                 "server": "127.0.0.1" if self.harmless else "pop.example"},
            "broadcast.create": {"domains": [h.domain], "subject": "x", "body": "y"},
            "letter.create": {"to": new, "subject": "x", "body": "y"},  # the service that all share sends none: tests/api/run
            "token.create": {"name": "x", "scopes": ["no.such"]},
            "admin.create": {"username": h.admin, "password": PASSWORD},
        }

    @property
    def path(self):
        path = self.operation.path.removeprefix(API)
        if "{" not in path:
            return path
        # /me/app-passwords/{id}: that nobody has the number is no matter of permission
        key = NOWHERE if path.startswith("/me/") else self.look_up(self.keys(), path.split("/")[1], "keys")
        return re.sub(r"\{[a-z]+\}", lambda _: segment(str(key)), path)

    @property
    def body(self):
        if self.operation.body_schema is None:
            return None
        if self.operation.method == "PATCH":
            return {}
        if self.operation.is_personal and self.operation.verb not in self.bodies():
            return {}
        return self.look_up(self.bodies(), self.operation.verb, "bodies")

    @property
    def headers(self):
        """No item has that tag. Where there is none to compare, the rest makes it harmless."""
        return {"If-Match": '"0"'} if self.harmless and self.operation.method != "GET" else {}

    def look_up(self, table, name, which):
        if name not in table:
            raise AssertionError(f"no example for {self.operation.name}: add {name!r} to Examples.{which} in examples.py")
        return table[name]

"""Nodes are killed: one under load, and nothing that was acknowledged is lost; two, and nobody is told what is not so."""
import collections
import http.client
import itertools
import json
import re
import threading
import time

from client import segment
from nodes import PASSWORD, NodesTest, numbers, wait_until

WRITERS = 6
SHARED = 3
AFTER = 60  # acknowledged changes that must follow the death, and then the return
ALLOWED = {200, 201, 204, 404, 409, 412, 503}
RETRY_EXIT = 75
EXPECTED_LINES = re.compile(r"listening on |[a-z_.-]+ runs again \(attempt \d+\)$|database on .* is away: |stopp(ing|ed)")


class Own:
    """An address that one writer alone changes: what it may be now. None: not there; a text: its display name."""

    def __init__(self, address):
        self.address, self.may_be = address, {None}


class Writer(threading.Thread):
    """Creates, changes and deletes addresses of its own, and changes what all change, through both services in turn."""

    def __init__(self, number, clients, domain, shared):
        super().__init__()
        self.number, self.clients, self.domain, self.shared = number, clients, domain, shared
        self.own = [Own(f"w{number}n{i}@{domain}") for i in range(3)]
        self.ended = threading.Event()
        self.statuses = collections.Counter()
        self.acknowledged, self.fault, self.names = 0, None, {address: set() for address in shared}
        self.service_of = itertools.cycle(range(len(clients)))

    def run(self):
        try:
            for step in itertools.count():
                if self.ended.is_set():
                    break
                self.act(step)
        except Exception as error:
            self.fault = error

    def ask(self, method, path, body=None):
        """The status; 0 when there was no answer."""
        client = self.clients[next(self.service_of)]
        try:
            answer = client.ask(method, path, body)
        except (OSError, http.client.HTTPException):
            self.statuses[0] += 1
            return 0
        self.statuses[answer.status] += 1
        self.acknowledged += answer.status < 300
        if answer.status not in ALLOWED:
            raise AssertionError(str(answer))
        return answer.status

    def act(self, step):
        name = f"{self.number}.{step}"
        address = self.shared[step % len(self.shared)]
        self.names[address].add(name)  # asked for: it may be the last
        self.ask("PATCH", f"/mailboxes/{segment(address)}", {"display_name": name})
        self.change(self.own[step % len(self.own)], name)
        self.ask("PATCH", f"/aliases/{segment('all@' + self.domain)}", {"description": name})

    def change(self, own, name):
        path = f"/mailboxes/{segment(own.address)}"
        there = own.may_be != {None}
        if not there:
            body = {"address": own.address, "password": PASSWORD, "display_name": name}
            self.settle(own, self.ask("POST", "/mailboxes", body), 201, name)
        elif name.endswith(("3", "7")):
            self.settle(own, self.ask("DELETE", path), 204, None)
        else:
            self.settle(own, self.ask("PATCH", path, {"display_name": name}), 200, name)

    def settle(self, own, status, done, wanted):
        """What an answer proves. Without one, or with 503, it was done whole or not at all."""
        if status == done:
            own.may_be = {wanted}
        elif status == 404:
            self.must_fit(own, None, status)
        elif status == 409:
            own.may_be.discard(None)
            self.must_fit(own, None, status, there=True)
        else:
            own.may_be = own.may_be | {wanted}

    def must_fit(self, own, state, status, there=False):
        was = own.may_be
        if not there:
            own.may_be = {state}
        if not (was if there else state in was):
            raise AssertionError(f"{own.address}: {status}, but it was {was}")


class OneKilled(NodesTest):
    def setUp(self):
        super().setUp()
        self.admins = self.two_admins()
        self.domain = self.new_domain(self.admins[0])
        self.shared = [self.new_mailbox(self.admins[0], self.domain, f"shared{i}") for i in range(SHARED)]
        self.admins[0].post("/aliases", {"address": f"all@{self.domain}", "destinations": self.shared})
        self.writers = []
        for number in range(WRITERS):
            clients = [service.client() for service in self.both]
            for client, admin in zip(clients, self.admins):
                client.cookie, client.csrf = admin.cookie, admin.csrf
                self.addCleanup(client.close)
            self.writers.append(Writer(number, clients, self.domain, self.shared))
        self.addCleanup(self.end_writers)

    def end_writers(self):
        for writer in self.writers:
            writer.ended.set()
        for writer in self.writers:
            if writer.ident:
                writer.join()

    def acknowledged(self):
        for writer in self.writers:
            if writer.fault:
                raise writer.fault
        return sum(writer.acknowledged for writer in self.writers)

    def wait_for_more(self, what):
        before = self.acknowledged()
        wait_until(lambda: self.acknowledged() >= before + AFTER, f"{AFTER} acknowledged changes {what}")

    def test_no_acknowledged_change_is_lost(self):
        conflicts = {node: node.conflicts() for node in self.cluster.nodes}
        repeated = sum(service.repetitions() for service in self.both)
        for writer in self.writers:
            writer.start()
        self.wait_for_more("before anything happens")
        wait_until(lambda: sum(n.conflicts() - conflicts[n] for n in self.cluster.nodes) > 0, "a conflict of two nodes")
        seen = sum(n.conflicts() - conflicts[n] for n in self.cluster.nodes)
        killed = max(self.cluster.nodes, key=lambda node: node.connections())
        killed.kill()
        self.wait_for_more("with a node less")
        killed.start_again()
        killed.wait_synced(3)
        self.wait_for_more("with the node back")
        self.end_writers()
        self.acknowledged()
        statuses = sum((writer.statuses for writer in self.writers), collections.Counter())
        repeated = sum(service.repetitions() for service in self.both) - repeated
        print(f"answers {dict(sorted(statuses.items()))}, {repeated} runs repeated, {seen} conflicts before node"
              f" {killed.number} was killed", end=" ", flush=True)
        self.assertGreater(repeated, 0)
        self.assertLess(statuses[503] + statuses[0], self.acknowledged() / 2, "most changes are done")
        for service in self.both:
            self.assertEqual([line for line in service.log.splitlines() if not EXPECTED_LINES.match(line)], [])
        self.check_rows()
        for node in self.cluster.nodes:
            config = self.site.config_with(database={"host": node.server})
            done = self.site.run("log", "verify", "--json", config=config)
            self.assertTrue(json.loads(done.stdout)["sound"], done.stdout)
        self.cluster.assert_equal_nodes(self.site.database)

    def rows(self, sql):
        """The same on every node, or it fails."""
        given = [node.sql("SET SESSION wsrep_sync_wait = 7; " + sql, self.site.database) for node in self.cluster.nodes]
        self.assertTrue(all(one == given[0] for one in given), given)
        return given[0]

    def check_rows(self):
        mailboxes = dict(self.rows(f"SELECT username, name FROM mailbox WHERE domain = '{self.domain}'"))
        aliases = {row[0] for row in self.rows(f"SELECT address FROM alias WHERE domain = '{self.domain}'")}
        self.assertEqual(set(mailboxes) | {f"all@{self.domain}"}, aliases, "a mailbox and its alias come and go together")
        log = collections.defaultdict(list)
        for record in self.log_of_the_domain():
            log[record["target"]].append(record)
        for writer in self.writers:
            for own in writer.own:
                self.assertIn(mailboxes.get(own.address), own.may_be, own.address)
                self.check_log(log[own.address], mailboxes.get(own.address), own.address)
        for address in self.shared:
            asked = set().union(*(writer.names[address] for writer in self.writers))
            self.assertIn(mailboxes[address], asked)
            changes = [r for r in log[address] if r["verb"] == "mailbox.update"]
            self.assertIn(mailboxes[address], {json.loads(r["after"])["display_name"] for r in changes})

    def check_log(self, records, name, address):
        """Records are written in the changes' own transactions: as many creations as deletions, one more if it is there."""
        verbs = collections.Counter(record["verb"] for record in records)
        there = verbs["mailbox.create"] - verbs["mailbox.delete"]
        self.assertEqual(there, int(name is not None), f"{address}: {verbs}")
        if name is not None:
            said = {json.loads(r["after"])["display_name"] for r in records if r["after"]}
            self.assertIn(name, said, address)

    def log_of_the_domain(self):
        client, path = self.admins[0], f"/log?domain={self.domain}&limit=500"
        page = client.get(path)
        items = page["items"]
        while page["next"]:
            page = client.get(f"{path}&cursor={page['next']}")
            items += page["items"]
        return items


class TwoKilled(NodesTest):
    """The one that is left is not the cluster: it says nothing, so nobody is told what is not so."""

    def test_nobody_is_told_no_and_service_comes_back(self):
        a, b = self.two_admins()
        domain = self.new_domain(a)
        address = self.new_mailbox(a, domain)
        left, *killed = self.cluster.nodes
        for node in killed:
            node.kill()
        wait_until(lambda: left.status("cluster_status") == "non-Primary", "node 1 alone")
        for service, admin in ((self.a, a), (self.b, b)):
            began = time.monotonic()
            self.assert_cannot_tell(service, admin, domain, address)
            self.assertLess(time.monotonic() - began, 60)
        done = self.site.run("mailbox", "show", address)
        self.assertEqual((done.returncode, done.stdout), (RETRY_EXIT, ""), done.stderr)
        for key in (address, f"nobody@{domain}"):
            done = self.site.lookup("get", "virtual_mailbox_maps", key)
            self.assertEqual((done.returncode, done.stdout), (RETRY_EXIT, ""), done.stderr)

        left.sql("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")
        for service, admin in ((self.a, a), (self.b, b)):
            service.wait_ready()
            wait_until(lambda s=service, c=admin: c.ask("GET", f"/mailboxes/{segment(address)}").status == 200, "service")
            admin.post("/aliases", {"address": f"x{next(numbers)}@{domain}", "destinations": [address]})
        self.assertEqual(self.site.run("mailbox", "show", address).returncode, 0)
        self.assertEqual(self.site.lookup("get", "virtual_mailbox_maps", address).returncode, 0)
        for node in killed:
            node.start_again()
        self.cluster.wait_whole()
        self.cluster.assert_equal_nodes(self.site.database)

    def assert_cannot_tell(self, service, admin, domain, address):
        path = f"/mailboxes/{segment(address)}"
        asked = [admin.ask("GET", "/session"), admin.ask("GET", path), admin.ask("GET", "/mailboxes/nobody@nowhere.example"),
                 admin.ask("PATCH", path, {"display_name": "x"}), admin.ask("DELETE", path),
                 admin.ask("POST", "/aliases", {"address": f"y@{domain}", "destinations": [address]}),
                 service.client().ask("POST", "/session", {"username": address, "password": PASSWORD}),
                 service.client().ask("POST", "/session", {"username": address, "password": "wrong"}),
                 service.client().ask("GET", "//readyz")]
        self.assertEqual([answer.status for answer in asked], [503] * len(asked), [str(answer) for answer in asked])

"""What the tests of several nodes have in common: a whole cluster before each, and two services, A and B, on it."""
import itertools
import threading
import unittest

from cluster import the_cluster, the_services, the_site
from place import wait_until

PASSWORD = "correct horse 電池"
numbers = itertools.count(1)


class NodesTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.cluster, self.site = the_cluster(), the_site()
        self.cluster.make_whole()
        self.a, self.b = the_services()
        self.both = (self.a, self.b)
        self.put_on_different_nodes()

    def nodes_used(self):
        for service in self.both:
            service.wait_ready()
        return [node for node in self.cluster.nodes if node.connections()]

    def put_on_different_nodes(self):
        """A service stays on the node that it came to when its own was killed; begun anew, it takes its first."""
        if len(self.nodes_used()) > 1:
            return
        for service in self.both:
            service.stop()
            service.start_again()
        self.assertGreater(len(self.nodes_used()), 1, "both services are on one node, so nothing would be shown")

    def admin(self, service):
        client = service.super_admin()
        self.addCleanup(client.close)
        return client

    def two_admins(self):
        return [self.admin(service) for service in self.both]

    def new_domain(self, client, **more):
        name = f"d{next(numbers)}.example"
        client.post("/domains", {"domain": name, **more})
        return name

    def new_mailbox(self, client, domain, local_part="taro", **more):
        address = f"{local_part}@{domain}"
        client.post("/mailboxes", {"address": address, "password": PASSWORD, **more})
        return address


def side_by_side(*works):
    """Runs them at the same moment; gives what each gave, or raises what one raised."""
    gate = threading.Barrier(len(works))
    given = [None] * len(works)

    def run(i, work):
        gate.wait()
        try:
            given[i] = work()
        except BaseException as error:  # handed to the thread that waits
            given[i] = error

    threads = [threading.Thread(target=run, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in given:
        if isinstance(one, BaseException):
            raise one
    return given


__all__ = ["NodesTest", "PASSWORD", "numbers", "side_by_side", "wait_until"]

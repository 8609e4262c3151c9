"""Migrations on several nodes at once: one run at a time in the whole cluster, and a dead one is waited for no longer than
its time."""
import subprocess
import time

from cluster import ROOT
from nodes import NodesTest, numbers

LEASE = "(lease)"
STEPS = sorted(path.stem for path in (ROOT / "sql/migrations").glob("[0-9]*.sql"))


class Migrations(NodesTest):
    def setUp(self):
        super().setUp()
        self.name = f"fresh{next(numbers)}"
        self.site.sql(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "mysql")

    def begin(self, node):
        return subprocess.Popen(self.site.migrate_command(self.name, node), stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finished(self):
        return [row[0] for row in self.cluster.nodes[2].sql(
            "SET SESSION wsrep_sync_wait = 7; SELECT name FROM postreeve_migration WHERE finished = 1 ORDER BY name",
            self.name)]

    def test_runs_on_three_nodes_take_turns(self):
        runs = [self.begin(node) for node in self.cluster.nodes]
        said = []
        for run in runs:
            out, err = run.communicate(timeout=60)
            self.assertEqual((run.returncode, err), (0, ""), out)
            said += out.splitlines()
        self.assertEqual(sorted(line.partition(":")[0] for line in said), STEPS)
        self.assertEqual(self.finished(), STEPS)
        self.assertEqual(self.site.sql(f"SELECT * FROM postreeve_migration WHERE name = '{LEASE}'", self.name), [])

    def test_a_run_that_died_is_waited_for_until_its_time_is_over(self):
        self.site.migrate(self.name, self.cluster.nodes[0])
        self.site.sql(f"DELETE FROM postreeve_migration WHERE name = '{STEPS[-1]}';"
                      " INSERT INTO postreeve_migration (name, statements, finished, changed)"
                      f" VALUES ('{LEASE}', 7, 0, UTC_TIMESTAMP() - INTERVAL 57 SECOND)", self.name)
        began = time.monotonic()
        done = self.site.migrate(self.name, self.cluster.nodes[1])
        self.assertGreater(time.monotonic() - began, 1.5)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(self.finished(), STEPS)

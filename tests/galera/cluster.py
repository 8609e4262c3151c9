"""Three MariaDB servers that are one Galera cluster, on loopback, and postreeveds on it.

Node      one of the servers: its own directory, ports and process
Cluster   the three of them: begun, counted, compared, begun again
Site      what the tests of the API know as a place (tests/api/place.py), on the cluster

A node's own process is ended by its own number and no other. MariaDB runs as the account `mysql` when we are root: the
rsync of its state transfer gives up root and could not write then.
"""
import contextlib
import getpass
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile

from place import ROOT, Place, Service, run_program, secret_file, wait_until

BIN = pathlib.Path(os.environ.get("POSTREEVE_BIN") or ROOT / "build-tests/bin")
PROVIDER = "/usr/lib/galera/libgalera_smm.so"
ACCOUNT = "mysql" if os.geteuid() == 0 else None
PATH = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"
SOCKET_PATH_MAX = 107
PORTS = ("sql", "group", "ist", "sst")

closing = contextlib.ExitStack()
_shared = {}


def shared(name, make):
    """One for the whole run, made when it is first needed; what failed once is not begun again."""
    if name not in _shared:
        try:
            _shared[name] = make()
        except Exception as error:
            _shared[name] = error
            raise
    if isinstance(_shared[name], Exception):
        raise AssertionError(f"there is no {name}, see the first failure")
    return _shared[name]


def directory():
    """Which MariaDB's account can pass through, and whose sockets have short enough names."""
    for below in (None, "/tmp"):
        made = tempfile.mkdtemp(prefix="postreeve-galera.", dir=below)
        closing.callback(shutil.rmtree, made, ignore_errors=True)
        os.chmod(made, 0o711)
        if len(f"{made}/n/sock".encode()) <= SOCKET_PATH_MAX:
            return pathlib.Path(made)
    raise AssertionError("no directory with a short name")


def as_account(words, **more):
    """How to run a program as MariaDB's account, nobody's groups with it."""
    if ACCOUNT:
        more.update(user=ACCOUNT, group=ACCOUNT, extra_groups=[])
    return {"args": [str(w) for w in words], "stdin": subprocess.DEVNULL, "env": {**os.environ, "PATH": PATH}, **more}


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def free_ports():
    """Four beside each other, below those that the system gives to clients: a node that was killed finds its own again."""
    while True:
        first = random.randrange(20000, 32000 - len(PORTS))
        with contextlib.ExitStack() as held:
            try:
                for i in range(len(PORTS)):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", first + i))
                return {name: first + i for i, name in enumerate(PORTS)}
            except OSError:
                pass


class Node:
    def __init__(self, cluster, number):
        self.cluster, self.number = cluster, number
        self.dir = cluster.dir / str(number)
        self.ports = free_ports()
        self.host = "::1" if number == 3 and has_ipv6() else "127.0.0.1"
        self.server = f"[{self.host}]:{self.ports['sql']}" if ":" in self.host else f"{self.host}:{self.ports['sql']}"
        self.group = f"127.0.0.1:{self.ports['group']}"
        self.socket = self.dir / "sock"
        self.process = None

    def configure(self):
        (self.dir / "tmp").mkdir(parents=True)
        (self.dir / "data").mkdir()
        (self.dir / "my.cnf").write_text("\n".join([
            "[mariadbd]", f"datadir = {self.dir}/data", f"socket = {self.socket}", f"pid-file = {self.dir}/mariadb.pid",
            f"log-error = {self.dir}/mariadb.err", f"tmpdir = {self.dir}/tmp",
            f"bind-address = {self.host}", f"port = {self.ports['sql']}", "skip-log-bin",
            "character-set-server = utf8mb4", "collation-server = utf8mb4_bin", "max_connections = 100",
            # A commit is given to the system and so outlives the process, though not a power cut.
            "innodb_buffer_pool_size = 32M", "innodb_log_file_size = 16M", "innodb_flush_log_at_trx_commit = 2",
            "innodb_autoinc_lock_mode = 2", "binlog_format = ROW",
            "wsrep_on = ON", f"wsrep_provider = {PROVIDER}", "wsrep_cluster_name = postreeve-test",
            "wsrep_cluster_address = gcomm://" + ",".join(n.group for n in self.cluster.nodes),
            f"wsrep_node_name = node{self.number}", f"wsrep_node_address = {self.group}",
            "wsrep_sst_method = rsync", f"wsrep_sst_receive_address = 127.0.0.1:{self.ports['sst']}",
            f'wsrep_provider_options = "base_port={self.ports["group"]}; gmcast.listen_addr=tcp://{self.group};'
            f' ist.recv_addr=127.0.0.1:{self.ports["ist"]}; gcache.size=16M; evs.suspect_timeout=PT3S;'
            f' evs.inactive_timeout=PT10S"', ""]))
        for path in (self.dir, self.dir / "tmp", self.dir / "data"):
            if ACCOUNT:
                shutil.chown(path, ACCOUNT, ACCOUNT)

    def install(self):
        done = subprocess.run(**as_account(
            ["mariadb-install-db", "--no-defaults", f"--datadir={self.dir}/data", "--skip-test-db",
             "--auth-root-authentication-method=socket", f"--auth-root-socket-user={getpass.getuser()}"],
            capture_output=True, text=True))
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *options):
        self.process = subprocess.Popen(**as_account(["mariadbd", f"--defaults-file={self.dir}/my.cnf", *options],
                                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def start_again(self):
        """After a death: InnoDB says how far it got, so that the others need to send the rest alone."""
        file = self.dir / "position.err"
        subprocess.run(**as_account(["mariadbd", f"--defaults-file={self.dir}/my.cnf", "--wsrep-recover",
                                     f"--log-error={file}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        found = [line.rpartition(" ")[2] for line in file.read_text(errors="replace").splitlines()
                 if "Recovered position" in line]
        self.start(*[f"--wsrep_start_position={found[-1]}"] if found else [])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def sql(self, statements, database=None):
        """Rows as lists of texts, as the database's root sees them on this node, and nothing of what is still to come."""
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}", "-N", "-B",
                               "--default-character-set=utf8mb4"] + ([database] if database else []),
                              input=statements, capture_output=True, text=True, timeout=90)
        if done.returncode:
            raise DatabaseError(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def status(self, name):
        try:
            found = self.sql(f"SHOW STATUS LIKE 'wsrep_{name}'")
        except (DatabaseError, subprocess.TimeoutExpired):
            found = []
        return found[0][1] if found else ""

    def is_synced(self, size):
        return self.status("local_state_comment") == "Synced" and self.status("cluster_size") == str(size) \
            and self.status("ready") == "ON"

    def wait_synced(self, size):
        def there():
            if not self.is_running():
                raise AssertionError(f"node {self.number} ended:\n{self.log[-3000:]}")
            return self.is_synced(size)
        wait_until(there, f"node {self.number} in step, in a cluster of {size}")

    @property
    def log(self):
        return (self.dir / "mariadb.err").read_text(errors="replace")

    def connections(self):
        """How many connections the services have here."""
        return int(self.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'postreeve'")[0][0])

    def conflicts(self):
        """Transactions that another node's change came before."""
        return int(self.status("local_cert_failures") or 0) + int(self.status("local_bf_aborts") or 0)


class DatabaseError(Exception):
    pass


class Cluster:
    def __init__(self):
        self.dir = directory()
        self.nodes = []
        self.nodes = [Node(self, number) for number in (1, 2, 3)]
        for node in self.nodes:
            node.configure()
            closing.callback(node.stop)
        first, *others = self.nodes
        first.install()
        first.start("--wsrep-new-cluster")
        first.wait_synced(1)
        for node in others:
            node.start()
        self.wait_whole()

    def wait_whole(self):
        for node in self.nodes:
            node.wait_synced(len(self.nodes))

    def make_whole(self):
        """Whatever a test before has left: every node runs, and they are one cluster."""
        alive = [node for node in self.nodes if node.is_running()]
        if alive and not any(node.status("cluster_status") == "Primary" for node in alive):
            alive[0].sql("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")
        for node in self.nodes:
            if not node.is_running():
                node.start_again()
        self.wait_whole()

    def servers(self, first):
        """As `host` takes them, beginning with one of them (1, 2 or 3)."""
        return ", ".join(self.nodes[(first - 1 + i) % len(self.nodes)].server for i in range(len(self.nodes)))

    def summing(self, database):
        """SQL for a line per table: how many rows there are, and a sum over what stands in them. CHECKSUM TABLE of MariaDB
        10.11 says different things of the same rows where columns are computed."""
        columns = {}
        for table, column in self.nodes[0].sql(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
                " ORDER BY table_name, ordinal_position", database):
            columns.setdefault(table, []).append(f"COALESCE(HEX(`{column}`), '-')")
        return " UNION ALL ".join(
            f"SELECT '{table}', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS(',', {', '.join(names)}))), 0) FROM `{table}`"
            for table, names in columns.items())

    def assert_equal_nodes(self, database):
        """Level with each other first: what one has committed, the others may still be applying."""
        summing = self.summing(database)
        sums = [node.sql(f"SET SESSION wsrep_sync_wait = 15; {summing}", database) for node in self.nodes]
        for node, its in zip(self.nodes, sums):
            different = [mine for mine, first in zip(its, sums[0]) if mine != first]
            assert not different, f"node {node.number} differs from node 1: {different}"
        assert len(sums[0]) > 10, sums[0]


class Site(Place):
    """The database `postreeve` on the cluster, with its accounts, tables and super admin; no service yet."""

    def __init__(self, cluster):
        self.cluster, self.database, self.bin = cluster, "postreeve", BIN
        self.admin, self.admin_password = "admin@example.com", secret_word()
        self.option_files = {user: secret_file(f"[client]\nuser = {user}\npassword = {secret_word()}\n")
                             for user in ("postreeve", "postfix")}
        self.root_cnf = secret_file(f"[client]\nuser = {getpass.getuser()}\n")
        self.config = secret_file("\n".join(
            ["[database]", f"host = {cluster.servers(1)}", "user = postreeve",
             f"option_file = {self.option_files['postreeve']}",
             "[lookup]", f"host = {cluster.servers(1)}", "user = postfix", f"option_file = {self.option_files['postfix']}",
             "[throttle]", "account_failures = 100000", "host_failures = 100000", "network_failures = 100000",
             "wide_network_failures = 100000", ""]))
        self._make()

    def _make(self):
        for user, file in self.option_files.items():
            word = pathlib.Path(file).read_text().split()[-1]
            self.sql(f"CREATE USER {user}@localhost IDENTIFIED BY '{word}'", "mysql")
        self.new_database(self.database)

    def new_database(self, name):
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "mysql")
        done = self.migrate(name, self.cluster.nodes[0])
        assert done.returncode == 0, done.stderr
        self.sql((ROOT / "sql/grants.sql").read_text(), name)
        done = self.run("admin", "create", self.admin, "--super-admin", "--password-stdin", stdin=self.admin_password,
                        config=self.config_with(database={"name": name}))
        assert done.returncode == 0, done.stderr

    def migrate_command(self, name, node):
        """As the root of the database, by the socket of one node."""
        config = self.config_with(database={"name": name, "host": None, "socket": str(node.socket), "user": None})
        return [self.bin / "postreeve", "-c", config, "migrate", "--option-file", self.root_cnf]

    def migrate(self, name, node):
        program, *words = self.migrate_command(name, node)
        return run_program(program, *words)

    def sql(self, statements, database=None):
        return self.cluster.nodes[0].sql(statements, database or self.database)

    def lookup(self, *words, config=None):
        return run_program(self.bin / "postreeve-lookup", "-c", config or self.config, *words)

    def service_on(self, first, **more):
        """A postreeved whose first server is node 1, 2 or 3."""
        return ClusterService(self, {"database": {"host": self.cluster.servers(first), **more}}, False)


class ClusterService(Service):
    def __init__(self, *words):
        super().__init__(*words)
        closing.callback(self._end)

    def _end(self):
        if self.process.poll() is None:
            self.stop()

    def repetitions(self):
        return self.log.count(" runs again (attempt ")


def secret_word():
    return "".join(random.SystemRandom().choices("abcdefghijkmnpqrstuvwxyz23456789", k=24))


def the_cluster():
    return shared("cluster", Cluster)


def the_site():
    return shared("site", lambda: Site(the_cluster()))


def the_services():
    """Two beside each other, each with another node for its first."""
    return shared("services", lambda: (the_site().service_on(1), the_site().service_on(2)))


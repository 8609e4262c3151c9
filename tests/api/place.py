"""Where the tests run: a scratch postreeve (tests/lib/server), its database, its command, and services beside it."""
import atexit
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from client import Client

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = ROOT / "tests/lib/server"
PASSING = ("postreeve_throttle", "postreeve_turn", "postreeve_errand")  # come and go by themselves
PATIENCE = 60  # seconds that a condition may take to come true

scratch = pathlib.Path(tempfile.mkdtemp(prefix="api."))
atexit.register(shutil.rmtree, scratch, ignore_errors=True)


def wait_until(condition, what):
    """Asks again and again, without a break longer than a moment, until it is so."""
    end = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {PATIENCE} seconds")
        pause.wait(0.02)


def secret_file(text, mode=0o600):
    handle, name = tempfile.mkstemp(dir=scratch, prefix="secret.")
    with os.fdopen(handle, "w") as f:
        f.write(text)
    os.chmod(name, mode)
    return name


class Place:
    """A database with a service. `lines` are what tests/lib/server start printed."""

    def __init__(self, names):
        self.url = names["POSTREEVE_URL"]
        self.config = names["POSTREEVE_CONFIG"]
        self.data = pathlib.Path(names["POSTREEVE_DATA"])
        self.bin = pathlib.Path(names["POSTREEVE_BIN"])
        self.root_cnf = names["POSTREEVE_ROOT_CNF"]
        self.admin = names["POSTREEVE_ADMIN"]
        self.admin_password = pathlib.Path(names["POSTREEVE_ADMIN_PASSWORD_FILE"]).read_text().strip()
        self.database = "postreeve"
        self.tables = None

    @classmethod
    def start(cls, extra=""):
        """One more, with a MariaDB of its own."""
        data = tempfile.mkdtemp(dir=scratch, prefix="place.")
        words = [SERVER, "start", data] + ([secret_file(extra)] if extra else [])
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            subprocess.run([SERVER, "stop", data])
            raise AssertionError(f"tests/lib/server start: {done.returncode}\n{done.stderr}")
        words = [w.partition("=") for line in done.stdout.splitlines() for w in shlex.split(line)[1:]]
        return cls({name: value for name, _, value in words})

    def server(self, act):
        subprocess.run([SERVER, act, self.data], check=True, stdin=subprocess.DEVNULL)

    def stop(self):
        self.server("stop")
        if os.environ.get("POSTREEVE_FINDINGS") is None:
            assert not findings(self.log), self.log[-3000:]

    @property
    def log(self):
        return (self.data / "log/postreeved.log").read_text(errors="replace")

    def sql(self, statements, database=None):
        """Rows as lists of texts, as the database's root sees them."""
        done = subprocess.run(["mariadb", f"--defaults-file={self.root_cnf}", "-N", "-B",
                               "--default-character-set=utf8mb4",
                               database or self.database], input=statements, capture_output=True, text=True,
                               check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def digest(self):
        """Changes when a row does that is more than a trace of having looked: when a token was last used, and from where."""
        asked = {"postreeve_session": "digest, username", "postreeve_token": "id, username, scopes, domains, expires"}
        if not self.tables:
            self.tables = [name for name, in self.sql("SHOW TABLES") if name not in PASSING]
        # Not CHECKSUM TABLE: with computed columns it says something else from time to time, of the same rows.
        rows = self.sql("".join(f"SELECT {asked.get(name, '*')} FROM {name};" for name in self.tables))
        return hash(tuple(tuple(row) for row in rows))

    def client(self):
        return Client(self.url)

    def super_admin(self):
        return self.client().log_in(self.admin, self.admin_password)

    def run(self, *words, stdin="", config=None, env=None):
        """The operator's command."""
        return run_program(self.bin / "postreeve", "-c", config or self.config, *words, stdin=stdin, env=env)

    def config_with(self, **sections):
        """The path of a configuration like this one, with other words: server={"workers": 2}."""
        text = pathlib.Path(self.config).read_text()
        given = {"server": {"listen": "127.0.0.1:0", "web_root": str(scratch)}, "database": {}, "lookup": {}}
        for line in text.splitlines():
            if line.startswith("["):
                section = given.setdefault(line.strip("[]"), {})
            elif "=" in line and not line.startswith(";"):
                name, _, value = line.partition("=")
                section[name.strip()] = value.strip()
        for name, words in sections.items():
            given.setdefault(name, {}).update(words)
        lines = []
        for name, words in given.items():
            lines += [f"[{name}]"] + [f"{k} = {v}" for k, v in words.items() if v is not None]
        return secret_file("\n".join(lines) + "\n")

    def new_database(self, name):
        """A second database in the same MariaDB, migrated, with the same accounts and super admin."""
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        config = self.config_with(database={"name": name})
        done = self.run("migrate", "--option-file", self.root_cnf, config=config)
        assert done.returncode == 0, done.stderr
        self.sql((ROOT / "sql/grants.sql").read_text(), name)
        done = self.run("admin", "create", self.admin, "--super-admin", "--password-stdin",
                        stdin=self.admin_password,
                        config=config)
        assert done.returncode == 0, done.stderr

    def service(self, tls=False, **sections):
        return Service(self, sections, tls)


class Service:
    """One more postreeved, on a database of a Place; with `with` it ends at the end."""

    def __init__(self, place, sections, tls):
        self.place, self.tls = place, tls
        self.log_path = pathlib.Path(secret_file(""))
        for _ in range(5):
            self._start(sections)
            if self._answers_or_ended() and self.process.poll() is None:
                return
            self.process.kill()
            self.process.wait()
            if "in use" not in self.log.lower():
                break
        raise AssertionError(f"postreeved did not start:\n{self.log}")

    def _start(self, sections):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            listen = "127.0.0.1:%d" % s.getsockname()[1]
        sections = {**sections, "server": {**sections.get("server", {}), "listen": listen}}
        self.config = self.place.config_with(**sections)
        self.url = f"http://{listen}"
        self.start_again()

    def start_again(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.place.bin / "postreeved", "-c", self.config],
                                            stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)

    def _answers_or_ended(self):
        wait_until(lambda: self.process.poll() is not None or self.is_ready(), "postreeved answers")
        return True

    def wait_ready(self):
        self._answers_or_ended()
        assert self.process.poll() is None, self.log

    def is_ready(self):
        """That TLS is spoken, too, is for the test of TLS to see: here an open port must do."""
        try:
            if self.tls:
                socket.create_connection((self.client().host, self.client().port)).close()
                return True
            return self.client().ask("GET", "//readyz").status == 200
        except OSError:
            return False

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def client(self):
        return Client(self.url)

    def super_admin(self):
        return self.client().log_in(self.place.admin, self.place.admin_password)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        assert code == 0, f"postreeved ended with {code}:\n{self.log[-3000:]}"
        assert not findings(self.log), self.log[-3000:]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.stop()


def findings(text):
    return "runtime error:" in text or "Sanitizer" in text


def run_program(program, *words, stdin="", env=None):
    done = subprocess.run([program, *words], input=stdin, capture_output=True, text=True, timeout=PATIENCE,
                          env={**os.environ, **(env or {})})
    assert not findings(done.stderr), done.stderr
    return done


_main = None


def main_place():
    """The one that tests/api/run started; tests share it, each with domains of its own."""
    global _main
    _main = _main or Place(os.environ)
    return _main

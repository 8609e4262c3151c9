"""tests/stack/stack.py - the servers of a run, and how to talk to them

Site      MariaDB and postreeved (tests/lib/server), filled over the HTTP API and by the command
Postfix   a private instance that reads what postreeve-lookup rendered
Dovecot   a private instance that Postfix asks for log-ins, and that may deliver
Sink      an SMTP server that takes everything: the rest of the world

Whatever is started registers with `_closing`; close() ends it, newest first. Waiting is for conditions (wait_until).
"""
import base64 as _base64
import contextlib
import copy
import glob
import http.cookiejar
import json
import os
import random
import re
import select
import shlex
import shutil
import smtplib
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
import zlib

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
MAIL_UID = 10000  # the configuration's own default

# Clients of the tests are strangers, and there are no names to look up.
POSTFIX_SETTINGS = """
[postfix]
mynetworks = 192.0.2.0/24
inet_interfaces = 127.0.0.1
reject_unknown_sender_domain = no
reject_rbl_client =
reject_rhsbl_sender =
reject_rhsbl_helo =
reject_rhsbl_reverse_client =
warn_rbl_client =
system_mail_to = taro@example.jp
"""

_closing = contextlib.ExitStack()
_shared = {}


def close():
    _closing.close()


def closing(function):
    """Called when the run ends."""
    _closing.callback(function)


def shared(name, make):
    """One of each for the whole run, made when it is first needed. What failed once is not begun again."""
    if name not in _shared:
        try:
            _shared[name] = make()
        except Exception as error:
            _shared[name] = error
            raise
    if isinstance(_shared[name], Exception):
        raise AssertionError(f"there is no {name}: {type(_shared[name]).__name__}, see the first failure")
    return _shared[name]


def wait_until(condition, what, seconds=30, every=0.05):
    """The first true value of condition(), or an error that says what never came."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} seconds")
        select.select([], [], [], every)


def run(*words, check=True, **options):
    done = subprocess.run(words, stdin=options.pop("stdin", subprocess.DEVNULL), capture_output=True, text=True, check=False,
                          **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{shlex.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def free_port():
    """Below the ports that the system hands to clients."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False


def write(path, content, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    return path


def directory():
    """Of this run; other accounts may pass through it, as the mail daemons must."""
    def make():
        path = tempfile.mkdtemp(prefix="stack.")
        os.chmod(path, 0o711)
        if not os.environ.get("POSTREEVE_STACK_KEEP"):
            _closing.callback(shutil.rmtree, path, ignore_errors=True)
        return path
    return shared("directory", make)


def certificate():
    def make():
        base = os.path.join(directory(), "tls")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=mail.stack.test", "-keyout", base + ".key", "-out", base + ".crt")
        return base
    return shared("certificate", make)


def any_mail_config():
    """For a postmap that belongs to none of the instances."""
    def make():
        path = os.path.join(directory(), "postmap")
        os.mkdir(path, 0o755)
        write(os.path.join(path, "main.cf"), "compatibility_level = 3.6\n")
        return path
    return shared("any_mail_config", make)


class Site:
    """A running postreeve with its database."""

    def __init__(self):
        self.data = os.path.join(directory(), "site")
        self.vmail = os.path.join(directory(), "vmail")
        os.mkdir(self.vmail, 0o755)
        os.chown(self.vmail, MAIL_UID, MAIL_UID)
        self.letters_port = free_port()  # the world's Postfix will be there
        self.vacation_program = self.program_for_all("postreeve-vacation")
        extra = write(os.path.join(directory(), "extra.conf"), POSTFIX_SETTINGS +
                      f"relayhost = [127.0.0.1]:{sink().port}\n\n[mail]\nvirtual_mailbox_base = {self.vmail}\n"
                      f"vacation_domain = auto.test\nvacation_user = nobody\nvacation_program = {self.vacation_program}\n[letters]\nsmtp_port = {self.letters_port}\n[errands]\nfirst_pause_seconds = 1\npoll_seconds = 1\n")
        _closing.callback(self.server, "stop", check=False)
        for line in self.server("start", extra).stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            setattr(self, name.removeprefix("POSTREEVE_").lower(), shlex.split(value)[0])
        self.log_in()
        self.let_dovecot_report()

    def let_dovecot_report(self):
        """For what is rendered from now on."""
        secret = self.api("POST", "/tokens", name="dovecot", scopes=["log-in.report"])["secret"]
        token = write(os.path.join(self.data, "report.token"), secret + "\n", 0o600)
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(f"\n[dovecot]\nreport_url = {self.url}\nreport_token_file = {token}\n")

    @staticmethod
    def program_for_all(name):
        """A copy that other accounts reach; what is above the programs may be closed to them."""
        there = os.path.join(os.environ.get("POSTREEVE_BIN") or os.path.join(ROOT, "build-tests/bin"), name)
        return shutil.copy2(there, os.path.join(directory(), name))

    def server(self, word, *more, check=True):
        return run(os.path.join(ROOT, "tests/lib/server"), word, self.data, *more, check=check)

    # -- the HTTP API, as the super admin --

    def log_in(self):
        with open(self.admin_password_file, encoding="utf-8") as file:
            self.log_in_as(self.admin, file.read().strip())

    def log_in_as(self, username, password):
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.csrf = ""
        self.csrf = self.api("POST", "/session", username=username, password=password)["csrf_token"]

    def made_app_password(self, address, description):
        """As the mailbox's owner."""
        owner = copy.copy(self)
        owner.log_in_as(address, PASSWORD)
        return owner.api("POST", "/me/app-passwords", password=PASSWORD, description=description)

    def api(self, method, path, **fields):
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = urllib.request.Request(self.url + "/api/v1" + path, method=method,
                                         data=json.dumps(fields).encode() if fields else None,
                                         headers={"Content-Type": kind, "X-CSRF-Token": self.csrf})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def mailbox(self, address, password="secret-Pass1", **more):
        local_part, _, domain = address.partition("@")
        return self.api("POST", f"/domains/{domain}/mailboxes", local_part=local_part, password=password, **more)

    def alias(self, address, *destinations, **more):
        local_part, _, domain = address.partition("@")
        return self.api("POST", f"/domains/{domain}/aliases", local_part=local_part, destinations=list(destinations), **more)

    # -- the commands --

    def program(self, name, *words, settings="", **options):
        options.setdefault("env", {**os.environ, "MAIL_CONFIG": any_mail_config()})
        config = self.config_with(settings) if settings else self.config
        return run(os.path.join(self.bin, name), "-c", config, *words, **options)

    def get(self, map_name, key):
        """(exit code, value)"""
        done = self.program("postreeve-lookup", "get", map_name, key, check=False)
        return done.returncode, done.stdout.rstrip("\n")

    def config_with(self, settings):
        """A configuration that says more than the site's own."""
        config = os.path.join(self.data, f"{zlib.crc32(settings.encode()):08x}.conf")
        if not os.path.exists(config):
            shutil.copy2(self.config, config)
            with open(config, "a", encoding="utf-8") as file:
                file.write("\n" + settings)
        return config

    def clear_mailbox(self, address, password, scheme="cleartext"):
        """A mailbox whose password is stored in clear text, or as `scheme` says, by a command that is configured so."""
        config = self.config_with(f"[password]\nscheme = {scheme}\n")
        secret = write(os.path.join(self.data, "clear.password"), password + "\n", 0o600)
        run(os.path.join(self.bin, "postreeve"), "-c", config, "mailbox", "create", address, "--password-file", secret)

    def sql(self, text):
        """As the database's root: what a test needs and no verb would do."""
        return run("mariadb", f"--defaults-file={self.root_cnf}", "-N", "-e", text, "postreeve").stdout.strip()

    # -- letters on disk --

    def letters(self, address):
        domain = address.partition("@")[2]
        user = address.partition("@")[0]
        found = []
        for path in glob.glob(os.path.join(self.vmail, domain, user, "new", "*")):
            with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8", errors="replace") as file:
                found.append(file.read())
        return found

    def has(self, address, token):
        return [letter for letter in self.letters(address) if token in letter]

    def wait_for(self, address, token):
        return wait_until(lambda: self.has(address, token), f"the letter {token} in the mailbox {address}")[0]


def site():
    return shared("site", Site)


class Sink:
    """Takes every letter; `recipients` is all RCPT TO there were."""

    def __init__(self):
        self.recipients = []
        sink = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 sink.test ESMTP\r\n")
                in_data = False
                for raw in self.rfile:
                    line = raw.decode("utf-8", "replace").strip()
                    if in_data and line != ".":
                        continue
                    word = line[:4].upper()
                    if word == "RCPT":
                        sink.recipients.append(line.partition(":")[2])
                    in_data = word == "DATA"
                    answer = b"250-sink.test\r\n250 SMTPUTF8\r\n" if word == "EHLO" else \
                        b"354 go on\r\n" if in_data else b"221 bye\r\n" if word == "QUIT" else b"250 fine\r\n"
                    self.wfile.write(answer)
                    if word == "QUIT":
                        return

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.port = free_port()
        server = Server(("127.0.0.1", self.port), Session)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        _closing.callback(server.server_close)
        _closing.callback(server.shutdown)


def sink():
    return shared("sink", Sink)


def render(out, *options, settings=""):
    return site().program("postreeve-lookup", "render", "--out", out, *options, settings=settings)


def logical_lines(path):
    """Of main.cf or master.cf: without comments, continuation lines put together."""
    lines = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line[0].isspace():
                lines[-1] += " " + line.strip()
            else:
                lines.append(line)
    return lines


class Postfix:
    """An instance of its own. The rendered pieces of main.cf and master.cf are merged by postconf or just appended, as an
    operator may; only what a test cannot share with the machine is said besides: directories, ports, names, and where the
    world is. `settings` is added to the configuration that is rendered; `enter` are words in front of the command, which
    bring it into a namespace (apart.py)."""

    def __init__(self, name, *render_options, append=False, settings="", enter=()):
        self.enter = enter
        self.base = os.path.join(directory(), name)
        self.config = os.path.join(self.base, "etc")
        self.queue = os.path.join(self.base, "queue")
        self.rendered = os.path.join(self.base, "rendered")
        self.log = os.path.join(self.base, "log", "mail.log")
        for path in (self.config, self.queue, os.path.dirname(self.log)):
            os.makedirs(path, 0o755)
        self.make_data_directory()
        render(self.rendered, "--queue-directory", self.queue, *render_options, settings=settings)
        self.ports = {service: free_port() for service in ("smtp", "submission", "smtps")}
        if name == "postfix":
            self.ports["smtp"] = site().letters_port
        self.configure()
        if append:
            self.append()
        else:
            self.merge()

    def make_data_directory(self):
        path = os.path.join(self.base, "data")
        os.mkdir(path, 0o755)
        shutil.chown(path, "postfix", "postfix")

    def postconf(self, *words):
        return run("postconf", "-c", self.config, *words)

    def configure(self):
        write(os.path.join(self.config, "main.cf"), "compatibility_level = 3.6\n")
        shutil.copy("/etc/postfix/master.cf.proto", os.path.join(self.config, "master.cf"))
        self.postconf("-e", *[
            f"queue_directory = {self.queue}", f"data_directory = {self.base}/data", f"maillog_file = {self.log}",
            f"maillog_file_prefixes = {self.base}", "myhostname = mail.stack.test", "mydestination =", "alias_maps =",
            "inet_interfaces = 127.0.0.1", "inet_protocols = ipv4", "mynetworks = 192.0.2.0/24",
            "smtpd_peername_lookup = no", "smtpd_error_sleep_time = 0",
            f"smtpd_tls_cert_file = {certificate()}.crt", f"smtpd_tls_key_file = {certificate()}.key"])
        self.postconf("-MX", "smtp/inet")

    def named(self, entry):
        """An entry of master.cf, on the port that is ours."""
        service, kind = entry.split()[:2]
        port = self.ports.get(service) if kind == "inet" else None
        return entry.replace(service, f"127.0.0.1:{port}", 1) if port else entry

    def merge(self):
        self.postconf("-e", *logical_lines(os.path.join(self.rendered, "postfix/main.cf.postreeve")))
        for entry in logical_lines(os.path.join(self.rendered, "postfix/master.cf.postreeve")):
            service, kind = self.named(entry).split()[:2]
            self.postconf("-M", f"{service}/{kind}={self.named(entry)}")

    def drop_overridden(self):
        """Entries of main.cf that the rendered piece says again. Each would be a warning of every process that starts; and
        postlogd, which takes them off their socket, hangs when it finds that full and has one to put there itself."""
        again = {line.partition("=")[0].strip() for line in logical_lines(os.path.join(self.rendered, "postfix/main.cf.postreeve"))}
        path = os.path.join(self.config, "main.cf")
        lines = [line for line in logical_lines(path) if line.partition("=")[0].strip() not in again]
        write(path, "".join(line + "\n" for line in lines))

    def append(self):
        self.drop_overridden()
        for name in ("main.cf", "master.cf"):
            with open(os.path.join(self.rendered, "postfix", name + ".postreeve"), encoding="utf-8") as file:
                piece = [self.named(line) if len(line.split()) > 7 else line for line in file.read().split("\n")]
            with open(os.path.join(self.config, name), "a", encoding="utf-8") as file:
                file.write("\n".join(piece))

    def start(self):
        run(*self.enter, "postfix", "-c", self.config, "start")
        _closing.callback(self.stop)
        for port in self.ports.values():
            wait_until(lambda port=port: answers(port), f"Postfix on port {port}")
        return self

    def stop(self):
        """By its own master.pid, which is in its own queue directory."""
        run("postfix", "-c", self.config, "stop", check=False)
        wait_until(lambda: run("postfix", "-c", self.config, "status", check=False).returncode != 0, "Postfix to end")

    def query(self, map_name, key):
        """(exit code, value, words) of Postfix's own look-up"""
        table = f"mysql:{self.rendered}/postfix/mysql_{map_name}.cf"
        done = run("postmap", "-c", self.config, "-q", key, table, check=False)
        return done.returncode, done.stdout.rstrip("\n"), done.stderr

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    # -- sessions; each from an address of its own, because failures are counted by address --

    _source = 1

    def connect(self, service="smtp"):
        Postfix._source += 1
        source = (f"127.0.{Postfix._source // 250}.{Postfix._source % 250 + 2}", 0)
        port = self.ports[service]
        if service == "smtps":
            return smtplib.SMTP_SSL("127.0.0.1", port, "client.test", timeout=60, source_address=source,
                                    context=trusting())
        session = smtplib.SMTP("127.0.0.1", port, "client.test", timeout=60, source_address=source)
        if service == "submission":
            session.starttls(context=trusting())
        return session

    def recipient(self, address, sender="stranger@far.test"):
        """What port 25 answers to RCPT TO: (code, words)"""
        with self.connect() as session:
            session.ehlo()
            session.mail(sender)
            return said(session.rcpt(address))

    def send(self, recipient, sender="stranger@far.test", session=None):
        """Sends a letter; its token is what to look for."""
        token = uuid.uuid4().hex
        with session or self.connect() as open_session:
            open_session.sendmail(sender, [recipient], letter(sender, recipient, token))
        return token


def base64(octets):
    return _base64.b64encode(octets).decode()


def said(answer):
    return answer[0], answer[1].decode("utf-8", "replace")


def letter(sender, recipient, token):
    return f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {token}\r\n\r\nHello.\r\n".encode()


def trusting():
    """The certificate is ours and of today; what is tested is that there is TLS."""
    context = ssl.create_default_context(cafile=certificate() + ".crt")
    context.check_hostname = False
    return context


def dovecot_version():
    """(2, 3) or (2, 4), and the whole of it: the main file says whose syntax it speaks from 2.4 on."""
    whole = shared("dovecot version", lambda: re.match(r"[\d.]+", run("dovecot", "--version").stdout)[0])
    return tuple(int(number) for number in whole.split(".")[:2]), whole


class Dovecot:
    """An instance of its own, of the machine's Dovecot, 2.3 or 2.4, with the rendered file included as it is."""

    def __init__(self, postfix, *protocols):
        waiting = os.path.join(postfix.queue, "private")  # Postfix makes it, and may not have started yet
        if not os.path.exists(waiting):
            os.mkdir(waiting, 0o700)
            shutil.chown(waiting, "postfix")
        self.base = base = os.path.join(directory(), "dovecot-" + os.path.basename(postfix.base))
        os.makedirs(base)
        self.log = os.path.join(base, "dovecot.log")
        self.ports = {name: free_port() for name in protocols if name in ("imap", "pop3")}
        listeners = "".join(
            f"service {name}-login {{\n  inet_listener {name} {{\n    port = {port}\n  }}\n"
            f"  inet_listener {name}s {{\n    port = 0\n  }}\n}}\n" for name, port in self.ports.items())
        version, whole = dovecot_version()
        head = f"dovecot_config_version = {whole}\ndovecot_storage_version = {whole}\nauth_allow_cleartext = yes" \
            if version >= (2, 4) else "disable_plaintext_auth = no"
        self.config = write(os.path.join(base, "dovecot.conf"), f"""{head}
base_dir = {base}/run
state_dir = {base}/state
log_path = {self.log}
protocols = {' '.join(protocols)}
listen = 127.0.0.1
ssl = no
auth_failure_delay = 0
{listeners}
!include {postfix.rendered}/dovecot/postreeve.conf.ext
{self.warning_service(postfix)}
""")
        with open(self.log, "w", encoding="utf-8") as early:  # what it says before it opens its log by itself
            self.process = subprocess.Popen(["dovecot", "-F", "-c", self.config], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=early)
        _closing.callback(self.stop)

    def warning_service(self, postfix):
        """The rendered program, told where this instance's configuration is: else its dovecot-lda would read the machine's."""
        with open(os.path.join(postfix.rendered, "dovecot/postreeve.conf.ext"), encoding="utf-8") as file:
            program = re.search(r"executable = script (.*/quota-warning .*)", file.read())
        if not program:
            return ""
        wrapper = write(os.path.join(self.base, "warn"),
                        f'#!/bin/sh\nexport CONFIG_FILE={self.base}/dovecot.conf\nexec "$@"\n', 0o755)
        return f"service quota-warning {{\n  executable = script {wrapper} {program[1]}\n}}"

    def wait_for_socket(self, path):
        wait_until(lambda: os.path.exists(path) or self.process.poll() is not None, f"Dovecot's socket {path}")
        if self.process.poll() is not None:
            raise AssertionError("Dovecot ended:\n" + open(self.log, encoding="utf-8").read())
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def plain_password_row(address):
    """What the database holds as the password of a mailbox."""
    stored = site().sql(f"SELECT password FROM mailbox WHERE username = '{address}'")
    assert re.match(r"\$1\$", stored), stored
    return stored


# -- what every test of this suite finds --

PASSWORD = "secret-Pass1"
CLEAR_PASSWORD = "clear-Pass2"


def world():
    """Domains, mailboxes and aliases, and the Postfix that writes letters itself and asks Dovecot for log-ins."""
    def make():
        s = site()
        for name in ("example.jp", "catch.jp", "closed.jp"):
            s.api("POST", "/domains", domain=name)
        s.api("POST", "/domains", domain="backup.jp", backup_mx=True)
        s.api("POST", "/domains", domain="moved.jp", transport=f"smtp:[127.0.0.1]:{sink().port}")
        s.mailbox("taro@example.jp")
        s.mailbox("hana@example.jp")
        s.mailbox("mobile@example.jp", forward={"destinations": ["a..b@docomo.ne.jp"], "keep_copy": True})
        s.alias("info@example.jp", "taro@example.jp", "hana@example.jp")
        s.clear_mailbox("clear@example.jp", CLEAR_PASSWORD)
        s.mailbox("jiro@catch.jp")
        s.mailbox("kana@catch.jp")
        s.mailbox("off@catch.jp", active=False)
        s.alias("quiet@catch.jp", "kana@catch.jp", active=False)
        s.alias("both@catch.jp", "kana@catch.jp", "off@catch.jp")
        s.alias("@catch.jp", "jiro@catch.jp")
        s.mailbox("shut@closed.jp")
        s.alias("@closed.jp", "taro@example.jp")
        s.api("PATCH", "/domains/closed.jp", active=False)
        s.api("POST", "/alias-domains", alias_domain="alias.jp", target_domain="example.jp")
        s.api("POST", "/alias-domains", alias_domain="catch-alias.jp", target_domain="catch.jp")
        s.api("PATCH", "/domains/alias.jp", alias_limit=5)  # an alias domain has none of its own unless it is given some
        s.alias("postmaster@alias.jp", "hana@example.jp")
        postfix = Postfix("postfix", "--sasl", "dovecot", "--delivery", "virtual").start()
        postfix.dovecot = Dovecot(postfix, "imap", "pop3").wait_for_socket(os.path.join(postfix.queue, "private/auth"))
        return postfix
    return shared("world", make)

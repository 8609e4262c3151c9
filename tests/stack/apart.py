"""tests/stack/apart.py - daemons that have their paths compiled in, each with its own view of them

Courier reads /etc/courier and answers in /run/courier. Namespace() is a mount namespace in which those are directories of
this run, and in which the account postfix is in the groups courier and sasl, as the rendered files ask for. What runs in it
sees all else as it is. Courier IMAP itself is not installed, since its package would put out Dovecot's: tests/run lays it
out in build-tests/apart.
"""
import base64
import concurrent.futures
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys

import stack

SOCKET = "/run/courier/authdaemon/socket"
LAID_OUT = os.path.join(stack.ROOT, "build-tests/apart")


class Daemon:
    """One that stays in the foreground; ended with the run. In a session of its own: some end whoever is in theirs."""

    def __init__(self, words, log, listens_at=None):
        self.words, self.log, self.listens_at = words, log, listens_at
        self.start()
        stack._closing.callback(self.stop)

    def start(self):
        with open(self.log, "ab") as file:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                            start_new_session=True)
        if self.listens_at:
            stack.wait_until(self.connects, f"the socket {self.listens_at}")

    def connects(self):
        """Whether everybody may, as far as the directory goes: what has a name need not listen yet."""
        if self.process.poll() is not None:
            raise AssertionError(f"who was to listen at {self.listens_at} has ended")
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.listens_at)
            return os.stat(self.listens_at).st_mode & 0o002
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class Namespace:
    def __init__(self):
        self.base = os.path.join(stack.directory(), "apart")
        self.etc, self.run = (os.path.join(self.base, name) for name in ("etc", "run"))
        os.makedirs(self.etc)
        os.makedirs(os.path.join(self.run, "authdaemon"), 0o755)
        shutil.chown(os.path.join(self.run, "authdaemon"), "courier", "courier")
        os.chmod(os.path.join(self.run, "authdaemon"), 0o750)  # as the package has it in tmpfiles.d
        with open("/etc/group", encoding="utf-8") as file:
            groups = [line.rstrip("\n") for line in file]
        groups = [line + ("," if not line.endswith(":") else "") + "postfix" if line.split(":")[0] in ("courier", "sasl") else line
                  for line in groups]
        group = stack.write(os.path.join(self.base, "group"), "\n".join(groups) + "\n")
        with open("/etc/passwd", encoding="utf-8") as file:
            accounts = file.read()
        if f":x:{stack.MAIL_UID}:" not in accounts:
            accounts += f"vuser:x:{stack.MAIL_UID}:{stack.MAIL_UID}::{stack.site().vmail}:/usr/sbin/nologin\n"
        passwd = stack.write(os.path.join(self.base, "passwd"), accounts)
        os.makedirs("/run/courier", exist_ok=True)
        script = 'set -e; while [ $# -gt 0 ]; do mount --bind "$1" "$2"; shift 2; done; echo ready; exec cat'
        self.holder = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", self.etc, "/etc/courier", self.run,
             "/run/courier", group, "/etc/group", passwd, "/etc/passwd"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack._closing.callback(self.stop)
        if self.holder.stdout.readline() != "ready\n":
            raise AssertionError("no mount namespace could be made")
        self.enter = ("nsenter", "-t", str(self.holder.pid), "-m", "--")

    def stop(self):
        for pid in self.processes():  # gamin's server would wait half a minute for more to do, SIGTERM or not
            os.kill(pid, signal.SIGKILL)
        self.holder.stdin.close()  # the namespace ends with who holds it
        self.holder.wait(60)
        self.holder.stdout.close()

    def processes(self):
        """All that run in it, but for who holds it: they can only have been started here."""
        if self.holder.poll() is not None:
            return []
        ours, found = os.readlink(f"/proc/{self.holder.pid}/ns/mnt"), []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if int(pid) != self.holder.pid and os.readlink(f"/proc/{pid}/ns/mnt") == ours:
                    found.append(int(pid))
            except OSError:  # ended meanwhile
                continue
        return found

    def shell(self, script, name, listens_at=None):
        """A daemon that is started as its own script starts it."""
        return Daemon([*self.enter, "sh", "-c", script], os.path.join(self.base, name + ".log"), listens_at)


def namespace():
    return stack.shared("namespace", Namespace)


def put_smtpd_conf(postfix):
    """Debian's Postfix looks into sasl/ beside its main.cf, which is /etc/postfix/sasl for the machine's own."""
    shutil.copytree(os.path.join(postfix.rendered, "postfix/sasl"), os.path.join(postfix.config, "sasl"))
    shutil.chown(os.path.join(postfix.config, "sasl/smtpd.conf"), "root", "postfix")


def authdaemond(rendered):
    """Courier's, with what was rendered there; one for the run."""
    def make():
        space = namespace()
        for name in ("authmysqlrc", "authdaemonrc"):
            shutil.copy(os.path.join(rendered, "courier", name), space.etc)
        return space.shell("set -a; . /etc/courier/authdaemonrc; exec /usr/lib/courier/courier-authlib/authdaemond",
                           "authdaemond", os.path.join(space.run, "authdaemon/socket"))
    return stack.shared("authdaemond", make)


class CourierImap:
    """Debian's own configuration with the rendered lines at its end, on ports that are ours."""

    def __init__(self, rendered):
        if not os.path.exists(os.path.join(LAID_OUT, "usr/bin/imapd")):
            raise AssertionError(f"Courier IMAP is not in {LAID_OUT}: `tests/run stack` lays it out there")
        authdaemond(rendered)
        space = namespace()
        self.port = stack.free_port()
        with open(os.path.join(LAID_OUT, "etc/courier/imapd"), encoding="utf-8") as file:
            config = file.read() + f"\nADDRESS=127.0.0.1\nPORT={self.port}\n"
        with open(os.path.join(rendered, "courier/imapd.postreeve"), encoding="utf-8") as file:
            stack.write(os.path.join(space.etc, "imapd"), config + file.read())
        libraries = ":".join(sorted({os.path.dirname(path) for path in glob.glob(LAID_OUT + "/usr/lib/**/*.so*", recursive=True)}))
        gamin = f"{LAID_OUT}/usr/libexec/gam_server"  # in Debian 12; started on demand, it ends and is missed now and then
        if os.path.exists(gamin):
            space.shell(f"export LD_LIBRARY_PATH={libraries}; exec setpriv --reuid={stack.MAIL_UID} --regid={stack.MAIL_UID}"
                        f" --clear-groups {gamin} --notimeout ''", "gamin")
        space.shell(f"set -a; . /etc/courier/imapd; LD_LIBRARY_PATH={libraries};"
                    f" GAMIN_DEBUG_SERVER={gamin}; exec {LAID_OUT}/usr/sbin/couriertcpd"
                    f" -address=$ADDRESS -maxprocs=$MAXDAEMONS -maxperip=$MAXPERIP $TCPDOPTS $PORT"
                    f" {LAID_OUT}/usr/lib/courier/courier/imaplogin {LAID_OUT}/usr/bin/imapd $MAILDIRPATH", "imapd")
        stack.wait_until(lambda: stack.answers(self.port), "Courier's imapd")


def saslauthd(postfix, directory):
    """Started by the rendered /etc/default/saslauthd, as Debian's script does, but in the foreground."""
    os.mkdir(directory, 0o710)
    os.chmod(directory, 0o710)
    shutil.chown(directory, "root", "sasl")
    return Daemon(["sh", "-c", '. "$0"; exec saslauthd -d -a $MECHANISMS $MECH_OPTIONS $OPTIONS -n $THREADS',
                   os.path.join(postfix.rendered, "default/saslauthd")], directory + ".log", os.path.join(directory, "mux"))


def log_in(postfix, name, password, method="PLAIN"):
    """The code that Postfix answers; 0: it hung up."""
    def encoded(text):
        return base64.b64encode(text.encode()).decode()
    with postfix.connect("submission") as session:
        session.ehlo()
        if method == "PLAIN":
            return session.docmd("AUTH PLAIN " + encoded(f"\0{name}\0{password}"))[0]
        code = session.docmd("AUTH LOGIN")[0]
        for word in (name, password):
            if code == 334:
                code = session.docmd(encoded(word))[0]
        return code


def mechanisms(postfix):
    with postfix.connect("submission") as session:
        session.ehlo()
        return set(session.esmtp_features["auth"].replace("=", " ").split())


def may_connect(path, groups):
    """Whether the account postfix may connect, with the groups it is in, or without."""
    script = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ntry: s.connect(sys.argv[1])\nexcept PermissionError: sys.exit(13)"
    done = stack.run(*namespace().enter, "setpriv", "--reuid=postfix", "--regid=postfix",
                     "--init-groups" if groups else "--clear-groups", sys.executable, "-c", script, path, check=False)
    if done.returncode not in (0, 13):
        raise AssertionError(done.stderr)
    return done.returncode == 0


class LogIns:
    """What holds for every daemon that is shown the password: tests of a class that has `postfix`. Those that are to fail are
    tried at the same time, since some daemons make who fails wait."""

    # Of log-ins and passwords: quotes, what the files' own languages would expand, and lines of the protocols in between.
    BREAK_OUTS = (
        ("taro@example.jp' OR '1'='1", stack.PASSWORD), ("' OR 1=1 -- @example.jp", "x"), ("taro\\@example.jp", stack.PASSWORD),
        ("$(local_part)@$(domain)", stack.PASSWORD), ("taro@example.jp\"", "x"), ("%u@example.jp", "x"),
        ("taro@example.jp", "' OR '1'='1"), ("taro@example.jp", f"x\r\nsaslauthd LOGIN hana@example.jp {stack.PASSWORD}"),
        ("taro@example.jp", f"x\"\r\nsaslauthd LOGIN hana@example.jp {stack.PASSWORD}\r\n"),
        ("taro@example.jp", f"x\n\n.\nAUTH 40\nsmtp\nlogin\nhana@example.jp\n{stack.PASSWORD}\n"),
        ("taro@example.jp", ""), ("", stack.PASSWORD), ("@example.jp", stack.PASSWORD))

    SCHEMES = ("md5crypt", "sha512crypt", "bcrypt", "yescrypt", "cleartext")

    def receives(self, name):
        """Courier lets nobody in whose Maildir is not there yet."""

    def assert_codes(self, expected):
        """Of (code, name, password, method)."""
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            codes = pool.map(lambda one: log_in(self.postfix, *one[1:]), expected)
        self.assertEqual([(code, *one[1:]) for code, one in zip(codes, expected)], expected)

    def assert_code(self, code, name, password, method="PLAIN"):
        self.assert_codes([(code, name, password, method)])

    def test_every_kind_of_hash(self):
        site, expected = stack.site(), []
        for scheme in self.SCHEMES:
            name = f"{scheme}-{self.kind}@example.jp"
            site.clear_mailbox(name, stack.PASSWORD, scheme)
            self.receives(name)
            stored = site.sql(f"SELECT password FROM mailbox WHERE username = '{name}'")
            expected += [(235, name, stack.PASSWORD, "PLAIN"), (235, name, stack.PASSWORD, "LOGIN"), (535, name, stored, "PLAIN")]
        self.assert_codes(expected + [(535, name, "wrong", "PLAIN"), (535, name, "wrong", "LOGIN")])

    def test_mechanisms_are_those_that_work(self):
        self.assertEqual(mechanisms(self.postfix), {"PLAIN", "LOGIN"})

    def test_who_may_not_log_in(self):
        site, home, expired = stack.site(), f"{self.kind}.jp", f"{self.kind}-expired.jp"
        for domain in (home, expired):
            site.api("POST", "/domains", domain=domain)
        names = [f"{name}@{home}" for name in ("frozen", "inactive", "reader", "second-factor")] + [f"late@{expired}"]
        for name in names:
            site.mailbox(name)
            self.receives(name)
        self.assert_codes([(235, name, stack.PASSWORD, "PLAIN") for name in names])
        site.api("POST", f"/mailboxes/frozen@{home}/freeze")
        site.api("PATCH", f"/mailboxes/inactive@{home}", active=False)
        site.api("PATCH", f"/mailboxes/reader@{home}", smtp_active=False)
        site.sql(f"UPDATE mailbox SET totp_secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' WHERE username = 'second-factor@{home}';"
                 f"UPDATE domain SET password_expiry = 30 WHERE domain = '{expired}';"
                 f"UPDATE mailbox SET password_expiry = NOW() - INTERVAL 1 DAY WHERE domain = '{expired}'")
        self.assert_codes([(535, name, stack.PASSWORD, "PLAIN") for name in names])
        site.api("POST", f"/mailboxes/frozen@{home}/thaw")
        self.assert_code(235, f"frozen@{home}", stack.PASSWORD)
        site.api("PATCH", f"/domains/{home}", active=False)
        self.assert_code(535, f"frozen@{home}", stack.PASSWORD)

    def test_another_password_holds_at_once(self):
        site, name = stack.site(), f"changes-{self.kind}@example.jp"
        site.mailbox(name)
        self.receives(name)
        self.assert_code(235, name, stack.PASSWORD)
        site.api("PATCH", f"/mailboxes/{name}", password="another-Pass3")
        self.assert_codes([(535, name, stack.PASSWORD, "PLAIN"), (235, name, "another-Pass3", "PLAIN")])

    def test_without_the_domain(self):
        """Who leaves the default domain out is who would have said it, and may send as himself."""
        self.receives("jiro@catch.jp")
        self.assert_codes([(535, "jiro", stack.PASSWORD, "PLAIN"), (235, "jiro@catch.jp", stack.PASSWORD, "PLAIN")])
        with self.postfix.connect("submission") as session:
            session.ehlo()
            self.assertEqual(session.login("taro", stack.PASSWORD)[0], 235)
            session.mail("hana@example.jp")
            self.assertEqual(session.rcpt("jiro@catch.jp")[0], 553)
            session.rset()
            session.mail("taro@example.jp")
            self.assertEqual(session.rcpt("jiro@catch.jp")[0], 250)

    def test_nothing_breaks_out(self):
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            codes = pool.map(lambda one: log_in(self.postfix, *one), self.BREAK_OUTS)
        for code, (name, password) in zip(codes, self.BREAK_OUTS):
            with self.subTest(name=name, password=password):
                self.assertIn(code, (454, 501, 535))
        self.assert_code(235, "taro@example.jp", stack.PASSWORD)

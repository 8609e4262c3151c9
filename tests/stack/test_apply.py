"""tests/stack/test_apply.py - render --apply into a Postfix that is configured, and what drift names

A directory of its own with Debian's master.cf and an operator's main.cf; nothing is started. Where a step has to fail, or a run
to be killed in the middle, a program of Postfix is asked by way of one that does that first.
"""
import glob
import json
import os
import re
import shutil
import stat
import unittest

import stack

OWN = "compatibility_level = 3.6\n# mine\nmessage_size_limit = 5\nsmtpd_milters = inet:127.0.0.1:1\nbiff = no\n"


class Apply(unittest.TestCase):
    def setUp(self):
        self.site = stack.site()
        self.base = os.path.join(stack.directory(), "apply-" + self._testMethodName)
        self.config = os.path.join(self.base, "etc")
        self.rendered = os.path.join(self.base, "rendered")
        for name in ("etc", "queue", "shim"):
            os.makedirs(os.path.join(self.base, name), 0o755)
        os.mkdir(os.path.join(self.base, "data"), 0o755)
        shutil.chown(os.path.join(self.base, "data"), "postfix", "postfix")
        stack.write(self.path("main.cf"), OWN + f"queue_directory = {self.base}/queue\ndata_directory = {self.base}/data\n")
        shutil.copy("/etc/postfix/master.cf.proto", self.path("master.cf"))
        self.quick = self.shim("postfix", "exit 0")  # what Postfix' own check takes long for is seen where it says no

    def path(self, name):
        return os.path.join(self.config, name)

    def edit(self, *words):
        stack.run("postconf", "-c", self.config, *words)

    def lookup(self, *words, **more):
        return self.site.program("postreeve-lookup", *words, "--out", self.rendered, "--postfix-config", self.config,
                                 check=False, **more)

    def apply(self, *words, code=0, env=None):
        done = self.lookup("render", "--apply", *words, env=env or self.quick)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def drift(self, code):
        """{(file, name): (live, rendered)}"""
        done = self.lookup("drift", "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return {(os.path.basename(d["file"]), d["name"]): (d["live"], d["rendered"])
                for d in json.loads(done.stdout)["differences"]}

    def value(self, *words):
        return stack.run("postconf", "-c", self.config, *words).stdout.strip()

    def files(self):
        """Of main.cf and master.cf: what cannot be told apart from before."""
        state = []
        for name in ("main.cf", "master.cf"):
            about = os.stat(self.path(name))
            with open(self.path(name), encoding="utf-8") as file:
                state.append((file.read(), stat.S_IMODE(about.st_mode), about.st_uid, about.st_gid))
        return state

    def saved(self):
        return sorted(os.path.basename(p) for p in glob.glob(self.path("*.postreeve-*")))

    def left_over(self):
        return [n for n in os.listdir(self.config) if n.startswith(".") or "journal" in n or "restore" in n]

    def shim(self, name, script):
        """A program before the real one on PATH; `real` runs that."""
        real = shutil.which(name)
        stack.write(os.path.join(self.base, "shim", name),
                    f"#!/bin/sh\nreal() {{ {real} \"$@\"; }}\n{script}\n", 0o755)
        return {**os.environ, "PATH": f"{self.base}/shim:{os.environ['PATH']}"}

    # -- what it does --

    def test_all_of_it_and_once(self):
        before = self.files()
        os.chmod(self.path("main.cf"), 0o640)
        self.assertIn(("master.cf", "submission/inet"), self.drift(1))
        self.apply(env=os.environ)
        self.assertEqual(self.drift(0), {})
        self.assertEqual(self.value("-h", "smtpd_relay_restrictions"), "permit_mynetworks, reject_unauth_destination")
        self.assertEqual(self.value("-h", "message_size_limit"), "10240000")
        self.assertEqual(self.value("-h", "smtpd_milters"), "inet:127.0.0.1:1")
        self.assertEqual(self.value("-P", "submission/inet/smtpd_tls_security_level").split(" = ")[1], "encrypt")
        self.assertEqual(self.value("-F", "smtp/inet/chroot"), "smtp/inet/chroot = n")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("main.cf")).st_mode), 0o640)
        with open(self.path("main.cf"), encoding="utf-8") as file:
            self.assertIn("# mine\n", file.read())
        saved = self.saved()
        self.assertEqual(len(saved), 2)
        self.assertRegex(saved[0], r"^main\.cf\.postreeve-\d{8}T\d{6}Z$")
        for name, (content, *_) in zip(saved, before):
            with open(self.path(name), encoding="utf-8") as file:
                self.assertEqual(file.read(), content)
        inodes = [os.stat(self.path(n)).st_ino for n in ("main.cf", "master.cf")]
        self.apply()
        self.assertEqual([os.stat(self.path(n)).st_ino for n in ("main.cf", "master.cf")], inodes)
        self.assertEqual((self.saved(), self.left_over()), (saved, []))

    def test_saved_files_are_never_written_over(self):
        self.apply()
        for size in (6, 7):  # most likely within one second
            self.edit("-e", f"message_size_limit = {size}")
            self.apply()
        self.assertEqual(len(self.saved()), 6)

    def test_what_the_operator_added_stays(self):
        self.apply()
        self.edit("-P", "submission/inet/content_filter=scan:")
        self.edit("-F", "submission/inet/process_limit=20")
        self.assertEqual(self.drift(0), {})
        self.edit("-F", "submission/inet/chroot=y")
        self.edit("-P", "submission/inet/smtpd_sasl_auth_enable=no")
        self.assertEqual(set(self.drift(1)), {("master.cf", "submission/inet"),
                                              ("master.cf", "submission/inet/smtpd_sasl_auth_enable")})
        self.apply()
        self.assertEqual(self.drift(0), {})
        for wanted in ("submission/inet/content_filter = scan:", "submission/inet/smtpd_sasl_auth_enable = yes"):
            self.assertIn(wanted, self.value("-P"))
        self.assertEqual(self.value("-F", "submission/inet/process_limit"), "submission/inet/process_limit = 20")

    def test_a_port_by_another_name_is_the_same_service(self):
        with open(self.path("master.cf"), "a", encoding="utf-8") as file:
            file.write("submissions inet n - y - - smtpd\n  -o syslog_name=mine\n")
        self.apply()
        self.assertIsNone(re.search("^smtps ", self.value("-M"), re.M))
        self.assertEqual(self.value("-P", "submissions/inet/smtpd_tls_wrappermode").split(" = ")[1], "yes")
        self.assertEqual(self.drift(0), {})

    def test_every_difference_has_a_name(self):
        self.apply()
        self.edit("-e", "smtpd_client_connection_rate_limit = 9", "disable_vrfy_command = no")
        self.edit("-P", "smtps/inet/smtpd_relay_restrictions=permit")
        self.edit("-MX", "cleanup/unix")
        os.remove(os.path.join(self.rendered, "postfix/mysql_relay_domains.cf"))
        with open(os.path.join(self.rendered, "dovecot/postreeve.conf.ext"), "a", encoding="utf-8") as file:
            file.write("# more\n")
        self.assertEqual(self.drift(1), {
            ("main.cf", "smtpd_client_connection_rate_limit"): ("9", "120"), ("main.cf", "disable_vrfy_command"): ("no", "yes"),
            ("master.cf", "smtps/inet/smtpd_relay_restrictions"): ("permit", "permit_sasl_authenticated,reject"),
            ("master.cf", "cleanup/unix"): (None, "n - n - 0 cleanup"),
            ("mysql_relay_domains.cf", None): (None, None), ("postreeve.conf.ext", None): (None, None)})
        words = self.lookup("drift")
        self.assertEqual(words.returncode, 1)
        self.assertIn("main.cf: disable_vrfy_command is different: no; rendered: yes\n", words.stdout)
        self.assertIn("/mysql_relay_domains.cf is missing\n", words.stdout)
        self.apply()
        self.assertEqual(self.drift(0), {})
        self.assertEqual(self.lookup("drift").stdout, "")

    def test_values_in_any_encoding_are_json(self):
        self.apply()
        with open(self.path("main.cf"), "ab") as file:
            file.write(b'smtpd_banner = "\xe3\x81\x8a\xff\\ \x01\n')
        self.assertEqual(self.drift(1)[("main.cf", "smtpd_banner")][0], '"お\ufffd\\ \x01')

    # -- what fails, and is killed --

    def test_a_step_that_fails_leaves_all_as_it_was(self):
        before = self.files()
        for name, script in (
                ("postconf", 'case "$*" in *" -e "*) exit 1;; esac; real "$@"'),
                ("postconf", 'case "$*" in *" -M "*) echo x >> "$2/master.cf"; exit 1;; esac; real "$@"'),
                ("postconf", 'case "$*" in *.postreeve-apply.*\\ -n) echo "postconf: warning: unused parameter: a=b" >&2;; esac;'
                             ' real "$@"'),
                ("postfix", 'exit 1'),
                ("postfix", 'case "$2" in *.postreeve-apply.*) exit 0;; *) exit 1;; esac')):
            with self.subTest(f"{name}: {script}"):
                env = self.shim(name, script)
                done = self.apply(code=73, env=env)
                self.assertTrue(done.stderr.strip())
                self.assertEqual((self.files(), self.left_over()), (before, []))
                self.shim(name, 'real "$@"')
        self.assertEqual(len(self.saved()), 2)  # of the one that had got so far as to replace them

    def test_what_postfix_refuses_is_not_replaced(self):
        self.edit("-e", f"daemon_directory = {self.base}/nowhere")
        before = self.files()
        done = self.apply(code=73, env=os.environ)
        self.assertIn("mail log", done.stderr)
        self.assertEqual((self.files(), self.left_over(), self.saved()), (before, [], []))

    def killed(self, when):
        self.apply(code=-9, env=self.shim("postfix", f'case "$2" in {when}) kill -9 $PPID;; esac'))
        self.quick = self.shim("postfix", "exit 0")

    def test_killed_before_anything_was_replaced(self):
        before = self.files()
        self.killed("*.postreeve-apply.*")
        self.assertEqual((self.files(), self.saved()), (before, []))
        self.apply()
        self.assertEqual((self.drift(0), self.left_over(), len(self.saved())), ({}, [], 2))

    def test_killed_after_both_were_replaced(self):
        before = self.files()
        self.killed("*/etc")
        self.assertIn(("etc", None), self.drift(1))
        self.assertNotEqual(self.files(), before)
        env = self.shim("postfix", "exit 1")  # puts them back, and then cannot go on
        done = self.apply(code=73, env=env)
        self.assertIn("put back", done.stderr)
        self.assertEqual((self.files(), self.left_over()), (before, []))

    def test_killed_between_the_two(self):
        self.killed("*/etc")
        first = [name for name in self.saved() if name.startswith("master")][0]
        shutil.copy2(self.path(first), self.path("master.cf"))
        done = self.apply()
        self.assertIn("put back", done.stderr)
        self.assertEqual((self.drift(0), self.left_over()), ({}, []))
        self.assertEqual(len(self.saved()), 4)

    def test_a_note_that_names_nothing_of_ours(self):
        for words in ("/../../etc/passwd\n", ".postreeve-../x\n", "\n", "x" * 5000):
            stack.write(self.path("postreeve-apply.journal"), words)
            self.apply(code=73)

    def test_reload_only_when_told(self):
        calls = os.path.join(self.base, "calls")
        env = self.shim("postfix", f'echo "$3" >> {calls}')
        self.apply(env=env)
        with open(calls, encoding="utf-8") as file:
            self.assertEqual(file.read().split(), ["check", "check"])
        self.apply("--reload", env=env)
        with open(calls, encoding="utf-8") as file:
            self.assertEqual(file.read().split(), ["check", "check", "reload"])

    def test_two_at_once_do_not_meet(self):
        import concurrent.futures  # pylint: disable=import-outside-toplevel
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda _: self.apply(), range(3)))
        self.assertEqual((self.drift(0), self.left_over(), len(self.saved())), ({}, [], 2))

    # -- how it is told what to do --

    def test_words_that_do_not_go_together(self):
        for words in (("render", "--reload"), ("render",), ("render", "--apply", "x"), ("drift", "x"), ("drift", "--sasl", "no")):
            done = self.lookup(*words)
            self.assertEqual(done.returncode, 64, words)
        done = self.site.program("postreeve-lookup", "drift", "--postfix-config", self.config, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("--out", done.stderr)

    def test_mail_config_says_where(self):
        env = {**os.environ, "MAIL_CONFIG": self.config}
        self.site.program("postreeve-lookup", "render", "--apply", "--out", self.rendered, env=env)
        self.assertEqual(self.drift(0), {})

    def test_no_postfix_there(self):
        os.remove(self.path("main.cf"))
        self.assertEqual(self.lookup("drift").returncode, 73)
        done = self.apply(code=73)
        self.assertTrue(re.search("main.cf", done.stderr), done.stderr)

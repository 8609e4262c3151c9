"""tests/stack/test_maps.py - Postfix's own look-up in each rendered map, beside `postreeve-lookup get`"""
import grp
import os
import subprocess
import unittest

import stack

DISABLED = "550 5.2.1 This address is disabled"

# map, key, answer; None: not found
CASES = [
    ("virtual_mailbox_domains", "example.jp", "example.jp"),
    ("virtual_mailbox_domains", "alias.jp", "alias.jp"),
    ("virtual_mailbox_domains", "closed.jp", None),
    ("virtual_mailbox_domains", "backup.jp", None),
    ("virtual_mailbox_domains", "elsewhere.test", None),
    ("virtual_mailbox_maps", "taro@example.jp", "example.jp/taro/"),
    ("virtual_mailbox_maps", "TARO@example.jp", "example.jp/taro/"),
    ("virtual_mailbox_maps", "taro@alias.jp", "example.jp/taro/"),
    ("virtual_mailbox_maps", "off@catch.jp", None),
    ("virtual_mailbox_maps", "info@example.jp", None),
    ("virtual_mailbox_maps", "shut@closed.jp", None),
    ("virtual_alias_maps", "taro@example.jp", "taro@example.jp"),
    ("virtual_alias_maps", "info@example.jp", "taro@example.jp,hana@example.jp"),
    ("virtual_alias_maps", "info@alias.jp", "taro@example.jp,hana@example.jp"),
    ("virtual_alias_maps", "postmaster@alias.jp", "hana@example.jp"),
    ("virtual_alias_maps", "mobile@example.jp", '"a..b"@docomo.ne.jp,mobile@example.jp'),
    ("virtual_alias_maps", "@catch.jp", "jiro@catch.jp"),
    ("virtual_alias_maps", "@catch-alias.jp", "jiro@catch.jp"),
    ("virtual_alias_maps", "@alias.jp", None),
    ("virtual_alias_maps", "kana+list@catch-alias.jp", None),
    ("virtual_alias_maps", "off@catch.jp", "off@catch.jp"),
    ("virtual_alias_maps", "quiet@catch.jp", "quiet@catch.jp"),
    ("virtual_alias_maps", "@closed.jp", None),
    ("virtual_alias_maps", "root", None),
    ("virtual_alias_maps", "o'hara@example.jp", None),
    ("virtual_alias_maps", "x' OR 'a'='a@example.jp", None),
    ("virtual_alias_maps", "おやじ@example.jp", None),
    ("virtual_alias_maps", "a\\@example.jp", None),
    ("relay_domains", "backup.jp", "backup.jp"),
    ("relay_domains", "example.jp", None),
    ("virtual_alias_domains", "example.jp", None),
    ("relay_recipient_maps", "@backup.jp", "@backup.jp"),
    ("relay_recipient_maps", "taro@example.jp", None),
    ("sender_dependent_relayhost_maps", "taro@example.jp", None),
    ("sender_dependent_default_transport_maps", "taro@example.jp", None),
    ("smtp_tls_policy_maps", "[smart.example.jp]:587", None),
    ("transport_maps", "example.jp", None),
    ("transport_maps", "closed.jp", None),
    ("transport_maps", "*", None),
    ("check_recipient_access", "off@catch.jp", DISABLED),
    ("check_recipient_access", "off@catch-alias.jp", DISABLED),
    ("check_recipient_access", "quiet@catch.jp", DISABLED),
    ("check_recipient_access", "kana@catch.jp", None),
    ("check_recipient_access", "nobody@catch.jp", None),
    ("check_sender_access", "stranger@elsewhere.test", None),
    ("smtpd_sender_login_maps", "taro@example.jp", "taro@example.jp"),
    ("smtpd_sender_login_maps", "taro@alias.jp", "taro@example.jp"),
    ("smtpd_sender_login_maps", "info@example.jp", None),
    ("smtpd_sender_login_maps", "off@catch.jp", None),
    ("virtual_mailbox_limit_maps", "taro@example.jp", "51200000"),
    ("virtual_mailbox_limit_maps", "@example.jp", "51200000"),
    ("virtual_mailbox_limit_maps", "nobody@example.jp", None),
]


class Maps(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def test_each_answer(self):
        for name, key, answer in CASES:
            with self.subTest(f"{name} {key}"):
                expected = (0, answer) if answer is not None else (1, "")
                self.assertEqual(self.postfix.query(name, key), (*expected, ""))
                self.assertEqual(self.site.get(name, key), expected)

    def test_files_give_the_same_answers(self):
        for kind in ("lmdb", "hash"):
            out = os.path.join(self.postfix.base, "rendered-" + kind)
            stack.render(out, "--maps", kind)
            for name, key, answer in CASES:
                done = stack.run("postmap", "-c", self.postfix.config, "-q", key, f"{kind}:{out}/postfix/table_{name}", check=False)
                with self.subTest(f"{kind} {name} {key}"):
                    self.assertEqual((done.returncode, done.stdout.rstrip("\n")), (1, "") if answer is None else (0, answer))

    def test_transport_of_a_domain(self):
        answer = f"smtp:[127.0.0.1]:{stack.sink().port}"
        self.assertEqual(self.postfix.query("transport_maps", "moved.jp"), (0, answer, ""))
        self.assertEqual(self.site.get("transport_maps", "moved.jp"), (0, answer))

    def test_every_map_was_asked(self):
        asked = {name for name, _, _ in CASES}
        rendered = {name[6:-3] for name in os.listdir(os.path.join(self.postfix.rendered, "postfix"))
                    if name.startswith("mysql_") and name.endswith(".cf")}
        self.assertEqual(rendered, asked)

    def test_many_keys_on_one_connection(self):
        """Keys that are no text, or not of this world, and then one that is: the server must still answer."""
        keys = [b"\xff\xfe@example.jp", "おやじ@example.jp".encode(), b"\xe3\x81@example.jp", b"%s%u@example.jp", b"''@example.jp",
                b"taro@example.jp"]
        done = subprocess.run(
            ["postmap", "-c", self.postfix.config, "-q", "-",
             f"mysql:{self.postfix.rendered}/postfix/mysql_virtual_alias_maps.cf"],
            input=b"\n".join(keys) + b"\n", capture_output=True, check=False)
        self.assertEqual(done.stdout, b"taro@example.jp\ttaro@example.jp\n", done.stderr)
        self.assertNotIn(b"query failed", done.stderr)

    def test_unknown_map(self):
        self.assertEqual(self.site.get("no_such_map", "x")[0], 64)


class Configuration(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def test_postfix_finds_nothing_to_say(self):
        self.assertEqual(self.postfix.postconf("-n").stderr, "")
        self.assertEqual(self.postfix.postconf("-M").stderr, "")
        self.assertEqual(stack.run("postfix", "-c", self.postfix.config, "check").stderr, "")

    def test_rendering_again_changes_nothing(self):
        def state(below):
            return {(path, os.stat(os.path.join(path, name)).st_ino, name)
                    for path, _, names in os.walk(below) for name in names}
        before = state(self.postfix.rendered)
        stack.render(self.postfix.rendered, "--queue-directory", self.postfix.queue)
        self.assertEqual(state(self.postfix.rendered), before)
        out = os.path.join(self.postfix.base, "rendered-twice")
        stack.render(out, "--maps", "lmdb")
        before = state(out)
        self.site.program("postreeve-lookup", "tables", "--out", out, "--maps", "lmdb")
        self.assertEqual(state(out), before)

    def test_secrets_are_for_the_group_postfix(self):
        group = grp.getgrnam("postfix").gr_gid
        for path in ("postfix/mysql_virtual_alias_maps.cf", "dovecot/dovecot-sql.conf.ext"):
            about = os.stat(os.path.join(self.postfix.rendered, path))
            self.assertEqual((about.st_mode & 0o7777, about.st_uid, about.st_gid), (0o640, 0, group), path)
        for ending in ("", ".db"):
            about = os.stat(os.path.join(self.postfix.rendered, "postfix/table_smtp_sasl_password_maps" + ending))
            self.assertEqual((about.st_mode & 0o7777, about.st_uid, about.st_gid), (0o640, 0, group), ending)

    def test_unknown_choices(self):
        for words in (["--sasl", "saslauth"], ["--delivery", "procmail"], ["--maps", "ldap"], ["--nonsense", "x"], ["more"], []):
            out = ["--out", os.path.join(self.postfix.base, "never")] if words else []
            done = self.site.program("postreeve-lookup", "render", *out, *words, check=False)
            self.assertEqual(done.returncode, 64, words)
            self.assertTrue(done.stderr.strip(), words)
        self.assertFalse(os.path.exists(os.path.join(self.postfix.base, "never")))


class Vquota(unittest.TestCase):
    """The guide's file, through Postfix's own postmap."""

    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def vquota(self, path, *words):
        return self.site.program("postreeve-lookup", "vquota", "--out", path, *words,
                                 env={**os.environ, "MAIL_CONFIG": self.postfix.config})

    def test_table_and_text(self):
        self.site.mailbox("small@example.jp", quota_bytes=1048576)
        for kind in ("hash", "lmdb"):
            path = os.path.join(self.postfix.base, "vquota-" + kind)
            done = self.vquota(path, "--postmap", kind)
            self.assertEqual(done.stderr, "")
            for key, octets in (("small@example.jp", "1048576"), ("taro@example.jp", "51200000"), ("@example.jp", "51200000")):
                found = stack.run("postmap", "-c", self.postfix.config, "-q", key, f"{kind}:{path}").stdout.strip()
                self.assertEqual(found, octets, key)
                self.assertEqual(self.site.get("virtual_mailbox_limit_maps", key), (0, octets))
            with open(path, encoding="utf-8") as file:
                self.assertNotIn("off@catch.jp", file.read())

    def test_nothing_changed_nothing_touched(self):
        path = os.path.join(self.postfix.base, "vquota-same")
        self.vquota(path)
        before = [os.stat(path + end) for end in ("", ".db")]
        self.vquota(path)
        after = [os.stat(path + end) for end in ("", ".db")]
        self.assertEqual([(s.st_ino, s.st_mtime_ns) for s in before], [(s.st_ino, s.st_mtime_ns) for s in after])

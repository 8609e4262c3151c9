"""tests/stack/test_dkim.py - letters that a real OpenDKIM signs with our keys, checked by the records that we say are to be published"""
import json
import os
import pwd
import re
import signal
import stat
import subprocess
import unittest

import dkim
import stack

DOMAIN, OTHER = "signed.test", "unsigned.test"


class Signer:
    """Postfix, and OpenDKIM with the rendered file included as an operator may. That a directory above is everybody's (/tmp) is
    the tests' own doing, and OpenDKIM is told to bear it."""

    def __init__(self):
        site = stack.site()
        self.port = stack.free_port()
        self.settings = f"[dkim]\nmilter = inet:127.0.0.1:{self.port}\n\n[dns]\nmx = mail.stack.test\nweb_host = mail.stack.test\n"
        for domain in (DOMAIN, OTHER):
            site.api("POST", "/domains", domain=domain)
        site.mailbox(f"taro@{DOMAIN}")
        self.keys = {s: site.api("POST", "/dkim-keys", domain=DOMAIN, selector=s) for s in ("old", "new")}
        self.sign_with("old")
        self.postfix = stack.Postfix("signing", "--dkim", "opendkim", settings=self.settings)
        self.start()
        self.postfix.start()

    def start(self):
        base = os.path.join(self.postfix.base, "opendkim")
        os.mkdir(base)
        config = stack.write(os.path.join(base, "opendkim.conf"), f"""
Syslog no
UserID opendkim
PidFile {base}/pid
Canonicalization relaxed/simple
OversignHeaders From
InternalHosts 127.0.0.0/8
RequireSafeKeys no
Include {self.rendered('postreeve.conf')}
""")
        self.process = subprocess.Popen(["opendkim", "-f", "-x", config], stdin=subprocess.DEVNULL,
                                        stdout=open(os.path.join(base, "log"), "wb"), stderr=subprocess.STDOUT)
        stack._closing.callback(self.stop)
        stack.wait_until(lambda: stack.answers(self.port), "OpenDKIM")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def rendered(self, name):
        return os.path.join(self.postfix.rendered, "opendkim", name)

    def sign_with(self, selector):
        stack.site().api("POST", f"/dkim-keys/{self.keys[selector]['id']}/activate")

    def renew(self):
        stack.site().program("postreeve-lookup", "tables", "--out", self.postfix.rendered, "--dkim", "opendkim",
                             settings=self.settings)
        self.process.send_signal(signal.SIGUSR1)

    def arrived(self, sender):
        """As octets, since a signature is of octets."""
        token = self.postfix.send(f"taro@{DOMAIN}", sender=sender)
        return stack.site().wait_for(f"taro@{DOMAIN}", token).encode()


def signer():
    return stack.shared("signer", Signer)


def published(name, timeout=5):
    """What a resolver would find, if the domain published what we say."""
    sheet = json.loads(stack.site().program("postreeve", "dns", DOMAIN, "--json", settings=signer().settings).stdout)
    found = [r["value"] for r in sheet["records"] if r["type"] == "TXT" and r["name"] == name.decode().rstrip(".")]
    return found[0].encode() if found else None


def selector_of(letter):
    found = re.search(rb"(?s)DKIM-Signature:.*?\bs=([^;\s]+)", letter)
    return found and found[1].decode()


class Signatures(unittest.TestCase):
    def setUp(self):
        self.signer = signer()

    def test_a_letter_is_signed_and_the_record_verifies_it(self):
        letter = self.signer.arrived(f"info@{DOMAIN}")
        self.assertEqual(selector_of(letter), "old")
        self.assertTrue(dkim.verify(letter, dnsfunc=published))
        self.assertFalse(dkim.verify(letter.replace(b"Hello", b"Hullo"), dnsfunc=published))

    def test_a_domain_without_a_key_is_not_signed(self):
        self.assertIsNone(selector_of(self.signer.arrived(f"info@{OTHER}")))

    def test_keys_are_changed_and_letters_under_way_stay_good(self):
        """The last of these tests by its name: it takes the first key away."""
        before = self.signer.arrived(f"info@{DOMAIN}")
        self.signer.sign_with("new")
        self.signer.renew()
        after = stack.wait_until(lambda: [x for x in [self.signer.arrived(f"info@{DOMAIN}")] if selector_of(x) == "new"],
                                 "a letter signed with the new key", every=0.3)[0]
        self.assertTrue(dkim.verify(after, dnsfunc=published))
        self.assertTrue(dkim.verify(before, dnsfunc=published))
        self.assertFalse(os.path.exists(self.signer.rendered(f"keys/{DOMAIN}/old.private")))
        self.signer.sign_with("old")
        self.signer.renew()


class Files(unittest.TestCase):
    def setUp(self):
        self.signer = signer()
        self.site = stack.site()
        self.out = os.path.join(stack.directory(), "dkim-files")

    def render(self, program="opendkim", check=True, config=None):
        words = ("-c", config or self.site.config, "tables", "--out", self.out, "--dkim", program)
        return stack.run(os.path.join(self.site.bin, "postreeve-lookup"), *words, check=check,
                         env={**os.environ, "MAIL_CONFIG": stack.any_mail_config()})

    def read(self, name):
        with open(os.path.join(self.out, name), encoding="utf-8") as file:
            return file.read()

    def test_key_files_are_the_signers_own_and_only_written_when_changed(self):
        self.render()
        about = os.stat(os.path.join(self.out, f"opendkim/keys/{DOMAIN}/old.private"))
        self.assertEqual((stat.S_IMODE(about.st_mode), about.st_uid), (0o600, pwd.getpwnam("opendkim").pw_uid))
        self.assertIn("BEGIN PRIVATE KEY", self.read(f"opendkim/keys/{DOMAIN}/old.private"))
        number = self.signer.keys["old"]["id"]
        self.assertIn(f"\n{DOMAIN} k{number}\n", self.read("opendkim/SigningTable"))
        self.render()
        self.assertEqual(os.stat(os.path.join(self.out, f"opendkim/keys/{DOMAIN}/old.private")).st_ino, about.st_ino)

    def test_rspamd_reads_the_same_keys(self):
        self.render("rspamd")
        key = f"{self.out}/rspamd/postreeve/keys/{DOMAIN}/old.private"
        self.assertIn(f"\n{DOMAIN} {key}\n", self.read("rspamd/postreeve/dkim_paths.map"))
        self.assertIn(f"\n{DOMAIN} old\n", self.read("rspamd/postreeve/dkim_selectors.map"))
        self.assertIn(f'selector_map = "{self.out}/rspamd/postreeve/dkim_selectors.map";',
                      self.read("rspamd/local.d/dkim_signing.conf"))
        self.assertIn("BEGIN PRIVATE KEY", self.read(key))

    def test_a_row_that_would_be_more_than_a_row_stops_all(self):
        self.render()
        before = self.read("opendkim/KeyTable")
        good = self.site.sql("SELECT private_key FROM dkim WHERE selector = 'old' LIMIT 1")
        bad = {"selector": ["../../x", "a b", "a:b", "a\nb", "a/b", "", ".", "a%b", "a#b", 'a"b', "a{b", "a$b"],
               "author": ["*", ".test", "a b@x.test", "x.test\ny.test", "#x.test", "", "@x.test", "x@", "x@a/b", "a,b@x.test"],
               "private_key": ["", "x", "{SODIUM}x", good]}
        number = 990000
        for column, values in bad.items():
            for value in values:
                number += 1
                row = {"selector": f"s{number}", "author": OTHER, "private_key": good, column: value}
                quoted = {k: "'" + v.replace("'", "''").replace("\n", "\\n") + "'" for k, v in row.items()}
                self.site.sql(f"INSERT INTO dkim (id, domain_name, selector, private_key) VALUES ({number}, '{OTHER}',"
                              f" {quoted['selector']}, {quoted['private_key']}); INSERT INTO dkim_signing (author, dkim_id)"
                              f" VALUES ({quoted['author']}, {number})")
                try:
                    done = self.render(check=False)
                    self.assertEqual(done.returncode, 78, (column, value, done.stderr))
                    self.assertIn(f"DKIM key {number}: ", done.stderr)
                finally:
                    self.site.sql(f"DELETE FROM dkim WHERE id = {number}")
                self.assertEqual(self.read("opendkim/KeyTable"), before)

    def test_a_clear_key_of_postfix_admin_signs_too_and_goes_when_its_domain_does(self):
        pem = stack.run("openssl", "genrsa", "2048").stdout
        self.site.api("POST", "/domains", domain="adopted.test")
        self.site.sql("INSERT INTO dkim (id, domain_name, selector, private_key) VALUES (980001, 'adopted.test', 'pa', '" + pem + "');"
                      "INSERT INTO dkim_signing (author, dkim_id) VALUES ('adopted.test', 980001), ('boss@adopted.test', 980001)")
        self.render()
        self.assertIn("\nadopted.test k980001\nboss@adopted.test k980001\n", self.read("opendkim/SigningTable"))
        self.assertEqual(self.read("opendkim/KeyTable").count("k980001"), 1)
        self.assertTrue(self.read("opendkim/keys/adopted.test/pa.private"))
        self.site.api("PATCH", "/domains/adopted.test", active=False)
        self.render()
        self.assertFalse(os.path.exists(os.path.join(self.out, "opendkim/keys/adopted.test/pa.private")))
        self.assertNotIn("adopted", self.read("opendkim/SigningTable"))

    def test_files_of_somebody_else_stay(self):
        table = os.path.join(self.out, "opendkim/KeyTable")
        os.makedirs(os.path.dirname(table), exist_ok=True)
        ours = self.read("opendkim/KeyTable") if os.path.exists(table) else None
        stack.write(table, "mine x:y:/z\n")
        self.assertEqual(self.render(check=False).returncode, 73)
        self.assertEqual(self.read("opendkim/KeyTable"), "mine x:y:/z\n")
        if ours:
            stack.write(table, ours)
        else:
            os.unlink(table)

    def test_a_milter_that_would_be_more_than_a_setting_is_refused(self):
        for value in ("inet:127.0.0.1:1 x", "inet:$x", "unix:/a#b", "unix:/a{b", 'inet:"x"', "local:/x", "x"):
            config = self.site.config_with(f"[dkim]\nmilter = {value}\n")
            self.assertEqual(self.render(check=False, config=config).returncode, 78, value)

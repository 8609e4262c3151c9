"""tests/stack/test_negative.py - values that mean more than themselves somewhere, in front of the programs that read our files

Which of them render lets into which file is tests/lookup/test_negative.c's; here is what the readers make of those. Rows are
written past all checks, as an adopted database may hold them: what stands in a table of Postfix is what the same Postfix
gets by asking the database, or is left out with a line that says so.
"""
import os
import re
import shutil
import subprocess
import unittest

import stack

DOMAIN = "odd.test"
ODD = ["a\nb", "a\rb", "a\tb", "a b", " a", "a ", "#a", "a#b", '"a', 'a"b', '"a b"', '"a"', "a\\b", "a\\", "\\", "'a'", "$a",
       "${a}", "{a}", "%s", "a%ub", "a,b", ",", "a;b", "a:b", ":a", "a=b", "<a>", "a@b", "A", "a\x7fb", "a\x0bb", "\x1b[1m", "é", "É",
       "Ä", "ё" * 100, "(a)", "-a", "|a", "/etc/x", ":include:/etc/x", "..", "a/../../b", "*", "!a", "a\u0085b", "a\u2028b", "\ufeffa"]


def quoted(value):
    return "CONVERT(X'" + value.encode().hex() + "' USING utf8mb4) COLLATE utf8mb4_bin"


def bare(key):
    """A local part that needed quotes, without them: so the database is asked."""
    local_part, at, domain = key.rpartition("@")
    return re.sub(r"\\(.)", r"\1", local_part[1:-1]) + at + domain if local_part.startswith('"') else key


def blank(text):
    """Control characters as a line of a table has them."""
    return re.sub(r"[\x01-\x1f\x7f]", " ", text)


def shown(text):
    """The same in a line of the log."""
    return re.sub(r"[\x01-\x1f\x7f]", "?", text)


def meaning(name, value):
    """Of an answer to Postfix: a path is one, as it is; of all others it takes blanks for blanks."""
    if name == "virtual_mailbox_maps" or value is None:
        return value
    if name == "smtpd_sender_login_maps":
        return sorted({word.strip() for word in blank(value).split(",")} - {""})
    return blank(value).strip()


class Settings(unittest.TestCase):
    """Those that pass, as their readers read them."""

    def test_banner_and_queue_directory(self):
        out = os.path.join(stack.directory(), "odd-settings")
        stack.render(out, settings="[postfix]\nbanner_words = ESMTP Postfix -- x = y\n")
        os.makedirs(os.path.join(out, "etc"))
        shutil.copy(os.path.join(out, "postfix/main.cf.postreeve"), os.path.join(out, "etc/main.cf"))
        self.assertEqual(stack.run("postconf", "-c", os.path.join(out, "etc"), "-h", "smtpd_banner").stdout,
                         "$myhostname ESMTP Postfix -- x = y\n")
        done = self.render(out + "-not", "[postfix]\nqueue_directory = /var/spool/post fix\n")
        self.assertEqual(done.returncode, 78)
        self.assertIn("[postfix] queue_directory", done.stderr)
        self.assertFalse(os.path.exists(out + "-not"))

    @staticmethod
    def render(out, settings):
        return stack.site().program("postreeve-lookup", "render", "--out", out, settings=settings, check=False)

    def test_who_warns_of_a_full_mailbox(self):
        """By the rendered program, with a dovecot-lda of ours in its PATH."""
        out = os.path.join(stack.directory(), "odd-letters")
        sender = "a$b`id`|%s'#}/&c@far.test"
        self.assertEqual(self.render(out, f"[letters]\nfrom = {sender}\n").returncode, 0)
        stack.write(os.path.join(out, "dovecot-lda"), "#!/bin/sh\ncat\n", 0o755)
        with open(os.path.join(out, "dovecot/quota-warning"), encoding="utf-8") as file:
            program = stack.write(os.path.join(out, "warn"), file.read().replace("PATH=", f"PATH={out}:"), 0o755)
        for address in ("taro@example.jp", "a&b|c\\d@example.jp", "$(id)`id`@example.jp", "{domain}@example.jp"):
            letter = stack.run(program, "quota_enforce=no", "95", address).stdout
            self.assertIn(f"\nFrom: <{sender}>\nTo: <{address}>\nAuto-Submitted: ", letter)
        done = self.render(out + "-not", "[letters]\nfrom = {address}@far.test\n")
        self.assertEqual(done.returncode, 78)
        self.assertIn("[letters] from holds the character {", done.stderr)
        self.assertFalse(os.path.exists(out + "-not"))


class Rows(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()
        self.out = os.path.join(stack.directory(), "odd-rows")
        self.addCleanup(self.site.sql, self.removal())
        self.site.sql(self.removal() + f"INSERT INTO domain (domain) VALUES ('{DOMAIN}');")
        rows = list(self.rows())
        self.keys = [key for odd in ODD for key in (odd, "d" + odd, f"@d{odd}", f"{odd}@{DOMAIN}", f"{odd}l@{DOMAIN}")]
        for at in range(0, len(rows), 100):
            self.site.sql("".join(rows[at:at + 100]))
        stack.render(os.path.join(self.out, "mysql"))

    @staticmethod
    def removal():
        return (f"DELETE FROM alias WHERE domain = '{DOMAIN}'; DELETE FROM mailbox WHERE domain = '{DOMAIN}';"
                "DELETE FROM domain WHERE description = 'odd' OR domain = 'odd.test';"
                "DELETE FROM postreeve_transport WHERE description = 'odd';"
                "DELETE FROM postreeve_sender_access WHERE description = 'odd';"
                "DELETE FROM postreeve_sender_login WHERE description = 'odd';"
                "DELETE FROM postreeve_relay WHERE description = 'odd';")

    def rows(self):
        for number, odd in enumerate(ODD):
            value, address, plain = quoted(odd), quoted(f"{odd}@{DOMAIN}"), f"'p{number}@{DOMAIN}'"
            yield f"INSERT INTO alias (address, goto, domain) VALUES ({address}, {plain}, '{DOMAIN}');"
            yield f"INSERT INTO alias (address, goto, domain) VALUES ({plain}, {quoted(f'{odd},x@{DOMAIN}')}, '{DOMAIN}');"
            yield f"INSERT INTO alias (address, goto, domain) VALUES ('v{number}@{DOMAIN}', {value}, '{DOMAIN}');"
            for user, maildir in ((address, "'m/'"), (plain, value)):
                yield (f"INSERT INTO mailbox (username, password, maildir, local_part, domain) VALUES ({user}, '',"
                       f" {maildir}, '', '{DOMAIN}');")
            yield f"INSERT INTO domain (domain, description, transport) VALUES ({quoted('d' + odd)}, 'odd', 'smtp:[x]');"
            yield f"INSERT INTO domain (domain, description, transport) VALUES ('t{number}.test', 'odd', {value});"
            yield ("INSERT INTO postreeve_transport (destination, transport, description, created, modified) VALUES"
                   f" ({value}, 'relay:', 'odd', NOW(), NOW()), ('r{number}.test', {value}, 'odd', NOW(), NOW());")
            yield ("INSERT INTO postreeve_sender_access (sender, action, reply, description, created, modified) VALUES"
                   f" ({value}, 'REJECT', '', 'odd', NOW(), NOW()), ('s{number}.test', 'REJECT', {value}, 'odd', NOW(), NOW()),"
                   f" ('a{number}.test', {quoted(odd[:32])}, '', 'odd', NOW(), NOW());")
            yield ("INSERT INTO postreeve_sender_login (sender, login, domain, login_domain, description, created, modified)"
                   f" VALUES ({plain}, {value}, '{DOMAIN}', '', 'odd', NOW(), NOW()),"
                   f" ({quoted(odd + 'l@' + DOMAIN)}, 'x', '{DOMAIN}', '', 'odd', NOW(), NOW());")
            for kind, scope, host in (("s", odd, "x.test"), ("h", f"h{number}.test", odd)):
                yield ("INSERT INTO postreeve_relay (name, scope, host, port, tls, description, created, modified) VALUES"
                       f" ('{kind}{number}', {quoted(scope)}, {quoted(host)}, 25, 'none', 'odd', NOW(), NOW());")

    def tables(self, kind):
        out = os.path.join(self.out, kind)
        done = self.site.program("postreeve-lookup", "tables", "--out", out, "--maps", kind)
        return os.path.join(out, "postfix"), done.stderr

    def postmap(self, *words, keys=None):
        done = subprocess.run(["postmap", "-c", self.postfix.config, *words], input=keys, capture_output=True, check=False)
        return done.stdout.decode()

    def test_tables_of_any_rows_answer_as_the_database_does(self):
        for kind in ("lmdb", "hash"):
            directory, said = self.tables(kind)
            with self.subTest(kind + " postmap"):
                self.assertEqual([line for line in said.splitlines() if "postmap" in line], [])
            for name in sorted(os.listdir(directory)):
                if "." in name or "password" in name:
                    continue
                with self.subTest(f"{kind} {name}"):
                    self.same_answers(kind, os.path.join(directory, name), name.removeprefix("table_"), said)

    def same_answers(self, kind, path, name, said):
        listed = self.postmap("-s", f"{kind}:{path}")
        keys = [line.partition("\t")[0] for line in listed.split("\n")[:-1]]
        table = {bare(key): value for key, value in self.answers(f"{kind}:{path}", keys).items()}
        mysql = f"mysql:{self.out}/mysql/postfix/mysql_{name}.cf"
        database = self.answers(mysql, [*table, *self.keys])
        for key, value in table.items():
            self.assertEqual(meaning(name, value), meaning(name, database.get(key)), key)
        for key in database.keys() - table.keys():
            if key == key.lower():  # as Postfix asks
                self.assertIn(f"\n{name} leaves out {shown(key)}: ", "\n" + said)

    def test_a_list_of_quotas_has_a_line_for_each_row_or_leaves_it_out(self):
        long = "あ" * 200 + "@" + DOMAIN
        self.site.sql("INSERT INTO mailbox (username, password, maildir, local_part, domain) VALUES"
                      f" ({quoted(long)}, '', 'x/', '', '{DOMAIN}')")
        names = {f"{odd}@{DOMAIN}" for odd in ODD} | {f"@d{odd}" for odd in ODD} | {f"p{n}@{DOMAIN}" for n in range(len(ODD))}
        for kind in ("lmdb", "hash"):
            path = os.path.join(self.out, "vquota-" + kind)
            done = self.site.program("postreeve-lookup", "vquota", "--out", path, "--postmap", kind)
            self.assertIn(f"vquota leaves out {long}: ", done.stderr)
            self.assertEqual([line for line in done.stderr.split("\n") if "postmap" in line], [])
            listed = [line.partition("\t")[::2] for line in self.postmap("-s", f"{kind}:{path}").split("\n")[:-1]]
            known = set(self.site.sql("SELECT username FROM mailbox UNION SELECT CONCAT('@', domain) FROM domain").split("\n"))
            self.assertEqual([key for key, _ in listed if key not in names | known], [])
            self.assertEqual({octets for key, octets in listed if key in names}, {"51200000"})
            for name in names - {key for key, _ in listed}:
                self.assertIn(f"\nvquota leaves out {shown(name)}: ", "\n" + done.stderr)

    def answers(self, table, keys):
        """A value may hold the end of a line: what does not begin with a key goes on with the one before."""
        found, begun = {}, None
        asked = [key for key in dict.fromkeys(keys) if key and "\n" not in key]
        for line in self.postmap("-q", "-", table, keys="".join(key + "\n" for key in asked).encode()).split("\n")[:-1]:
            key = next((key for key in asked if line.startswith(key + "\t")), None)
            if key is None:
                found[begun] += "\n" + line
            else:
                begun, found[key] = key, line[len(key) + 1:]
        return found


if __name__ == "__main__":
    unittest.main()

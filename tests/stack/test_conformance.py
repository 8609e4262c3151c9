"""tests/stack/test_conformance.py - one question, one answer, in whatever form a map is asked

Thousands of keys, made from rows of every kind, are asked of every map as mysql:, through a real proxymap(8), as lmdb:, as hash: and
by `postreeve-lookup get`. All give the same answers, and the same as Postfix Admin's documented queries on the same rows. What differs
on purpose has a name; it differs in no other way, each name is met, and docs/maps.md gives its reason.
"""
import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import unittest

import stack

U_LABEL, A_LABEL = "例え.jp", "xn--r8jz45g.jp"

LOCAL_PARTS = [
    "taro", "hana", "info", "x.y", "a-b", "0", "postmaster", "x+y", "l" * 64,
    "a..b", "a.", ".a", "a...b", "-a",                             # Japanese carriers gave these out
    "a b", 'a"b', "a\\b", "a,b", "a;b", "a(b", "a<b", "a@b",       # only quotes make them a local part
    "o'hara", "x' or 'a'='a", "a%b", "%s", "%u", "a_b", "a*b", "$y", "{x}", "a#b", "!a", "a/b", "a|b", "a`b",
    "おやじ", "jörg", "ﾃｽﾄ",
]

FORMS = ("mysql", "proxy", "lmdb", "hash", "get")

# Postfix Admin's DOCUMENTS/POSTFIX_CONF.txt
THROUGH = "alias_domain.alias_domain = '%d' AND alias_domain.active = '1'"
THEIRS = {
    "virtual_mailbox_domains": ["SELECT domain FROM domain WHERE domain='%s' AND active = '1' AND backupmx = '0'"],
    "relay_domains": ["SELECT domain FROM domain WHERE domain='%s' AND backupmx = '1'"],
    "transport_maps": ["SELECT REPLACE(transport, 'virtual', ':') AS transport FROM domain WHERE domain='%s' AND active = '1'"],
    "virtual_alias_maps": [
        "SELECT goto FROM alias WHERE address='%s' AND active = '1'",
        "SELECT goto FROM alias,alias_domain WHERE alias.address = CONCAT('%u', '@', alias_domain.target_domain)"
        f" AND alias.active = '1' AND {THROUGH}",
        "SELECT goto FROM alias,alias_domain WHERE alias.address = CONCAT('@', alias_domain.target_domain)"
        f" AND alias.active = '1' AND {THROUGH}"],
    "virtual_mailbox_maps": [
        "SELECT maildir FROM mailbox WHERE username='%s' AND active = '1'",
        "SELECT maildir FROM mailbox,alias_domain WHERE mailbox.username = CONCAT('%u', '@', alias_domain.target_domain)"
        f" AND mailbox.active = '1' AND {THROUGH}"],
    "virtual_mailbox_limit_maps": ["SELECT quota FROM mailbox WHERE username='%s' AND active = '1'"],
    "smtpd_sender_login_maps": ["SELECT username FROM mailbox WHERE username='%s' AND active = '1'"],
}

Domain = collections.namedtuple("Domain", "active backup mailboxes transport maxquota", defaults=(1, 0, 0, "virtual", 0))
DOMAINS = {
    "example.jp": Domain(maxquota=10), "closed.jp": Domain(active=0), "backup.jp": Domain(backup=1, transport="smtp:[192.0.2.1]"),
    "list.jp": Domain(backup=1), "alias.jp": Domain(), "quiet.jp": Domain(), "toclosed.jp": Domain(), "catch.jp": Domain(),
    "catchalias.jp": Domain(), "only.jp": Domain(mailboxes=-1), "moved.jp": Domain(transport="lmtp:unix:private/x"),
    A_LABEL: Domain(), "offbackup.jp": Domain(active=0, backup=1),
}
ALIAS_DOMAINS = {"alias.jp": ("example.jp", 1), "quiet.jp": ("example.jp", 0), "toclosed.jp": ("closed.jp", 1),
                 "catchalias.jp": ("catch.jp", 1)}
STRANGERS = ["nobody.jp"]
FUTURE, PAST = 9999999999, 1000

Alias = collections.namedtuple("Alias", "goto active until")
Mailbox = collections.namedtuple("Mailbox", "active quota")


def quoted(local_part):
    """As Postfix writes it in mail (quote_822_local)."""
    atoms = local_part.split(".")
    if all(atoms) and not re.search(r'[\x00-\x20\x7f()<>\[\]:;@\\,"]', local_part):
        return local_part
    return '"' + re.sub(r'(["\\])', r"\\\1", local_part) + '"'


class Rows:
    """What stands in the database, the same in every run."""

    def __init__(self):
        dice = random.Random(20261122)
        self.mailboxes, self.aliases = {}, {}
        for domain in DOMAINS:
            for local in LOCAL_PARTS:
                self.one(dice, f"{local}@{domain}", domain)
        self.aliases["@catch.jp"] = Alias("taro@example.jp", 1, None)
        self.aliases["@closed.jp"] = Alias("taro@example.jp", 1, None)
        self.aliases["@moved.jp"] = Alias("taro@example.jp", 1, PAST)

    def one(self, dice, address, domain):
        kinds = ["none", "none", "mailbox", "mailbox", "off", "half", "alias", "list", "alias off", "over", "fair", "no alias row"]
        if domain in ("only.jp", "backup.jp"):
            kinds = ["none", "alias off", "over"] + (["alias", "fair"] if domain == "only.jp" else [])
        kind = dice.choice(kinds)
        quota = dice.choice([0, -1, 1000, 51200000, 99999999999])
        if kind in ("mailbox", "off", "half", "no alias row"):
            self.mailboxes[address] = Mailbox(int(kind in ("mailbox", "no alias row")), quota)
        if kind in ("mailbox", "off", "half"):
            self.aliases[address] = Alias(address, int(kind != "off"), None)
        if kind in ("alias", "list", "alias off", "over", "fair"):
            goto = 'hana@example.jp,"a..b"@docomo.ne.jp' if kind == "list" else "hana@example.jp"
            self.aliases[address] = Alias(goto, int(kind != "alias off"), {"over": PAST, "fair": FUTURE}.get(kind))

    def sql(self):
        def text(value):
            return "CONVERT(X'" + value.encode().hex() + "' USING utf8mb4) COLLATE utf8mb4_bin"

        def insert(table, columns, rows):
            values = ",\n".join("(" + ", ".join(text(v) if isinstance(v, str) else "NULL" if v is None else str(v) for v in row) + ")"
                                for row in rows)
            return f"INSERT INTO {table} ({columns}) VALUES\n{values};\n"

        now = "2026-01-01 00:00:00"
        whole = insert("domain", "domain, active, backupmx, mailboxes, transport, maxquota",
                       [(name, *d) for name, d in DOMAINS.items()])
        whole += insert("alias_domain", "alias_domain, target_domain, active", [(a, *t) for a, t in ALIAS_DOMAINS.items()])
        whole += insert("mailbox", "username, password, maildir, local_part, domain, active, quota",
                        [(a, "x", self.maildir(a), a.rpartition("@")[0], a.rpartition("@")[2], m.active, m.quota)
                         for a, m in self.mailboxes.items()])
        whole += insert("alias", "address, goto, domain, active, answers_until",
                        [(a, r.goto, a.rpartition("@")[2], r.active, r.until) for a, r in self.aliases.items()])
        whole += insert("postreeve_transport", "destination, transport, active, created, modified", [
            ("taro@example.jp", "smtp:[192.0.2.9]:2525", 1, now, now), ("catch.jp", "relay:[192.0.2.7]", 0, now, now),
            (".sub.example.jp", "error:5.1.2", 1, now, now), ("moved.jp", "smtp:[192.0.2.3]", 1, now, now),
            ("*", "relay:[192.0.2.6]", 1, now, now)])
        whole += insert("postreeve_sender_access", "sender, action, reply, active, created, modified", [
            ("spam@nobody.jp", "REJECT", "5.7.1 Not from you, 'thanks'", 1, now, now), ("nobody.jp", "HOLD", "", 1, now, now),
            ("robot@", "REJECT", "", 1, now, now), ("jp", "REJECT", "", 0, now, now)])
        whole += insert("postreeve_sender_login", "sender, login, domain, login_domain, active, created, modified", [
            (s, lent, s.rpartition("@")[2], "example.jp", active, now, now)
            for s, lent, active in (("info@example.jp", "hana@example.jp", 1), ("info@example.jp", "taro@example.jp", 1),
                                    ("taro@example.jp", "hana@example.jp", 0), ("@example.jp", "hana@example.jp", 1),
                                    ("@example.jp", "info@example.jp", 1), ("free@catch.jp", "taro@example.jp", 1),
                                    ("taro@closed.jp", "taro@example.jp", 1), ("おやじ@" + A_LABEL, "hana@example.jp", 1))])
        whole += insert("postreeve_relay", "name, scope, host, port, tls, verify_certificate, active, created, modified", [
            ("all", "*", "smart.test", 587, "starttls", 1, 1, now, now),
            ("one", "taro@example.jp", "smart.test", 465, "wrapped", 0, 1, now, now),
            ("two", "@example.jp", "2001:db8::1", 25, "none", 0, 1, now, now),
            ("three", "nobody.jp", "smart.test", 465, "wrapped", 1, 1, now, now),
            ("four", "@catch.jp", "smart.test", 587, "starttls", 1, 0, now, now)])
        return whole

    @staticmethod
    def maildir(address):
        local, _, domain = address.rpartition("@")
        return f"{domain}/{local}/"


def generated_keys():
    dice = random.Random(4)
    keys = set()
    for domain in [*DOMAINS, *STRANGERS, U_LABEL, "jp", "sub.example.jp"]:
        keys |= {domain, ascii_upper(domain), "." + domain, "@" + domain, "@" + ascii_upper(domain), domain + ".", "x@x@" + domain}
    for domain in [*DOMAINS, *STRANGERS, U_LABEL]:
        for local in LOCAL_PARTS:
            keys |= {f"{local}@{domain}", f"{quoted(local)}@{domain}"}
            keys |= {dice.choice([f"{local}+list@{domain}", f"{ascii_upper(local)}@{ascii_upper(domain)}"])}
    keys |= set(LOCAL_PARTS) | {quoted(local) for local in LOCAL_PARTS} | {local + "@" for local in LOCAL_PARTS}
    keys |= {"*", "@", "@@", "<>", "robot@", "ROBOT@", "spam@nobody.jp", "Spam@Nobody.JP", "free@catch.jp", "free@catchalias.jp",
             "[smart.test]:587", "[SMART.test]:465", "[2001:db8::1]:25", "smart.test", "[smart.test]", "[smart.test]:", "[]:25",
             "JÖRG@example.jp", "STRASSE@example.jp", "straße@example.jp", "taro@example.jp\\", "'; DROP TABLE alias; -- @example.jp"}
    for _ in range(500):
        keys.add("".join(dice.choice("ab.@+\"\\'%*_[] あ") for _ in range(dice.randrange(1, 12))) + dice.choice(["", "@example.jp"]))
    octets = {key.encode() for key in keys}
    octets |= {b"\xff\xfe@example.jp", b"\xe3\x81@example.jp", b"a\xc0\xaf@example.jp", b"\x80", b"taro@example.jp\xa0",
               b"taro\x01@example.jp", b"\x7f@example.jp", b"y" * 600 + b"@example.jp", b"z" * 65536, b"z" * 65536 + b"@example.jp",
               b"taro@" + b"z" * 65536}
    return sorted(key for key in octets if key and key.strip() == key)


def ascii_upper(text):
    return re.sub("[a-z]", lambda m: m[0].upper(), text)


def parsed(output):
    return dict(line.split(b"\t", 1) for line in output.split(b"\n") if line)


class Forms:
    """A database of its own, and every way to ask it."""

    def __init__(self):
        self.site = stack.site()
        self.rows = Rows()
        self.base = os.path.join(stack.directory(), "conform")
        os.mkdir(self.base, 0o755)
        self.make_database()
        self.config = os.path.join(self.site.data, "conform.conf")
        with open(self.site.config, encoding="utf-8") as file:
            stack.write(self.config, re.sub(r"(?m)^name = postreeve$", "name = conform", file.read()), 0o600)
        for kind in ("mysql", "proxy", "lmdb", "hash"):
            self.program("render", "--out", os.path.join(self.base, kind), "--maps", kind, check=True)
        self.maps = sorted(name.removeprefix("table_") for name in os.listdir(f"{self.base}/hash/postfix")
                           if name.startswith("table_") and not name.endswith(".db"))
        self.start_proxymap()
        self.keys = generated_keys()
        self.known = {}

    def make_database(self):
        tables = self.site.sql("SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'postreeve'"
                               " AND TABLE_TYPE = 'BASE TABLE'").split(",")
        with open(os.path.join(stack.ROOT, "sql/grants.sql"), encoding="utf-8") as file:
            grants = file.read()
        script = "CREATE DATABASE conform; USE conform;\n"
        script += "".join(f"CREATE TABLE {t} LIKE postreeve.{t};\n" for t in tables) + grants + "\n" + self.rows.sql()
        subprocess.run(["mariadb", f"--defaults-file={self.site.root_cnf}", "--default-character-set=utf8mb4"],
                       input=script.encode(), check=True)

    def program(self, *words, check=False, keys=b""):
        return subprocess.run([os.path.join(self.site.bin, "postreeve-lookup"), "-c", self.config, *words], input=keys,
                              env={**os.environ, "MAIL_CONFIG": stack.any_mail_config()}, capture_output=True, check=check)

    def start_proxymap(self):
        """A master(8) with nothing but proxymap, which serves what the rendered main.cf names."""
        self.etc, queue = os.path.join(self.base, "etc"), os.path.join(self.base, "queue")
        for path in (self.etc, queue, os.path.join(self.base, "log")):
            os.makedirs(path, 0o755)
        data = os.path.join(self.base, "data")
        os.mkdir(data, 0o755)
        shutil.chown(data, "postfix", "postfix")
        served = [line for line in stack.logical_lines(f"{self.base}/proxy/postfix/main.cf.postreeve") if "proxy_read_maps" in line]
        stack.write(os.path.join(self.etc, "main.cf"), "\n".join([
            "compatibility_level = 3.6", f"queue_directory = {queue}", f"data_directory = {data}", "myhostname = conform.test",
            f"maillog_file = {self.base}/log/mail.log", f"maillog_file_prefixes = {self.base}", "smtputf8_enable = yes", *served, ""]))
        stack.write(os.path.join(self.etc, "master.cf"), "proxymap unix - - n - - proxymap\npostlog unix-dgram n - n - 1 postlogd\n")
        stack.run("postfix", "-c", self.etc, "start")
        stack._closing.callback(stack.run, "postfix", "-c", self.etc, "stop", check=False)
        stack.wait_until(lambda: os.path.exists(os.path.join(queue, "private/proxymap")), "proxymap's socket")

    def table(self, form, name):
        if form in ("lmdb", "hash"):
            return f"{form}:{self.base}/{form}/postfix/table_{name}"
        return f"{'proxy:' if form == 'proxy' else ''}mysql:{self.base}/{form}/postfix/mysql_{name}.cf"

    def ask_table(self, table, keys):
        done = subprocess.run(["postmap", "-c", self.etc, "-q", "-", table], input=b"\n".join(keys) + b"\n", capture_output=True,
                              check=False)
        wrong = [line for line in done.stderr.split(b"\n") if line and b"non-UTF-8 key" not in line]
        if wrong:
            raise AssertionError(f"{table}: {wrong[:3]}")
        return parsed(done.stdout)

    def ask(self, form, name, keys=None):
        keys = keys or self.keys
        if form != "get":
            return self.ask_table(self.table(form, name), keys)
        done = self.program("get", name, "-", keys=b"\n".join(keys) + b"\n")
        if done.returncode not in (0, 1):
            raise AssertionError(f"get {name}: {done.returncode} {done.stderr}")
        return parsed(done.stdout)

    def answers(self, form, name):
        """Of all keys."""
        if (form, name) not in self.known:
            self.known[form, name] = self.ask(form, name)
        return self.known[form, name]

    def ask_all(self):
        """Three at a time: most of it is waiting for the database."""
        with concurrent.futures.ThreadPoolExecutor(3) as several:
            asked = [several.submit(self.answers, form, name) for form in FORMS for name in self.maps if self.has(form, name)]
            asked += [several.submit(self.theirs, name) for name in THEIRS]
            for each in asked:
                each.result()

    def has(self, form, name):
        return name != "smtp_sasl_password_maps" or form in ("lmdb", "hash", "get")

    def theirs(self, name):
        """What Postfix gets by Postfix Admin's documented tables, asked one after the other: the first answer counts."""
        if ("theirs", name) not in self.known:
            found = {}
            for number, query in enumerate(THEIRS[name]):
                path = f"{self.base}/mysql/postfix/theirs_{name}_{number}.cf"
                with open(f"{self.base}/mysql/postfix/mysql_{name}.cf", encoding="utf-8") as file:
                    stack.write(path, re.sub(r"(?m)^query = .*", lambda _, q=query: "query = " + q, file.read()), 0o600)
                found = self.ask_table("mysql:" + path, self.keys) | found
            self.known["theirs", name] = found
        return self.known["theirs", name]


def forms():
    def make():
        it = Forms()
        it.ask_all()
        return it
    return stack.shared("conformance", make)


def shape(key):
    """Why `get`, which knows an address in every form in which people write it, may know more or less than a table."""
    text = key.decode("utf-8", "surrogateescape")
    local, at, domain = text.rpartition("@")
    if at and (local.startswith('"') or (quoted(local) != local and not re.fullmatch(r"[^\x00-\x20()<>\[\]:;@\\,\"\x7f]+", local))):
        return "quotes"
    if any(c > "\x7f" for c in domain) and at or not text.isascii() and not at:
        return "U-labels"
    if text.endswith("."):
        return "trailing dot"
    if text.casefold() != ascii_lower(text):
        return "case"
    return None


def ascii_lower(text):
    return re.sub("[A-Z]", lambda m: m[0].lower(), text)


class OneAnswer(unittest.TestCase):
    """In all forms."""

    maxDiff = 2000

    def setUp(self):
        self.forms = forms()

    def differing(self, one, other):
        return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))

    def test_there_are_thousands(self):
        self.assertGreater(len(self.forms.keys), 2000)
        self.assertEqual(len(self.forms.maps), 15)
        for name in self.forms.maps:
            if self.forms.has("mysql", name):
                self.assertEqual(bool(self.forms.answers("mysql", name)), name != "virtual_alias_domains", name)

    def test_proxymap_says_what_the_database_says(self):
        for name in self.forms.maps:
            if self.forms.has("proxy", name):
                self.assertEqual(self.forms.answers("proxy", name), self.forms.answers("mysql", name), name)

    def test_both_kinds_of_tables_are_one(self):
        for name in self.forms.maps:
            self.assertEqual(self.forms.answers("lmdb", name), self.forms.answers("hash", name), name)

    def test_tables_say_what_the_database_says(self):
        """But for a local part with blanks, quotes or backslashes, which stands there quoted: see the next test."""
        met = set()
        for name in self.forms.maps:
            if self.forms.has("mysql", name):
                differing = self.differing(self.forms.answers("lmdb", name), self.forms.answers("mysql", name))
                met |= {shape(key) for key in differing}
                self.assertEqual([key for key in differing if shape(key) != "quotes"], [], name)
        self.assertEqual(met, {"quotes"})

    def test_asked_as_postfix_asks_all_are_one(self):
        """Quoted first, and then as it is."""
        for name in self.forms.maps:
            if not self.forms.has("mysql", name):
                continue
            for form in ("proxy", "lmdb", "hash", "get"):
                ours, expected = self.forms.answers(form, name), self.forms.answers("mysql", name)
                for domain in DOMAINS:
                    for local in LOCAL_PARTS:
                        keys = [f"{quoted(local)}@{domain}".encode(), f"{local}@{domain}".encode()]
                        self.assertEqual(next((ours[k] for k in keys if k in ours), None),
                                         next((expected[k] for k in keys if k in expected), None), (name, form, keys))

    def test_get_says_what_the_database_says(self):
        met = set()
        for name in self.forms.maps:
            if self.forms.has("mysql", name):
                get, expected = self.forms.answers("get", name), self.forms.answers("mysql", name)
                differing = self.differing(get, expected)
                met |= {shape(key) for key in differing}
                self.assertEqual([key for key in differing if shape(key) is None], [], name)
                for key in differing:
                    self.check_form(name, key, get.get(key), expected)
        self.assertEqual(met, {"quotes", "U-labels", "trailing dot", "case"})

    def check_form(self, name, key, value, expected):
        """What it knows by a U-label or a dot is what the others know by the canonical form."""
        canonical = key.rstrip(b".").replace(U_LABEL.encode(), A_LABEL.encode())
        if shape(key) == "U-labels" and b'"' not in key or shape(key) == "trailing dot":
            canonical = canonical.replace(U_LABEL.upper().encode(), A_LABEL.encode())
            self.assertEqual(value, expected.get(canonical) or expected.get(canonical.lower()), (name, key))

    def test_what_no_line_of_input_can_hold(self):
        """A NUL: a program that reads C strings would see no more than what stands before it."""
        for name in self.forms.maps:
            self.assertEqual(self.forms.ask("get", name, [b"taro@example.jp\0", b"example.jp\0x", b"\0", b"@example.jp\0"]), {})

    def test_log_ins_are_none_where_no_smart_host_has_one(self):
        for form in ("lmdb", "hash", "get"):
            self.assertEqual(self.forms.answers(form, "smtp_sasl_password_maps"), {})


class PostfixAdmin(unittest.TestCase):
    """The same rows, by its documented queries."""

    def setUp(self):
        self.forms = forms()
        self.rows = self.forms.rows

    def reason(self, name, key, ours, theirs):
        """The name of an intended difference, by what the rows say of that key; None: there is none."""
        text = key.decode("utf-8", "surrogateescape")
        address = text.casefold()  # as Postfix does, too
        local, at, domain = address.rpartition("@")
        if name in ("virtual_mailbox_domains", "relay_domains", "transport_maps"):
            return self.reason_for_domain(name, ascii_lower(text), ours, theirs)
        if not at:
            return None
        target, through = ALIAS_DOMAINS.get(domain, (None, 0))
        own = address in self.rows.aliases or address in self.rows.mailboxes
        there = f"{local}@{target}" if through else None
        if name == "virtual_mailbox_limit_maps" and ours and (theirs or not local):
            return "limits"
        if domain in DOMAINS and not DOMAINS[domain].active or through and not own and not DOMAINS[target].active:
            return "inactive domain" if ours is None else None
        if name == "smtpd_sender_login_maps":
            return self.reason_for_login(address, there, ours, theirs, own)
        if self.off(address) or not own and there and self.off(there):
            return "switched off" if ours in (None, key_as_asked(address)) else None
        if through and own:
            return "own row first" if ours is None and theirs else None
        if through and local and ours is None and self.rows.aliases.get("@" + target):
            return "catch-all of an alias domain"
        return None

    def off(self, address):
        alias, mailbox = self.rows.aliases.get(address), self.rows.mailboxes.get(address)
        over = alias and (not alias.active or alias.until == PAST)
        return bool(over or mailbox and not mailbox.active)

    def reason_for_domain(self, name, domain, ours, theirs):
        known = DOMAINS.get(domain)
        if name == "relay_domains":
            return "inactive domain" if known and not known.active and ours is None else None
        if theirs == b":" and ours is None:
            return "virtual_transport"
        return "transports" if ours else None

    def reason_for_login(self, address, there, ours, theirs, own):
        if ours and theirs and ours.startswith(theirs + b","):
            return "lent senders"
        if ours and theirs is None and there and not own and there in self.rows.mailboxes:
            return "alias domains"
        return "lent senders" if ours and theirs is None else None

    def test_the_same_but_for_what_is_intended(self):
        met = set()
        for name in THEIRS:
            ours, theirs = self.forms.answers("mysql", name), self.forms.theirs(name)
            for key in sorted(ours.keys() | theirs.keys()):
                if ours.get(key) == theirs.get(key):
                    continue
                why = self.reason(name, key, ours.get(key), theirs.get(key))
                self.assertIsNotNone(why, (name, key, ours.get(key), theirs.get(key)))
                met.add(why)
        self.assertEqual(met, {"inactive domain", "limits", "switched off", "own row first", "catch-all of an alias domain",
                               "virtual_transport", "transports", "lent senders", "alias domains"})
        with open(os.path.join(stack.ROOT, "docs/maps.md"), encoding="utf-8") as file:
            told = set(re.findall(r"(?m)^\| \*\*([^*]+)\*\* \|", file.read()))
        self.assertEqual(told, met | {"quotes", "U-labels", "trailing dot", "case"})

    def test_most_answers_are_the_same(self):
        for name in ("virtual_mailbox_domains", "virtual_alias_maps", "virtual_mailbox_maps", "smtpd_sender_login_maps"):
            ours, theirs = self.forms.answers("mysql", name), self.forms.theirs(name)
            self.assertTrue([key for key in ours if ours[key] == theirs.get(key)], name)


def key_as_asked(address):
    return address.encode("utf-8", "surrogateescape")

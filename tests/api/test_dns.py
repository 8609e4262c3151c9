"""What to publish for a domain, and the keys that sign its letters."""
import base64
import re
import shlex
import subprocess

from case import ApiTest, numbers

HOST = "mail.example.com"  # [mail] hostname: tests/api/run


def joined(data):
    """A TXT record's value from its strings in a zone file."""
    return "".join(shlex.split(data))


def openssl(*words, given=None):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


class Records(ApiTest):
    def sheet(self, domain, client=None):
        return (client or self.admin).get(f"/domains/{domain}/dns")

    def records(self, domain, **more):
        return {(r["name"], r["type"]): r for r in self.sheet(domain, **more)["records"]}

    def values(self, domain, **more):
        return {key: r["value"] for key, r in self.records(domain, **more).items()}

    def test_all_that_a_domain_needs(self):
        domain = self.new_domain()
        found = self.values(domain)
        policy_id = found.pop((f"_mta-sts.{domain}", "TXT"))
        self.assertRegex(policy_id, "^v=STSv1; id=[0-9a-f]{20}$")
        self.assertEqual(found, {
            (domain, "MX"): f"10 {HOST}", (domain, "TXT"): "v=spf1 mx ~all",
            (f"_dmarc.{domain}", "TXT"): f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}",
            (f"_imaps._tcp.{domain}", "SRV"): f"0 1 993 {HOST}", (f"_imap._tcp.{domain}", "SRV"): "0 0 0 .",
            (f"_pop3s._tcp.{domain}", "SRV"): f"10 1 995 {HOST}", (f"_pop3._tcp.{domain}", "SRV"): "0 0 0 .",
            (f"_submissions._tcp.{domain}", "SRV"): f"0 1 465 {HOST}",
            (f"_submission._tcp.{domain}", "SRV"): f"10 1 587 {HOST}",
            (f"_autodiscover._tcp.{domain}", "SRV"): f"0 1 443 {HOST}", (f"autoconfig.{domain}", "CNAME"): HOST,
            (f"autodiscover.{domain}", "CNAME"): HOST, (f"mta-sts.{domain}", "CNAME"): HOST,
            (f"_smtp._tls.{domain}", "TXT"): f"v=TLSRPTv1; rua=mailto:postmaster@{domain}"})

    def test_the_zone_says_the_same_as_the_records(self):
        domain = self.new_domain()
        self.admin.post("/dkim-keys", {"domain": domain, "selector": "s1", "generate": "rsa-2048"})
        sheet = self.sheet(domain)
        lines = [line for line in sheet["zone"].splitlines() if not line.startswith(";")]
        self.assertEqual(lines, [f"{r['name']}. {r['ttl']} IN {r['type']} {r['data']}" for r in sheet["records"]])
        for r in sheet["records"]:
            if r["type"] == "TXT":
                self.assertEqual(joined(r["data"]), r["value"])
                self.assertTrue(all(len(s) <= 255 for s in shlex.split(r["data"])), r)
            else:
                self.assertEqual(r["data"], r["value"] + ("" if r["value"].endswith(".") else "."))

    def test_ports_say_why(self):
        ports = self.sheet(self.new_domain())["ports"]
        self.assertEqual([(p["port"], p["host"]) for p in ports], [(n, HOST) for n in (25, 993, 995, 465, 587, 443)])
        self.assertTrue(all(p["why"] for p in ports))

    def test_a_backup_publishes_itself_behind_the_others(self):
        domain = self.new_domain(backup_mx=True)
        self.assertEqual(self.values(domain), {(domain, "MX"): f"20 {HOST}"})

    def test_idn_goes_out_in_a_labels(self):
        domain = self.admin.post("/domains", {"domain": f"例え{next(numbers)}.example"}).json["domain"]
        a_label = domain.encode("idna").decode()
        self.assertNotEqual(domain, a_label)
        sheet = self.sheet(a_label)
        self.assertTrue(all(r["name"].endswith(a_label) for r in sheet["records"]))
        self.assertTrue(sheet["zone"].isascii())

    def test_a_name_that_would_be_too_long_is_left_out(self):
        domain = ".".join(["a" * 59] * 4) + f"{next(numbers):03}.ex"
        self.admin.post("/domains", {"domain": domain})
        names = [r["name"] for r in self.sheet(domain)["records"]]
        self.assertIn(f"_dmarc.{domain}", names)
        self.assertTrue(all(len(n) <= 253 for n in names))
        self.assertNotIn(f"_autodiscover._tcp.{domain}", names)

    def test_a_domain_admin_reads_those_of_own_domains(self):
        own, other = self.new_domain(), self.new_domain()
        client = self.log_in(self.new_admin(own))
        self.assertEqual(self.records(own, client=client), self.records(own))
        client.expect(403, "GET", f"/domains/{other}/dns")
        self.admin.expect(404, "GET", "/domains/nowhere.example/dns")
        self.admin.expect(422, "GET", "/domains/no%20domain/dns")

    def test_the_configuration_decides(self):
        domain = self.new_domain()
        words = {"ttl": 300, "mx": "5 mx1.example.net, mx2.example.net", "spf": "v=spf1 ip4:192.0.2.1 -all", "mta_sts": "enforce",
                 "dmarc_policy": "reject", "dmarc_rua": "dmarc@reports.example", "tls_rua": "", "web_host": "www.example.net"}
        with self.place.service(dns=words) as service:
            found = self.values(domain, client=service.super_admin())
            sheet = service.super_admin().get(f"/domains/{domain}/dns")
            self.assertEqual([r["value"] for r in sheet["records"] if r["type"] == "MX"], ["5 mx1.example.net", "10 mx2.example.net"])
            self.assertEqual({r["ttl"] for r in sheet["records"]}, {300})
            self.assertEqual(found[domain, "TXT"], words["spf"])
            self.assertEqual(found[f"_dmarc.{domain}", "TXT"], "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example")
            self.assertEqual(found[f"autoconfig.{domain}", "CNAME"], "www.example.net")
            self.assertNotIn((f"_smtp._tls.{domain}", "TXT"), found)
            consent = f"{domain}._report._dmarc.reports.example"
            self.assertEqual(found[consent, "TXT"], "v=DMARC1;")
            self.assertIn(f"\n; {consent}. 300 IN TXT", sheet["zone"])
            answer = service.client().ask("GET", "//.well-known/mta-sts.txt", headers={"Host": f"mta-sts.{domain}"})
            self.assertEqual(answer.body.decode(), "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.net\r\nmx: mx2.example.net\r\n"
                                                   "max_age: 604800\r\n")

    def test_a_setting_that_would_be_more_than_one_record_stops_the_start(self):
        for key, value in {"spf": 'v=spf1 "x', "dmarc_rua": "a,b", "mx": "x mail.example", "web_host": "a b"}.items():
            config = self.place.config_with(dns={key: value})
            done = self.place.run("dns", "x.example", config=config)
            self.assertEqual(done.returncode, 78, key)
            self.assertIn(key, done.stderr)
        done = self.place.run("dns", "x.example", config=self.place.config_with(dns={"spf": "v=spf2 all"}))
        self.assertEqual(done.returncode, 78)

    def test_the_policy_is_at_its_own_name_alone(self):
        domain = self.new_domain()
        ask = lambda host: self.stranger().ask("GET", "//.well-known/mta-sts.txt", headers={"Host": host})
        answer = ask(f"MTA-STS.{domain}:443")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/plain; charset=utf-8"))
        self.assertEqual(answer.body.decode(), f"version: STSv1\r\nmode: testing\r\nmx: {HOST}\r\nmax_age: 604800\r\n")
        for host in (domain, f"autoconfig.{domain}", "mta-sts.elsewhere.example", "mta-sts.", "mta-sts.<x>"):
            self.assertEqual(ask(host).status, 404, host)

    def test_the_command_prints_a_zone_and_ports(self):
        domain = self.new_domain()
        sheet = self.sheet(domain)
        zone = self.place.run("dns", domain, "--zone")
        self.assertEqual((zone.returncode, zone.stdout), (0, sheet["zone"]))
        plain = self.place.run("dns", domain)
        self.assertTrue(plain.stdout.startswith(sheet["zone"]))
        self.assertRegex(plain.stdout, r"(?m)^ +993  mail\.example\.com +Mail programs read")
        as_json = self.place.run("dns", domain, "--json")
        self.assertIn(f'"name": "_dmarc.{domain}"', as_json.stdout)
        self.assertEqual(self.place.run("dns", "show", domain).returncode, 0)
        self.assertEqual(self.place.run("dns", "nowhere.example").returncode, 67)
        for words in ((), ("--zone",), (domain, "x"), (domain, "--json", "--zone"), (domain, "--x")):
            self.assertEqual(self.place.run("dns", *words).returncode, 64, words)


class DkimKeys(ApiTest):
    def new_key(self, domain, **more):
        return self.admin.post("/dkim-keys", {"domain": domain, "generate": "ed25519", **more}).json

    def stored(self, key):
        [[private, public]] = self.place.sql(f"SELECT private_key, public_key FROM dkim WHERE id = {key['id']}")
        return private, public.replace("\\n", "\n")

    def published(self, domain):
        return {r["name"]: r for r in self.admin.get(f"/domains/{domain}/dns")["records"] if "_domainkey" in r["name"]}

    def test_a_new_key_has_its_record_and_its_private_half_is_sealed(self):
        domain = self.new_domain()
        key = self.admin.post("/dkim-keys", {"domain": domain, "selector": "Mail-1"}).json
        private, public = self.stored(key)
        self.assertEqual((key["selector"], key["algorithm"], key["active"]), ("mail-1", "rsa-2048", False))
        self.assertEqual(key["name"], f"mail-1._domainkey.{domain}")
        self.assertTrue(private.startswith("{SODIUM}"))
        der = openssl("rsa", "-pubin", "-outform", "DER", given=public.encode())
        self.assertEqual(key["record"], "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode())
        self.assertIn("2048 bit", openssl("rsa", "-pubin", "-noout", "-text", given=public.encode()).decode())
        self.assertEqual(self.published(domain)[key["name"]]["value"], key["record"])
        self.assertNotIn("private_key", key)

    def test_ed25519_is_published_as_its_octets(self):
        key = self.new_key(self.new_domain())
        _, public = self.stored(key)
        der = openssl("pkey", "-pubin", "-outform", "DER", given=public.encode())
        self.assertEqual(key["record"], "v=DKIM1; k=ed25519; p=" + base64.b64encode(der[-32:]).decode())
        self.assertRegex(key["selector"], r"^k20\d{6}$")

    def test_a_key_that_is_there_is_taken(self):
        for words in (("genrsa", "-traditional", "1024"), ("genrsa", "2048"), ("genpkey", "-algorithm", "ed25519")):
            pem = openssl(*words).decode()
            key = self.admin.post("/dkim-keys", {"domain": self.new_domain(), "private_key": pem}).json
            wanted = openssl("pkey", "-pubout", given=pem.encode()).decode().strip()
            self.assertEqual(self.stored(key)[1], wanted)
            self.assertTrue(self.stored(key)[0].startswith("{SODIUM}"))
        with self.place.service(dkim={"private_keys": "clear"}) as service:
            key = service.super_admin().post("/dkim-keys", {"domain": self.new_domain(), "private_key": pem}).json
            self.assertEqual(self.stored(key)[0].replace("\\n", "\n").strip(), pem.strip())

    def test_what_is_no_key_is_refused(self):
        domain = self.new_domain()
        ec = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1").decode()
        secret = openssl("genpkey", "-algorithm", "rsa", "-aes256", "-pass", "pass:x").decode()
        short = openssl("genrsa", "-traditional", "768").decode()
        cut = "\n".join(openssl("genrsa", "2048").decode().splitlines()[:10])
        public = openssl("pkey", "-pubout", given=openssl("genpkey", "-algorithm", "ed25519")).decode()
        bad = {"x": "malformed", ec: "not_a_choice", secret: "malformed", short: "too_small", cut: "malformed", public: "malformed",
               "x" * 8193: "too_long", "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----": "malformed"}
        for pem, code in bad.items():
            self.assert_problem(self.admin.ask("POST", "/dkim-keys", {"domain": domain, "private_key": pem}), 422, private_key=code)
        self.assert_problem(self.admin.ask("POST", "/dkim-keys", {"domain": domain, "private_key": "x", "generate": "ed25519"}), 422,
                            private_key="password_not_both")
        for selector in ("a b", "a/b", "../x", "-a", "a-", "a..b", ".a", "a.", "a%b", "a_b", "あ", "a$b", 'a"b'):
            answer = self.admin.ask("POST", "/dkim-keys", {"domain": domain, "selector": selector, "generate": "ed25519"})
            self.assert_problem(answer, 422, selector="bad_character")
        self.assertEqual(self.admin.get(f"/domains/{domain}/dkim-keys")["items"], [])

    def test_a_key_needs_a_domain_of_ours_and_a_name_of_its_own(self):
        domain = self.new_domain()
        self.new_key(domain, selector="s1")
        again = self.admin.ask("POST", f"/domains/{domain}/dkim-keys", {"selector": "S1", "generate": "ed25519"})
        self.assert_problem(again, 409, selector="taken")
        self.assert_problem(self.admin.ask("POST", "/dkim-keys", {"domain": "x.example", "generate": "ed25519"}), 422,
                            domain="no_such_domain")
        self.assert_problem(self.admin.ask("POST", "/dkim-keys", {"generate": "ed25519"}), 422, domain="required")
        self.assert_problem(self.admin.ask("POST", f"/domains/{domain}/dkim-keys", {"domain": "x.example"}), 422,
                            domain="wrong_domain")
        below = self.admin.post(f"/domains/{domain}/dkim-keys", {"selector": "s2", "generate": "ed25519"})
        self.assertEqual(below.json["domain"], domain)
        self.admin.expect(404, "GET", "/domains/nowhere.example/dkim-keys")
        self.assertEqual(self.admin.get(below.headers["Location"].removeprefix("/api/v1")), below.json)

    def test_keys_are_changed_in_three_steps(self):
        domain = self.new_domain()
        old, new = (self.new_key(domain, selector=s) for s in ("s1", "s2"))
        signs = lambda: [k["selector"] for k in self.admin.get(f"/domains/{domain}/dkim-keys")["items"] if k["active"]]
        self.assertEqual(signs(), [])
        self.assertTrue(self.admin.expect(200, "POST", f"/dkim-keys/{old['id']}/activate").json["active"])
        self.assertEqual(signs(), ["s1"])
        self.assertEqual(sorted(self.published(domain)), sorted([old["name"], new["name"]]))
        self.admin.expect(200, "POST", f"/dkim-keys/{new['id']}/activate")
        self.admin.expect(200, "POST", f"/dkim-keys/{new['id']}/activate")
        self.assertEqual(signs(), ["s2"])
        self.admin.expect(200, "POST", f"/dkim-keys/{old['id']}/deactivate")
        self.assertEqual(signs(), ["s2"])
        self.admin.delete(f"/dkim-keys/{old['id']}")
        self.assertEqual(list(self.published(domain)), [new["name"]])
        self.assertEqual(self.place.sql(f"SELECT author, dkim_id FROM dkim_signing WHERE author = '{domain}'"),
                         [[domain, str(new["id"])]])

    def test_a_key_comes_back_with_what_it_did(self):
        domain = self.new_domain()
        key = self.new_key(domain, selector="s1")
        self.admin.expect(200, "POST", f"/dkim-keys/{key['id']}/activate")
        before = self.stored(key)
        gone = self.admin.delete(f"/dkim-keys/{key['id']}")
        self.admin.expect(200, "POST", gone.headers["Postreeve-Undo"].removeprefix("/api/v1"))
        self.assertEqual(self.stored(key), before)
        self.assertTrue(self.admin.get(f"/dkim-keys/{key['id']}")["active"])
        gone = self.admin.delete(f"/dkim-keys/{key['id']}")
        self.new_key(domain, selector="s1")
        undo = self.admin.ask("POST", gone.headers["Postreeve-Undo"].removeprefix("/api/v1"))
        self.assert_problem(undo, 409, selector="taken")
        gone = self.admin.delete(f"/domains/{domain}")
        self.assertEqual(self.place.sql(f"SELECT id FROM dkim WHERE domain_name = '{domain}'"), [])
        self.admin.expect(200, "POST", gone.headers["Postreeve-Undo"].removeprefix("/api/v1"))
        self.assertEqual(len(self.place.sql(f"SELECT id FROM dkim WHERE domain_name = '{domain}'")), 1)

    def test_a_domain_admin_only_reads(self):
        domain = self.new_domain()
        key = self.new_key(domain)
        client = self.log_in(self.new_admin(domain))
        self.assertEqual(client.get("/dkim-keys")["items"], [key])
        client.expect(403, "POST", "/dkim-keys", {"domain": domain, "generate": "ed25519"})
        client.expect(403, "POST", f"/dkim-keys/{key['id']}/activate")
        client.expect(403, "DELETE", f"/dkim-keys/{key['id']}")

    def test_nobody_sees_a_private_key(self):
        domain = self.new_domain()
        pem = openssl("genpkey", "-algorithm", "ed25519").decode()
        canary = pem.splitlines()[1]
        answer = self.admin.post("/dkim-keys", {"domain": domain, "private_key": pem})
        path = f"/dkim-keys/{answer.json['id']}"
        done = self.place.run("dkim-key", "create", "--domain", domain, "--selector", "cli", "--private-key-stdin", "--json", stdin=pem)
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = [answer.body.decode(), self.admin.ask("GET", path).body.decode(), done.stdout, self.place.log,
                 self.admin.ask("GET", f"/log?search={domain}").body.decode(), self.admin.ask("DELETE", path).body.decode()]
        tables = [name for name, in self.place.sql("SHOW TABLES")]
        shown += [str(self.place.sql(f"SELECT * FROM {name}")) for name in tables]
        self.assertFalse([text for text in shown if canary in text])
        self.assertTrue([text for text in shown if "{SODIUM}" in text])

    def test_a_key_of_postfix_admin_is_shown_and_one_that_is_none_harms_nothing(self):
        domain = self.new_domain()
        public = openssl("rsa", "-pubout", given=openssl("genrsa", "1024")).decode().strip()
        for selector, pem in (("old", public), ("odd", "x"), ("none", "")):
            self.place.sql(f"INSERT INTO dkim (domain_name, selector, private_key, public_key) VALUES ('{domain}', '{selector}', 'x',"
                           f" '{pem}')")
        keys = {k["selector"]: k for k in self.admin.get(f"/domains/{domain}/dkim-keys")["items"]}
        self.assertEqual({s: k["algorithm"] for s, k in keys.items()}, {"old": "rsa-1024", "odd": "", "none": ""})
        self.assertTrue(re.fullmatch(r"v=DKIM1; k=rsa; p=[A-Za-z0-9+/]+=*", keys["old"]["record"]))
        self.assertEqual(list(self.published(domain)), [keys["old"]["name"]])

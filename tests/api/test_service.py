"""The service as its operator sees it: health, metrics, throttle, proxies, TLS, a database that goes away and comes
back, a full queue, an end in good order, and one in bad order (kill -9)."""
import concurrent.futures
import re
import ssl
import subprocess
import threading
import unittest
import urllib.request

from case import PASSWORD, ApiTest, numbers
from place import Place, main_place, run_program, scratch, wait_until

METRIC = re.compile(r'[a-z_]+(\{([a-z]+="[^"\\\n]*",?)*\})? -?[0-9.]+(e[+-]?[0-9]+)?')


class Health(ApiTest):
    def test_it_lives_and_is_ready(self):
        client = self.stranger()
        for path in ("//healthz", "//readyz"):
            answer = client.expect(200, "GET", path)
            self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_tables_of_another_version(self):
        place = main_place()
        place.new_database("older")
        with place.service(database={"name": "older"}) as service:
            client = service.client()
            client.expect(200, "GET", "//readyz")
            place.sql("DROP TABLE postreeve_throttle; DELETE FROM postreeve_migration ORDER BY name DESC LIMIT 1", "older")
            client.expect(503, "GET", "//readyz")
            client.expect(200, "GET", "//healthz")


class Metrics(ApiTest):
    def figures(self):
        answer = self.stranger().expect(200, "GET", "//metrics")
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        return answer.body.decode()

    def test_the_text_is_prometheus(self):
        declared, samples = {}, []
        for line in self.figures().splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.assertNotIn(name, declared)
                declared[name] = kind
            elif not line.startswith("# HELP "):
                self.assertRegex(line, f"^(?:{METRIC.pattern})$")
                samples.append(line.partition(" ")[0])
        self.assertEqual(len(set(samples)), len(samples))
        for sample in samples:
            name = sample.partition("{")[0]
            base = re.sub("_(bucket|sum|count)$", "", name)
            self.assertTrue(name in declared or declared.get(base) == "histogram", sample)

    def count(self, text, series):
        found = re.search(re.escape(series) + r" (\d+)", text)
        return int(found.group(1)) if found else 0

    def test_they_count(self):
        series = 'postreeve_http_requests_total{method="GET",route="/api/v1/domains/{domain}",status="4xx"}'
        before = self.count(self.figures(), series)
        for _ in range(3):
            self.admin.expect(404, "GET", "/domains/nowhere.example")
        self.assertEqual(self.count(self.figures(), series), before + 3)

    def test_histograms_only_grow(self):
        rows = re.findall(r'duration_seconds_bucket\{([^}]*),le="([^"]+)"\} (\d+)', self.figures())
        series = {}
        for labels, bound, count in rows:
            series.setdefault(labels, []).append((float(bound), int(count)))
        self.assertTrue(series)
        for labels, buckets in series.items():
            self.assertEqual(buckets, sorted(buckets), labels)
            self.assertEqual(buckets[-1][0], float("inf"))

    def test_no_address_is_in_them(self):
        self.admin.ask("GET", "/mailboxes/personal@nowhere.example")
        self.assertNotIn("personal", self.figures())

    def test_only_for_this_machine(self):
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            self.stranger().expect(403, "GET", "//metrics", headers={header: "192.0.2.1"})


class Throttle(unittest.TestCase):
    """Limits of its own, on a database of its own; clients behind a trusted proxy come from many addresses."""

    LIMITS = {"account_failures": 3, "host_failures": 5, "network_failures": 8, "wide_network_failures": 11,
              "window_seconds": 600}

    @classmethod
    def setUpClass(cls):
        place = main_place()
        cls.database = f"throttle{next(numbers)}"
        place.new_database(cls.database)
        cls.service = place.service(database={"name": cls.database}, throttle=cls.LIMITS,
                                    server={"trusted_proxies": "127.0.0.1"})
        cls.addClassCleanup(cls.service.stop)
        admin = cls.service.super_admin()
        admin.post("/domains", {"domain": "t.example"})
        for name in ("taro", "jiro"):
            admin.post("/mailboxes", {"address": f"{name}@t.example", "password": PASSWORD})

    def setUp(self):
        main_place().sql("DELETE FROM postreeve_throttle", self.database)

    def attempt(self, username, password, source):
        client = self.service.client()
        answer = client.ask("POST", "/session", {"username": username, "password": password},
                            headers={"X-Forwarded-For": source})
        client.close()
        return answer

    def statuses(self, attempts):
        return [self.attempt(*a).status for a in attempts]

    def statuses_of_crowd(self, attempts):
        """All at once, since each refusal takes its time, but the last, which comes when they have been counted."""
        with concurrent.futures.ThreadPoolExecutor(len(attempts)) as pool:
            return [a.status for a in pool.map(lambda a: self.attempt(*a),
                                               attempts[:-1])] + self.statuses(attempts[-1:])

    def test_by_account(self):
        wrong = [("taro@t.example", "wrong", f"10.{i}.0.1") for i in range(4)]
        self.assertEqual(self.statuses(wrong), [401, 401, 401, 429])
        answer = self.attempt("taro@t.example", PASSWORD, "10.77.0.1")
        self.assertEqual(answer.status, 429, "the right password does not help, either")
        self.assertTrue(0 < int(answer.headers["Retry-After"]) <= 600)
        self.assertEqual(self.attempt("jiro@t.example", PASSWORD, "10.78.0.1").status, 201)

    def test_an_account_that_is_not_there_counts_alike(self):
        wrong = [("nobody@t.example", "wrong", f"10.{i}.0.1") for i in range(4)]
        self.assertEqual(self.statuses(wrong), [401, 401, 401, 429])

    def test_however_it_is_written(self):
        names = ("taro@t.example", "TARO@T.EXAMPLE", "Taro@t.Example.", "taro@t.example")
        wrong = [(name, "wrong", f"10.{i}.0.1") for i, name in enumerate(names)]
        self.assertEqual(self.statuses(wrong), [401, 401, 401, 429])

    def test_by_networks_of_three_widths(self):
        for limit, source in ((5, "192.0.2.1"), (8, "198.51.100.{}"), (11, "203.0.{}.1")):
            with self.subTest(limit=limit):
                main_place().sql("DELETE FROM postreeve_throttle", self.database)
                wrong = [(f"nobody{i}@t.example", "wrong", source.format(i)) for i in range(limit + 1)]
                self.assertEqual(self.statuses_of_crowd(wrong), [401] * limit + [429])

    def test_ipv6_networks(self):
        wrong = [(f"nobody{i}@t.example", "wrong", f"2001:db8:0:7:{i}::1") for i in range(9)]
        self.assertEqual(self.statuses_of_crowd(wrong), [401] * 8 + [429])

    def test_a_log_in_forgives_the_account(self):
        wrong = ("taro@t.example", "wrong", "10.1.0.1")
        right = ("taro@t.example", PASSWORD, "10.2.0.1")
        self.assertEqual(self.statuses([wrong, wrong, right, wrong, wrong]), [401, 401, 201, 401, 401])

    def test_failures_fade(self):
        self.statuses([("taro@t.example", "wrong", "10.1.0.1")] * 3)
        self.assertEqual(self.attempt("taro@t.example", PASSWORD, "10.2.0.1").status, 429)
        main_place().sql("UPDATE postreeve_throttle SET since = since - INTERVAL 601 SECOND", self.database)
        self.assertEqual(self.attempt("taro@t.example", PASSWORD, "10.2.0.1").status, 201)

    def test_guessing_the_current_password_counts(self):
        client = self.service.client().log_in("jiro@t.example", PASSWORD,
                                              headers={"X-Forwarded-For": "10.3.0.1"})
        statuses = [client.ask("PUT", "/me/password", {"current": "wrong", "new": "another battery"},
                               headers={"X-Forwarded-For": "10.3.0.1"}).status for _ in range(4)]
        self.assertEqual(statuses, [422, 422, 422, 429])

    def test_only_the_trusted_proxy_is_believed(self):
        """What stands further left, the client may have invented."""
        wrong = [(f"nobody{i}@t.example", "wrong", f"192.0.2.{i}, 198.51.100.7") for i in range(6)]
        self.assertEqual(self.statuses_of_crowd(wrong), [401] * 5 + [429])
        main = main_place().client()
        before = main_place().sql("SELECT COUNT(*) FROM postreeve_throttle WHERE bucket LIKE 'from:192.0.2.%'")
        main.ask("POST", "/session", {"username": "x@y.example", "password": "wrong"},
                 headers={"X-Forwarded-For": "192.0.2.9"})
        after = main_place().sql("SELECT COUNT(*) FROM postreeve_throttle WHERE bucket LIKE 'from:192.0.2.%'")
        self.assertEqual(after, before)


class Proxies(ApiTest):
    def test_the_log_has_the_clients_address(self):
        with main_place().service(server={"trusted_proxies": "127.0.0.1, 10.0.0.0/8"}) as service:
            client = service.client()
            headers = {"X-Forwarded-For": "203.0.113.9, 10.1.2.3", "X-Forwarded-Proto": "https"}
            answer = client.post("/session",
                                 {"username": self.place.admin, "password": self.place.admin_password},
                                 headers=headers)
            self.assertIn("Secure", answer.headers["Set-Cookie"].split("; "))
            self.assertTrue(answer.headers["Strict-Transport-Security"])
            client.take_cookie(answer)
            domain = f"proxy{next(numbers)}.example"
            client.post("/domains", {"domain": domain}, headers=headers)
            self.assertEqual(client.get("/log?limit=1", headers=headers)["items"][0]["source"], "203.0.113.9")


class Tls(ApiTest):
    def setUp(self):
        self.certificate, self.key = scratch / "tls.pem", scratch / "tls.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        self.key, "-out",
                        self.certificate], check=True, capture_output=True)
        self.key.chmod(0o600)

    def test_it_speaks_tls(self):
        service = main_place().service(server={"tls_certificate": str(self.certificate),
                                               "tls_key": str(self.key)}, tls=True)
        self.addCleanup(service.stop)
        context = ssl.create_default_context(cafile=str(self.certificate))
        with urllib.request.urlopen(service.url.replace("http:", "https:") + "/healthz",
                                    context=context) as answer:
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.headers["Strict-Transport-Security"])

    def test_a_key_for_all_to_read(self):
        self.key.chmod(0o644)
        config = self.place.config_with(server={"tls_certificate": str(self.certificate),
                                                "tls_key": str(self.key)})
        done = run_program(self.place.bin / "postreeved", "-c", config, "--check")
        self.assertEqual(done.returncode, 78, done.stderr)


class DatabaseGone(ApiTest):
    """A MariaDB of its own, so that nobody else misses it."""

    @classmethod
    def setUpClass(cls):
        cls.own = Place.start()
        cls.addClassCleanup(cls.own.stop)

    def test_it_goes_and_comes_back(self):
        client = self.own.super_admin()
        client.post("/domains", {"domain": "a.example"})
        self.own.server("database-stop")
        try:
            for method, path, body in (("GET", "/domains", None), ("GET", "/domains/a.example", None),
                                       ("DELETE", "/domains/a.example", None),
                                       ("POST", "/domains", {"domain": "b.example"}),
                                       ("GET", "/session", None), ("GET", "/me", None),
                                       ("POST", "/session", {"username": self.own.admin,
                                                             "password": self.own.admin_password}),
                                       ("GET", "//readyz", None)):
                with self.subTest(method=method, path=path):
                    client.expect(503, method, path, body)
            client.expect(200, "GET", "//healthz")
            client.expect(200, "GET", "//metrics")
            client.expect(200, "GET", "/openapi.json")
            self.assertEqual(self.own.run("domain", "list").returncode, 75)
        finally:
            self.own.server("database-start")
        wait_until(lambda: client.ask("GET", "//readyz").status == 200, "ready again")
        client.get("/session")
        self.assertIn("a.example", [d["domain"] for d in client.get("/domains")["items"]])
        client.delete("/domains/a.example")

    def test_connections_that_the_server_closes(self):
        """As after wait_timeout: nobody notices."""
        client = self.own.super_admin()
        client.get("/domains")
        for _ in range(3):
            rows = self.own.sql("SELECT id FROM information_schema.processlist WHERE user = 'postreeve'")
            self.assertTrue(rows)
            self.own.sql("".join(f"KILL {row[0]};" for row in rows))
            client.get("/domains")
            self.own.sql("".join(f"KILL {row[0]};" for row in self.own.sql(
                "SELECT id FROM information_schema.processlist WHERE user = 'postreeve'")))
            client.post("/domains", {"domain": f"k{next(numbers)}.example"})

    def test_a_lock_that_is_held(self):
        """Who waits too long for a row is told to come back."""
        client = self.own.super_admin()
        client.post("/domains", {"domain": "locked.example"})
        with self.own.service(database={"read_seconds": 1}) as service:
            impatient = service.super_admin()
            holder = subprocess.Popen(["mariadb", f"--defaults-file={self.own.root_cnf}", "-N",
                                       "--unbuffered", "postreeve"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                holder.stdin.write("BEGIN; SELECT domain FROM domain WHERE domain = 'locked.example' FOR UPDATE;\n")
                holder.stdin.flush()
                self.assertEqual(holder.stdout.readline().strip(), "locked.example")
                impatient.expect(503, "PATCH", "/domains/locked.example", {"description": "x"})
            finally:
                holder.communicate("ROLLBACK;\n")
            impatient.patch("/domains/locked.example", {"description": "x"})


class Load(ApiTest):
    def test_many_at_once(self):
        """Each of 200 creations by 16 clients is there, and once in the log."""
        domain = self.new_domain("load")
        outcome = self.create_at_once(self.place.super_admin, domain, 16, 200)
        self.assertEqual(outcome, {201: 200})
        self.assertEqual(self.admin.get(f"/domains/{domain}")["alias_count"], 200)
        logged = self.place.sql(f"SELECT COUNT(*), COUNT(DISTINCT data) FROM log WHERE domain = '{domain}' AND action = 'alias.create'")
        self.assertEqual(logged, [["200", "200"]])

    def create_at_once(self, log_in, domain, clients, count):
        work = iter(range(count))
        lock, outcome = threading.Lock(), {}

        def run():
            client = log_in()
            while True:
                with lock:
                    i = next(work, None)
                if i is None:
                    return
                answer = client.ask("POST", "/aliases",
                                    {"address": f"a{i}@{domain}", "destinations": ["x@y.example"]})
                with lock:
                    outcome[answer.status] = outcome.get(answer.status, 0) + 1
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            for done in [pool.submit(run) for _ in range(clients)]:
                done.result()
        return outcome

    def test_the_last_place_is_given_once(self):
        domain = self.new_domain("load", alias_limit=5)
        outcome = self.create_at_once(self.place.super_admin, domain, 8, 24)
        self.assertEqual(outcome, {201: 5, 422: 19})
        self.assertEqual(self.admin.get(f"/domains/{domain}")["alias_count"], 5)

    def test_one_name_is_given_once(self):
        domain = self.new_domain("load")
        clients = [self.place.super_admin() for _ in range(8)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda c: c.ask("POST", "/mailboxes",
                                                    {"address": f"one@{domain}", "password": PASSWORD}),
                                                    clients))
        self.assertEqual(sorted(a.status for a in answers), [201] + [409] * 7)

    def test_one_of_two_changes_is_told(self):
        path = f"/domains/{self.new_domain('load')}"
        etag = self.admin.expect(200, "GET", path).etag
        clients = [self.place.super_admin() for _ in range(6)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda pair: pair[1].ask("PATCH", path, {"description": f"by {pair[0]}"},
                                                             {"If-Match": etag}),
                                    enumerate(clients)))
        self.assertEqual(sorted(a.status for a in answers), [200] + [412] * 5)

    def test_a_full_queue(self):
        """One worker, one that may wait: the others are asked to come back, and the service lives."""
        with self.place.service(server={"workers": 1, "queue": 1}, database={"pool": 1}) as service:
            clients = [service.super_admin() for _ in range(3)] + [service.client() for _ in range(13)]
            body = {"username": self.place.admin, "password": self.place.admin_password}
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(lambda c: c.ask("POST", "/session", body), clients))
            statuses = {a.status for a in answers}
            self.assertLessEqual(statuses, {201, 503})
            self.assertIn(201, statuses)
            service.client().expect(200, "GET", "//healthz")

    def test_it_ends_in_good_order(self):
        """SIGTERM in the midst of work: what was begun is answered, nothing new is taken, the exit code is 0."""
        service = self.place.service()
        clients = [service.super_admin() for _ in range(4)]
        domain = self.new_domain("load")
        acknowledged, started = [], threading.Barrier(5)

        def run(number):
            started.wait()
            for i in range(10_000):
                address = f"c{number}n{i}@{domain}"
                try:
                    answer = clients[number].ask("POST", "/aliases",
                                                 {"address": address, "destinations": ["x@y.example"]})
                except OSError:
                    return
                if answer.status != 201:
                    return
                acknowledged.append(address)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            running = [pool.submit(run, n) for n in range(4)]
            started.wait()
            wait_until(lambda: len(acknowledged) > 20, "work is under way")
            service.stop()
            for r in running:
                r.result()
        self.assertLessEqual(set(acknowledged), self.aliases_in_database(domain))

    def aliases_in_database(self, domain):
        return {row[0] for row in self.place.sql(f"SELECT address FROM alias WHERE domain = '{domain}'")}

    def test_kill_9_loses_nothing_that_was_acknowledged(self):
        """And each creation that is there has its row in the log, acknowledged or not."""
        service = self.place.service()
        self.addCleanup(lambda: service.process.poll() is None and service.kill())
        domain = self.new_domain("killed")
        for round_ in range(3):
            clients = [service.super_admin() for _ in range(4)]
            acknowledged = []

            def run(number):
                for i in range(10_000):
                    address = f"r{round_}c{number}n{i}@{domain}"
                    try:
                        answer = clients[number].ask("POST", "/aliases",
                                                     {"address": address, "destinations": ["x@y.example"]})
                    except OSError:
                        return
                    assert answer.status == 201, answer
                    acknowledged.append(address)
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                running = [pool.submit(run, n) for n in range(4)]
                wait_until(lambda: len(acknowledged) >= 40, "work is under way")
                service.kill()
                for r in running:
                    r.result()
            service.start_again()
            service.wait_ready()
            there = self.aliases_in_database(domain)
            logged = {row[0] for row in self.place.sql(f"SELECT data FROM log WHERE domain = '{domain}' AND action = 'alias.create'")}
            self.assertLessEqual(set(acknowledged), there)
            self.assertEqual(there, logged)
        client = service.super_admin()
        self.assertEqual(client.get(f"/domains/{domain}")["alias_count"], len(there))
        client.close()
        service.stop()


class Both(ApiTest):
    """The command and the API at once, on the same rows."""

    def test_command_and_api_at_once(self):
        domain = self.new_domain("both", alias_limit=55)
        api = [self.place.super_admin() for _ in range(4)]

        def by_api(number):
            return [api[number].ask("POST", "/aliases",
                                    {"address": f"a{number}n{i}@{domain}",
                                     "destinations": ["x@y.example"]}).status
                    for i in range(10)]

        def by_command(number):
            codes = [self.place.run("alias", "create", f"c{number}n{i}@{domain}", "--to",
                                    "x@y.example").returncode for i in range(5)]
            return [{0: 201, 65: 422}.get(c, c) for c in codes]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            running = [pool.submit(by_api, n) for n in range(4)] + [pool.submit(by_command,
                                                                                n) for n in range(4)]
            statuses = [s for r in running for s in r.result()]
        self.assertEqual((statuses.count(201), statuses.count(422), len(statuses)), (55, 5, 60))
        self.assertEqual(self.admin.get(f"/domains/{domain}")["alias_count"], 55)
        via = self.place.sql(f"SELECT DISTINCT via FROM log WHERE domain = '{domain}' AND action = 'alias.create' ORDER BY via")
        self.assertEqual(via, [["browser"], ["cli"]])

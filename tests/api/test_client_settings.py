"""Settings for mail programs, which anybody may read: they parse, they name what the configuration says, they say the same
whether or not an address exists, and nothing that is sent in breaks or fills them."""
import plistlib
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote

from case import ApiTest, numbers

HOST = "mail.example.com"  # [mail] hostname: tests/api/run
THUNDERBIRD = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")
OUTLOOK = "/autodiscover/autodiscover.xml"
APPLE = "/apple.mobileconfig"
REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>
<EMailAddress>%s</EMailAddress>
<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
</Request></Autodiscover>"""
DISCOVERY = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
BOMB = ("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a '" + "x" * 60 + "'>"
        + "".join(f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(8))
        + "]><Autodiscover><Request><EMailAddress>&i;</EMailAddress></Request></Autodiscover>")
OUTSIDE = ("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><Autodiscover><Request><EMailAddress>&a;</EMailAddress>"
           "</Request></Autodiscover>")


class SettingsTest(ApiTest):
    def setUp(self):
        self.anybody = self.stranger()

    def ask(self, path, method="GET", **more):
        headers = {"Host": "localhost", **more.pop("headers", {})}
        return self.anybody.ask(method, "/" + path, headers=headers, **more)

    def read(self, path, kind="text/xml; charset=utf-8", **more):
        answer = self.ask(path, **more)
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, kind), answer)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", answer.headers)
        return answer.body

    def post(self, address, path=OUTLOOK, raw=None, **more):
        raw = (REQUEST % address if raw is None else raw)
        return self.ask(path, "POST", raw=raw.encode() if isinstance(raw, str) else raw, media="text/xml", **more)


class Thunderbird(SettingsTest):
    def servers(self, body):
        provider = ElementTree.fromstring(body).find("emailProvider")
        return provider, [[s.tag[:8], s.get("type"), s.findtext("hostname"), s.findtext("port"), s.findtext("socketType")]
                          for s in provider if s.tag.endswith("Server")]

    def test_it_is_told_the_servers_at_both_places(self):
        domain = self.new_domain()
        for path in THUNDERBIRD:
            provider, servers = self.servers(self.read(f"{path}?emailaddress=taro%40{domain}"))
            self.assertEqual(provider.get("id"), domain)
            self.assertEqual(provider.findtext("domain"), domain)
            self.assertEqual(provider.findtext("displayName"), domain)
            self.assertEqual(servers, [["incoming", "imap", HOST, "993", "SSL"], ["incoming", "pop3", HOST, "995", "SSL"],
                                       ["outgoing", "smtp", HOST, "465", "SSL"], ["outgoing", "smtp", HOST, "587", "STARTTLS"]])
            self.assertEqual({u.text for u in provider.iter("username")}, {"%EMAILADDRESS%"})

    def test_it_is_the_same_whether_or_not_the_address_exists(self):
        there = self.new_mailbox(self.new_domain())
        nobody = there.replace("taro", "nobody")
        self.assertEqual(*(self.read(f"{THUNDERBIRD[0]}?emailaddress={a}") for a in (there, nobody)))

    def test_without_an_address_the_host_says_whose(self):
        domain = self.new_domain()
        for host in (domain, f"autoconfig.{domain}", f"AutoConfig.{domain.upper()}:8443"):
            provider, _ = self.servers(self.read(THUNDERBIRD[0], headers={"Host": host}))
            self.assertEqual(provider.get("id"), domain)

    def test_an_address_goes_before_the_host(self):
        domain, other = self.new_domain(), self.new_domain()
        provider, _ = self.servers(self.read(f"{THUNDERBIRD[0]}?emailaddress=x@{domain}", headers={"Host": other}))
        self.assertEqual(provider.get("id"), domain)

    def test_only_domains_that_are_served_are_known(self):
        off, backup = self.new_domain(active=False), self.new_domain(backup_mx=True)
        for domain in ("elsewhere.example", off, backup):
            self.assertEqual(self.ask(f"{THUNDERBIRD[0]}?emailaddress=x@{domain}").status, 404, domain)
            self.assertEqual(self.ask(THUNDERBIRD[0], headers={"Host": f"autoconfig.{domain}"}).status, 404, domain)

    def test_idn_in_both_forms(self):
        n = next(numbers)
        domain = self.admin.post("/domains", {"domain": f"例え{n}.example"}).json["domain"]
        a_label = domain.encode("idna").decode()
        for form in (domain, a_label):
            provider, _ = self.servers(self.read(f"{THUNDERBIRD[0]}?emailaddress=x%40{quote(form)}"))
            self.assertEqual(provider.get("id"), a_label)

    def test_nothing_that_is_no_address_is_taken(self):
        domain = self.new_domain()
        bad = [f"a<b@{domain}<", f'"x@{domain}', f"x@{domain}>", f"x@y@{'a' * 70}.example", f"@{domain}",
               "x" * 65 + f"@{domain}", f"x@{'a' * 300}.example", "x" * 5000 + f"@{domain}", "x", f"x@{domain}&x"]
        for address in bad:
            self.assertEqual(self.ask(f"{THUNDERBIRD[0]}?emailaddress={quote(address)}").status, 400, address)
        for raw in ("%00", "x%0d%0aSet-Cookie:y", "%ff", "%zz"):
            self.assertEqual(self.ask(f"{THUNDERBIRD[0]}?emailaddress=x{raw}@{domain}").status, 400, raw)
        self.assertEqual(self.ask(f"{THUNDERBIRD[0]}?emailaddress=x@{domain}&emailaddress=y@{domain}").status, 400)
        for host in ("a b", "<x>", "x" * 300, "..", "-x.example", "autoconfig."):
            self.assertEqual(self.ask(THUNDERBIRD[0], headers={"Host": host}).status, 400, host)

    def test_it_can_only_be_read(self):
        domain = self.new_domain()
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = self.ask(f"{THUNDERBIRD[0]}?emailaddress=x@{domain}", method)
            self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, HEAD, OPTIONS"), method)
        self.assertEqual(self.ask(f"{THUNDERBIRD[0]}?emailaddress=x@{domain}", "HEAD").status, 200)


class Outlook(SettingsTest):
    def protocols(self, body):
        account = ElementTree.fromstring(body).find(f"{DISCOVERY}Response/{DISCOVERY}Account")
        self.assertEqual(account.findtext(f"{DISCOVERY}Action"), "settings")
        return {p.findtext(f"{DISCOVERY}Type"): [p.findtext(f"{DISCOVERY}{n}") for n in ("Server", "Port", "SSL", "LoginName")]
                for p in account.iter(f"{DISCOVERY}Protocol")}

    def test_it_is_told_the_servers(self):
        domain = self.new_domain()
        for path in (OUTLOOK, "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.XML"):
            answer = self.post(f" Taro@{domain.upper()}\n", path)
            self.assertEqual(answer.status, 200, answer)
            login = f"taro@{domain}"
            self.assertEqual(self.protocols(answer.body), {"IMAP": [HOST, "993", "on", login], "POP3": [HOST, "995", "on", login],
                                                           "SMTP": [HOST, "465", "on", login]})

    def test_get_works_by_address_and_by_host(self):
        domain = self.new_domain()
        self.assertEqual(self.protocols(self.read(f"{OUTLOOK}?Email=x+y@{domain}"))["IMAP"][3], f"x+y@{domain}")
        by_host = self.protocols(self.read(OUTLOOK, headers={"Host": f"autodiscover.{domain}"}))
        self.assertEqual(by_host["IMAP"], [HOST, "993", "on", None])

    def test_what_is_special_in_xml_is_escaped(self):
        domain = self.new_domain()
        for local_part in ("o&amp;x", "a'b", "{b}"):
            answer = self.post(f"{local_part}@{domain}")
            self.assertEqual(answer.status, 200, local_part)
            wanted = local_part.replace("&amp;", "&")
            self.assertEqual(self.protocols(answer.body)["SMTP"][3], f"{wanted}@{domain}")

    def test_another_encoding_is_read(self):
        domain = self.new_domain()
        raw = (REQUEST % f"x@{domain}").replace("utf-8", "utf-16").encode("utf-16")
        self.assertEqual(self.protocols(self.post("", raw=raw).body)["IMAP"][3], f"x@{domain}")

    def test_what_is_no_request_is_refused(self):
        domain = self.new_domain()
        address = f"<EMailAddress>x@{domain}</EMailAddress>"
        bad = {"entities": BOMB, "files": OUTSIDE, "a document type": f"<!DOCTYPE x><a>{address}</a>", "nothing": " ",
               "no end": "<a><EMailAddress>x", "no XML": "x", "two addresses": f"<a>{address}{address}</a>",
               "depth": "<a>" * 40 + address + "</a>" * 40, "a long one": f"<EMailAddress>{'x' * 600}@{domain}</EMailAddress>",
               "elements in it": f"<EMailAddress>x<b/>@{domain}</EMailAddress>", "NUL": f"<EMailAddress>x\0@{domain}</EMailAddress>",
               "no UTF-8": b"<EMailAddress>\xff@x.example</EMailAddress>", "an unknown entity": "<EMailAddress>&x;</EMailAddress>",
               "mark-up in it": f"<EMailAddress>&lt;b&gt;@{domain}&lt;</EMailAddress>"}
        for what, raw in bad.items():
            self.assertEqual(self.post("", raw=raw).status, 400, what)
        self.assertEqual(self.post("", raw=f"<a>{' ' * 20000}</a>").status, 413)

    def test_only_domains_that_are_served_are_known(self):
        self.assertEqual(self.post("x@elsewhere.example").status, 404)


class Apple(SettingsTest):
    kind = "application/x-apple-aspen-config; charset=utf-8"

    def profile(self, address):
        return plistlib.loads(self.read(f"{APPLE}?email={quote(address)}", self.kind))

    def test_it_is_a_profile_of_one_account(self):
        address = self.new_mailbox(self.new_domain())
        profile = self.profile(address)
        [mail] = profile["PayloadContent"]
        self.assertEqual(profile["PayloadType"], "Configuration")
        self.assertEqual({k: mail[k] for k in mail if not k.startswith("Payload")}, {
            "EmailAccountDescription": address.split("@")[1], "EmailAccountType": "EmailTypeIMAP", "EmailAddress": address,
            "IncomingMailServerAuthentication": "EmailAuthPassword", "IncomingMailServerHostName": HOST,
            "IncomingMailServerPortNumber": 993, "IncomingMailServerUseSSL": True, "IncomingMailServerUsername": address,
            "OutgoingMailServerAuthentication": "EmailAuthPassword", "OutgoingMailServerHostName": HOST,
            "OutgoingMailServerPortNumber": 465, "OutgoingMailServerUseSSL": True, "OutgoingMailServerUsername": address,
            "OutgoingPasswordSameAsIncomingPassword": True})
        for payload in (profile, mail):
            self.assertRegex(payload["PayloadUUID"], "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertNotEqual(profile["PayloadUUID"], mail["PayloadUUID"])
        self.assertEqual(self.profile(address), profile)

    def test_what_is_special_in_xml_is_escaped(self):
        domain = self.new_domain()
        for local_part in ("a&b", "a'b"):
            self.assertEqual(self.profile(f"{local_part}@{domain}")["PayloadContent"][0]["EmailAddress"], f"{local_part}@{domain}")

    def test_it_needs_an_address(self):
        domain = self.new_domain()
        for query in ("", "?email=", f"?email=@{domain}", f"?email=x<y@{domain}<", "?email=%00"):
            self.assertEqual(self.ask(APPLE + query, headers={"Host": domain}).status, 400, query)


class HowOften(SettingsTest):
    def test_a_network_that_asks_too_often_has_to_wait_and_others_need_not(self):
        domain = self.new_domain()
        with self.place.service(clients={"per_minute": 5}, server={"trusted_proxies": "127.0.0.1"}) as service:
            ask = lambda source: service.client().ask("GET", f"/{THUNDERBIRD[0]}?emailaddress=x@{domain}",
                                                      headers={"X-Forwarded-For": source})
            answers = [ask(f"198.51.100.{i}") for i in range(11)]  # eleven lie in two minutes at most
            refused = [a for a in answers if a.status == 429]
            self.assertTrue(refused, answers)
            self.assertEqual({a.status for a in answers}, {200, 429})
            self.assertTrue(1 <= int(refused[0].headers["Retry-After"]) <= 60)
            self.assertEqual(ask("203.0.113.9").status, 200)
            self.assertEqual(ask("2001:db8::1").status, 200)

    def test_without_a_host_to_name_there_are_none(self):
        domain = self.new_domain()
        with self.place.service(mail={"hostname": None}) as service:
            self.assertEqual(service.client().ask("GET", f"/{THUNDERBIRD[0]}?emailaddress=x@{domain}").status, 404)
            self.assert_problem(service.super_admin().ask("GET", f"/domains/{domain}/dns"), 422, domain="no_hostname")

    def test_the_configuration_names_the_servers(self):
        domain = self.new_domain()
        words = {"name": "Müller & <Söhne>", "imap_host": "imap.example.net", "imap_port": 143, "imap_tls": "starttls", "pop3": "no",
                 "smtp_host": "smtp.example.net", "submissions_port": 0}
        with self.place.service(clients=words) as service:
            answer = service.client().ask("GET", f"/{THUNDERBIRD[0]}?emailaddress=x@{domain}")
            provider = ElementTree.fromstring(answer.body).find("emailProvider")
            self.assertEqual(provider.findtext("displayName"), words["name"])
            self.assertEqual([[s.findtext(n) for n in ("hostname", "port", "socketType")]
                              for s in provider if s.tag.endswith("Server")],
                             [["imap.example.net", "143", "STARTTLS"], ["smtp.example.net", "587", "STARTTLS"]])


class OwnSettings(ApiTest):
    def test_a_user_sees_what_to_type_into_a_program(self):
        address = self.new_mailbox(self.new_domain())
        items = self.log_in(address).get("/me/client-settings")["items"]
        self.assertEqual([(i["protocol"], i["host"], i["port"], i["tls"], i["username"]) for i in items],
                         [("imap", HOST, 993, "wrapped", address), ("pop3", HOST, 995, "wrapped", address),
                          ("smtp", HOST, 465, "wrapped", address), ("smtp", HOST, 587, "starttls", address)])

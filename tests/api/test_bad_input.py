"""What no honest client sends: for every body and every field of openapi.json, values that break what it says.

Always 4xx as problem+json with the field's name, never a change, never a 500. The cases come from the schemas, so a
field that is new is tried the day it appears.
"""
import itertools
import json
import re

from case import PASSWORD, ApiTest, numbers
from client import API, Client, segment
from contract import types_of

NUL, LINE = "\x00", "a\nb"
NOT_UTF8 = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe3\x81", b"a\x80b"]
BROKEN_ESCAPES = [rb"\ud800", rb"\udc00\ud800", rb"\u12", rb"\x41"]
NUMBERS = ["1.5", "1e400", "-1e400", "-1", "1e2", "9" * 40, "-" + "9" * 40, str(1 << 63), str(-(1 << 63) - 1),
           "NaN", "Infinity",
           "0x10", "01", "+1", "1e99999999999999999999"]


def octets(value):
    """As JSON; what is octets already stays as it is."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def quoted(inside):
    return b'"' + inside + b'"'


def deep(levels):
    return b"[" * levels + b"]" * levels


def wrong_types(schema):
    samples = {"string": ["text"], "integer": [7], "boolean": [True], "array": [[], ["text"]],
               "object": [{}, {"a": 1}]}
    for kind in set(samples) - set(types_of(schema)):
        yield from samples[kind]
    yield octets(1.5)
    yield deep(50)
    if "string" not in types_of(schema):
        yield quoted(b"1")


def bad_texts(schema):
    longest = schema.get("maxLength", 255)
    for text in (NUL, "a" + NUL + "b", "\x01", "\x7f", "\x85", "x" * (longest + 1), "あ" * (longest + 1),
                 "x" * 100_000):
        yield text
    if not schema.get("x-multiline"):
        yield LINE
        yield "a\rb"
    if schema.get("minLength"):
        yield ""
    for raw in NOT_UTF8 + BROKEN_ESCAPES:
        yield quoted(raw)


def bad_values(description, schema):
    """(octets of a value that breaks the schema, the member inside that is wrong or None)"""
    schema = description.resolve(schema)
    kinds = types_of(schema)
    for value in wrong_types(schema):
        yield octets(value), None
    if "string" in kinds:
        yield from ((octets(v), None) for v in bad_texts(schema))
    if "integer" in kinds:
        yield from ((number.encode(), None) for number in NUMBERS if number not in ("1e2",))
        yield from ((octets(v), None) for v in (schema["minimum"] - 1, schema["maximum"] + 1))
    if "array" in kinds:
        for entry in itertools.chain(wrong_types(schema["items"]), [None, LINE, NUL, "x" * 100_000],
                                     NOT_UTF8[:0]):
            yield b"[" + octets(entry) + b"]", None
        yield octets(["x@y.example"] * (schema["maxItems"] + 1)), None
        yield octets([f"x{i}@y.example" for i in range(100_000)]), None
        yield from ((b"[" + quoted(raw) + b"]", None) for raw in NOT_UTF8)
    for name, inner in schema.get("properties", {}).items():
        for raw, deeper in bad_values(description, inner):
            yield b"{" + quoted(name.encode()) + b":" + raw + b"}", name if deeper is None else f"{name}.{deeper}"
    if "object" in kinds:
        yield octets({"unknown": 1}), "unknown"


class World:
    """An item of each resource, and bodies that are right but for the one member under test."""

    def __init__(self, test):
        self.domain = test.new_domain("bad")
        self.target = test.new_domain("bad")
        self.mailbox = test.new_mailbox(self.domain)
        self.admin = test.new_admin(self.domain)
        self.alias = f"info@{self.domain}"
        test.admin.post("/aliases", {"address": self.alias, "destinations": ["x@y.example"]})
        self.alias_domain = f"{self.domain.split('.')[0]}-too.example"
        test.admin.post("/alias-domains", {"alias_domain": self.alias_domain, "target_domain": self.target})
        test.admin.post("/transports", {"destination": self.domain, "transport": "relay:"})
        test.admin.post("/sender-access", {"sender": self.domain, "action": "DUNNO"})
        self.relay = f"relay{next(numbers)}"
        test.admin.post("/relays", {"name": self.relay, "scope": self.domain, "host": "127.0.0.1", "port": 1})
        self.numbers = {"sender-logins": test.admin.post("/sender-logins", {"sender": self.alias,
                                                                            "login": self.mailbox}).json["id"]}
        self.numbers["fetchmail"] = test.admin.post("/fetchmail", {
            "mailbox": self.mailbox, "server": "pop.example", "username": "x", "password": "x"}).json["id"]
        self.user = test.log_in(self.mailbox)

    def path(self, operation):
        key = self.domain
        if "{address}" in operation.path:
            key = self.mailbox if "mailboxes" in operation.path else self.alias
        elif "{username}" in operation.path:
            key = self.admin
        elif "alias-domains" in operation.path:
            key = self.alias_domain
        elif "{name}" in operation.path:
            key = self.relay
        elif "{id}" in operation.path:
            key = str(self.numbers[operation.path.split("/")[3]])
        path = operation.path.removeprefix(API)
        return re.sub(r"\{[a-z]+\}", lambda _: segment(key), path)

    def body(self, operation):
        """A right body, as {member: octets}."""
        number = next(numbers)
        under = operation.path.startswith(API + "/domains/{domain}/")
        place = {"local_part": f"new{number}"} if under else {"address": f"new{number}@{self.domain}"}
        bodies = {
            "session.create": {"username": self.mailbox, "password": PASSWORD},
            "me.password": {"current": PASSWORD, "new": PASSWORD + "!"},
            "me.set-forward": {"destinations": ["x@y.example"]},
            "me.offer-totp": {"password": PASSWORD},
            "me.confirm-totp": {"otp": "123456"},
            "me.disable-totp": {"password": PASSWORD, "otp": "123456"},
            "me.new-recovery-codes": {"otp": "123456"},
            "me.create-app-password": {"password": PASSWORD, "description": "x"},
            "me.set-recovery-address": {"password": PASSWORD, "recovery_address": "x@y.example"},
            "log-in.report": {"login": self.mailbox, "remote": "192.0.2.7", "protocol": "imap", "success": True},
            "domain.create": {"domain": f"new{number}.example"},
            "mailbox.create": {**place, "password": PASSWORD},
            "alias.create": {**place, "destinations": ["x@y.example"]},
            "alias-domain.create": {"alias_domain": f"new{number}.example", "target_domain": self.target},
            "password-reset.create": {"username": self.mailbox},
            "password-reset.use": {"token": "x" * 43, "new": PASSWORD + "!"},
            "token.create": {"name": "x", "scopes": ["read"]},
            "broadcast.create": {"domains": [self.domain], "subject": "x", "body": "y"},
            "letter.create": {"to": f"new{number}@{self.domain}", "subject": "x", "body": "y"},
            "transport.create": {"destination": f"new{number}.example", "transport": "relay:"},
            "sender-access.create": {"sender": f"new{number}.example", "action": "HOLD"},
            "fetchmail.create": {"mailbox": self.mailbox, "server": "pop.example", "username": "x", "password": "x"},
            "relay.create": {"name": f"new{number}", "scope": f"new{number}.example", "host": "mx.example",
                             "username": "me", "password": "x"},
            "sender-login.create": {"sender": f"new{number}@{self.domain}", "login": self.mailbox},
            "admin.create": {"username": f"new{number}@staff.example", "password": PASSWORD},
        }
        name = operation.what["operationId"].removesuffix(".in-domain")
        return {member: octets(value) for member, value in bodies.get(name, {}).items()}

    def client(self, operation, admin):
        return self.user if operation.path.startswith(API + "/me/") else admin


def joined(members):
    return b"{" + b",".join(quoted(name.encode()) + b":" + value for name, value in members) + b"}"


class EveryField(ApiTest):
    """One test for each operation that takes a body, made below."""

    def try_operation(self, operation):
        world = World(self)
        client = world.client(operation, self.admin)
        schema = Client.description.resolve(operation.body_schema)
        path = world.path(operation)
        for name, inner in schema["properties"].items():
            right = world.body(operation)
            if "local_part" in right and name == "address":
                del right["local_part"]
            before = self.place.digest()
            for raw, deeper in bad_values(Client.description, inner):
                field = name if deeper is None else f"{name}.{deeper}"
                with self.subTest(field=field, value=raw[:60]):
                    body = joined({**right, name: raw}.items())
                    self.check(client.ask(operation.method, path, raw=body), field, raw)
            self.try_twice(client, operation, path, right, name)
            self.assertEqual(self.place.digest(), before, f"{name} changed something")
        self.try_unknown(client, operation, path, world.body(operation))

    def try_twice(self, client, operation, path, right, name):
        with self.subTest(twice=name):
            value = right.get(name, b"null")
            answer = client.ask(operation.method, path,
                                raw=joined([*right.items(), (name, value), (name, value)]))
            self.assert_problem(answer, 422, **{name: "duplicate_field"})

    def try_unknown(self, client, operation, path, right):
        before = self.place.digest()
        for name in ("unknown", "Domain", "", "ID", "__proto__", "stored_password", "x" * 10_000):
            with self.subTest(unknown=name[:20]):
                answer = client.ask(operation.method, path, raw=joined([*right.items(), (name, b"1")]))
                self.assertEqual((answer.status, list(answer.errors.values())), (422, [["unknown_field"]]),
                                 answer)
                self.assertTrue(name.startswith(next(iter(answer.errors))))
        self.assertEqual(self.place.digest(), before)

    def check(self, answer, field, raw):
        self.assertIn(answer.status, (400, 413, 422), answer)
        if answer.status != 413:
            named = answer.errors
            self.assertTrue(field in named or is_no_json(raw) and named == {"body": ["malformed"]}, answer)


def is_no_json(raw):
    try:
        json.loads(raw, parse_constant=float.fromhex)
        return False
    except (ValueError, RecursionError):
        return True


def _test_for(operation):
    return lambda self: self.try_operation(operation)


for _operation in Client.description.operations:
    if _operation.body_schema:
        _name = _operation.what["operationId"].replace(".", "_").replace("-", "_")
        setattr(EveryField, f"test_{_name}", _test_for(_operation))


class Bodies(ApiTest):
    """Whole bodies that are wrong, for every operation that takes one and for those that take none."""

    WRONG = [  # body, field, code
        (b"", "body", "malformed"), (b" ", "body", "malformed"), (b"[]", "body", "wrong_type"),
        (b"[{}]", "body", "wrong_type"),
        (b"null", "body", "malformed"), (b"1", "body", "malformed"), (b'"text"', "body", "malformed"),
        (b"{", "body", "malformed"), (b'{"a"', "body", "malformed"), (b'{"a":}', "body", "malformed"),
        (b"{} {}", "body", "malformed"), (b"{},", "body", "malformed"), (b"{'a': 1}", "body", "malformed"),
        (b"{a: 1}", "body", "malformed"), (b"{/**/}", "body", "malformed"),
        (b'{"a": 1,}', "body", "malformed"),
        (b"\xef\xbb\xbf{}", "body", "malformed"), ("{}".encode("utf-16"), "body", None),
        (b"\x00", "body", None),
        (b"\xff", "body", None), (deep(100_000), "body", None), (b'{"a":' * 100_000, "body", None),
        (b"{" + b" " * 500_000, "body", None), (b"<xml/>", "body", "malformed"),
        (b"a=1&b=2", "body", "malformed"),
    ]

    def operations(self):
        return [o for o in Client.description.operations if o.body_schema]

    def test_no_object(self):
        world = World(self)
        before = self.place.digest()
        for operation, (raw, field, code) in itertools.product(self.operations(), self.WRONG):
            with self.subTest(operation=operation.name, body=raw[:40]):
                answer = world.client(operation, self.admin).ask(operation.method, world.path(operation),
                                                                 raw=raw)
                self.assertEqual((answer.status, list(answer.errors)), (422, [field]), answer)
                if code:
                    self.assertEqual(answer.errors, {field: [code]})
        self.assertEqual(self.place.digest(), before)

    def test_members_inside_members_are_named_too(self):
        path = f"/mailboxes/{World(self).mailbox}"
        for raw, field, code in ((b'{"forward": {"keep_copy": true, "keep_copy": true}}', "forward.keep_copy",
                                  "duplicate_field"),
                                 (b'{"forward": {"keep_copy": 1e400}}', "forward.keep_copy", "malformed"),
                                 (b'{"display_name": "{\\"a\\": [", "quota_bytes": 1e400}', "quota_bytes",
                                  "malformed"),
                                 (b'{"display_name": "\\ud800", "active": true}', "display_name",
                                  "malformed"),
                                 (b'{"active": true, "display_name": "\xff"}', "display_name",
                                  "bad_encoding"),
                                 (b'{"active": true, "d\xffisplay_name": 1}', "body", "bad_encoding"),
                                 (b'{"forward": {"unknown": 1}}', "forward.unknown", "unknown_field")):
            with self.subTest(body=raw):
                answer = self.admin.ask("PATCH", path, raw=raw)
                self.assertEqual((answer.status, answer.errors), (422, {field: [code]}), answer)

    def test_another_media_type(self):
        world = World(self)
        before = self.place.digest()
        for operation in self.operations():
            raw = joined(world.body(operation).items())
            for media in ("", "text/plain", "application/xml", "application/x-www-form-urlencoded",
                          "multipart/form-data",
                          "application/json; charset=shift_jis", "application/jsonx", "json",
                          "application/problem+json"):
                with self.subTest(operation=operation.name, media=media):
                    client = world.client(operation, self.admin)
                    answer = client.ask(operation.method, world.path(operation), raw=raw, media=media)
                    self.assertEqual((answer.status, list(answer.errors)), (415, ["Content-Type"]), answer)
            client = world.client(operation, self.admin)
            answer = client.ask(operation.method, world.path(operation), raw=raw,
                                headers={"Content-Encoding": "gzip"})
            self.assertEqual((answer.status, list(answer.errors)), (415, ["Content-Encoding"]), answer)
        self.assertEqual(self.place.digest(), before)

    def test_media_types_that_will_do(self):
        path = f"/domains/{self.new_domain()}"
        for media in ("application/json", "application/merge-patch+json", "Application/JSON; charset=UTF-8",
                      'application/json;charset="utf-8"'):
            self.admin.patch(path, {"description": media}, media=media)

    def test_ten_megabytes(self):
        world = World(self)
        before = self.place.digest()
        for operation in self.operations():
            with self.subTest(operation=operation.name):
                raw = b'{"description": "' + b"x" * 10_000_000 + b'"}'
                answer = world.client(operation, self.admin).ask(operation.method, world.path(operation),
                                                                 raw=raw)
                self.assertEqual((answer.status, answer.errors), (413, {"body": ["too_large"]}), answer)
        self.assertEqual(self.place.digest(), before)

    def test_ten_megabytes_in_pieces(self):
        """Nothing says beforehand how long it is."""
        piece = b"x" * 100_000
        head = (b"POST /api/v1/domains HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                b"Connection: close\r\n\r\n")
        chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
        status = self.stranger().send_octets(head + chunk * 100 + b"0\r\n\r\n")
        self.assertIn(status, (413, None))

    def test_where_none_is_expected_it_is_left_alone(self):
        path = f"/domains/{self.new_domain()}"
        self.admin.expect(200, "GET", path, raw=b"\xff{", media="text/plain")
        self.admin.expect(204, "DELETE", path, raw=b"\xff{", media="text/plain")


class Keys(ApiTest):
    """What stands in the path of an item."""

    WRONG = ["%00", "a%00@b.example", "%0A", "a%0A@b.example", "%FF", "%C0%80", "%ED%A0%80", "%", "%zz", "%2",
             "a@b@c.example",
             "a%20b", "@", "..", "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd", "a%2Fb.example", "-", "'%20OR%201=1",
             "x" * 65 + "@b.example",
             "x@" + "y" * 64 + ".example", "x" * 300, "x" * 2000, "あ" * 300, "%e2%80%ae@b.example", "*",
             "null", "{address}"]

    def test_wrong_keys(self):
        operations = [o for o in Client.description.operations if "{" in o.path]
        user = self.log_in(self.new_mailbox(self.new_domain()))
        before = self.place.digest()
        for operation, key in itertools.product(operations, self.WRONG):
            with self.subTest(operation=operation.name, key=key[:40]):
                part = segment(key) if not key.isascii() else key
                path = re.sub(r"\{[a-z]+\}", lambda _: part, operation.path.removeprefix(API))
                client = self.admin if operation.permit["super_admin"] != "none" else user
                answer = client.ask(operation.method, path, {} if operation.body_schema else None)
                self.assertIn(answer.status, (400, 404, 422), answer)
        self.assertEqual(self.place.digest(), before)

    def test_an_address_of_100_kilobytes(self):
        client = self.stranger()
        cookie = f"postreeve_session={self.admin.cookie}".encode()
        for path in (b"/api/v1/mailboxes/" + b"x" * 100_000 + b"@b.example",
                     b"/api/v1/domains/" + b"%41" * 33_000,
                     b"/api/v1/mailboxes?search=" + b"x" * 100_000, b"/" + b"x" * 100_000):
            with self.subTest(path=path[:30]):
                head = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nCookie: " + cookie + b"\r\nConnection: close\r\n\r\n"
                self.assertIn(client.send_octets(head), (400, 413, 414, 431, None))

    def test_requests_that_are_none(self):
        client = self.stranger()
        base = b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        for head in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"\r\n" * 1000,
                     b"\x00" * 1000,
                     b"GET /api/v1/session HTTP/9.9\r\n\r\n",
                     b"GET /api/v1/session\x00x HTTP/1.1\r\nHost: x\r\n\r\n",
                     base + b"Cookie: " + b"x" * 100_000 + b"\r\n\r\n", base + b"X: y\r\n" * 10_000 + b"\r\n",
                     base + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                     base + b"Content-Length: -1\r\n\r\n",
                     base + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     base + b"Transfer-Encoding: gzip\r\n\r\n", base + b"Cookie: \xff\xfe\r\n\r\n",
                     base + b"X-CSRF-Token: a\r\nX-CSRF-Token: b\r\n\r\n"):
            with self.subTest(head=head[-60:]):
                self.assertIn(client.send_octets(head), (400, 401, 413, 431, 505, None))
        client.get("/openapi.json")

    def test_methods_that_are_none(self):
        domain = self.new_domain()
        for method, path in (("PUT", "/domains"), ("DELETE", "/domains"), ("PUT", f"/domains/{domain}"),
                             ("POST", "/log"),
                             ("BREW", "/domains"), ("PATCH", "/session"), ("TRACE", "/domains"),
                             ("POST", "//healthz")):
            with self.subTest(method=method, path=path):
                answer = self.admin.ask(method, path)
                self.assertEqual(answer.status, 405, answer)
                self.assertIn("GET", answer.headers["Allow"])
                self.assertNotIn(method, answer.headers["Allow"].split(", "))

    def test_paths_that_are_none(self):
        for path in ("/nothing", "/domains/", "/domains/a.example/mailboxes/x", "/domains//mailboxes",
                     "//api/v2/domains", "//api/",
                     "/Domains", "/domains/../session", "/mailboxes/a@b.example/"):
            with self.subTest(path=path):
                self.assertEqual(self.admin.ask("GET", path).status, 404)

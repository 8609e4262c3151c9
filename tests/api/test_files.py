"""The web interface's files, from a web_root of this test: nonce, compression, caching, and nothing else to be had."""
import gzip
import http.client
import os
import pathlib
import re
import tempfile

from case import ApiTest
from place import main_place, scratch

INDEX = '<!doctype html><style nonce="__CSP_NONCE__"></style><meta name="n" content="__CSP_NONCE__">'
SCRIPT = b"console.log('page');" * 200
IMMUTABLE = "public, max-age=31536000, immutable"


def make_web_root():
    root = pathlib.Path(tempfile.mkdtemp(dir=scratch, prefix="web."))
    (root / "assets").mkdir()
    (root / "index.html").write_text(INDEX)
    (root / "assets/index-1a2b3c4d.js").write_bytes(SCRIPT)
    (root / "assets/index-1a2b3c4d.js.gz").write_bytes(gzip.compress(SCRIPT))
    (root / "assets/index-1a2b3c4d.js.br").write_bytes(b"brotli stands here")
    (root / "assets/plain-55.css").write_text("a{}")
    (root / "favicon.svg").write_text("<svg/>")
    (root / ".secret").write_text("secret")
    (root / "not-a-type.xyz").write_text("?")
    os.symlink("/etc/passwd", root / "passwd.txt")
    (root.parent / "outside.txt").write_text("outside")
    return root


class Files(ApiTest):
    @classmethod
    def setUpClass(cls):
        cls.service = main_place().service(server={"web_root": str(make_web_root())})
        cls.addClassCleanup(cls.service.stop)

    def ask(self, path, method="GET", **headers):
        client = self.service.client()
        self.addCleanup(client.close)
        return client.ask(method, "/" + path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def test_each_index_has_a_nonce_of_its_own(self):
        nonces = set()
        for _ in range(5):
            answer = self.ask("/")
            found = re.findall(r'(?:nonce|content)="([^"]+)"', answer.body.decode())
            policy = answer.headers["Content-Security-Policy"]
            self.assertEqual(len(found), 2)
            self.assertEqual(len(set(found)), 1)
            self.assertRegex(found[0], r"^[A-Za-z0-9_-]{22,}$")
            self.assertIn(f"style-src 'self' 'nonce-{found[0]}'", policy)
            self.assertNotIn("__CSP_NONCE__", answer.body.decode())
            nonces.add(found[0])
        self.assertEqual(len(nonces), 5)

    def test_the_policy_of_the_page(self):
        directives = dict(d.strip().partition(" ")[::2] for d in self.ask("/").headers["Content-Security-Policy"].split(";"))
        directives["style-src"] = re.sub("'nonce-[^']+'", "'nonce'", directives["style-src"])
        self.assertEqual(directives, {
            "default-src": "'none'", "script-src": "'self'", "style-src": "'self' 'nonce'",
            "img-src": "'self' data:",
            "font-src": "'self'", "connect-src": "'self'", "base-uri": "'none'", "form-action": "'self'",
            "frame-ancestors": "'none'"})

    def test_pages_without_an_extension_are_the_index(self):
        for path in ("/", "/index.html", "/domains", "/domains/x/mailboxes", "/mailboxes/taro", "/assets",
                     "/assets/"):
            with self.subTest(path=path):
                answer = self.ask(path)
                self.assertEqual((answer.status, answer.headers["Content-Type"]),
                                 (200, "text/html; charset=utf-8"))
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
                self.assertIn("<!doctype html>", answer.body.decode())

    def test_hashed_names_never_change(self):
        answer = self.ask("/assets/index-1a2b3c4d.js")
        self.assertEqual(answer.body, SCRIPT)
        self.assertEqual(answer.headers["Cache-Control"], IMMUTABLE)
        self.assertEqual(answer.headers["Content-Type"], "text/javascript; charset=utf-8")
        self.assertEqual(self.ask("/favicon.svg").headers["Cache-Control"], "no-cache")
        self.assertEqual(self.ask("/favicon.svg").headers["Content-Type"], "image/svg+xml")

    def test_compression(self):
        path = "/assets/index-1a2b3c4d.js"
        for accepted, coding in (("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br", "br"),
                                 ("GZIP;q=0.5", "gzip"), ("identity", None),
                                 ("br;q=0, gzip", "gzip"), ("gzip;q=0", None), ("deflate", None), ("", None),
                                 ("nonsense;;;q=", None)):
            with self.subTest(accepted=accepted):
                answer = self.ask(path, Accept_Encoding=accepted)
                self.assertEqual(answer.headers["Content-Encoding"], coding)
                self.assertEqual(answer.headers["Vary"], "Accept-Encoding")
                body = gzip.decompress(answer.body) if coding == "gzip" else answer.body
                self.assertEqual(body, b"brotli stands here" if coding == "br" else SCRIPT)
        self.assertIsNone(self.ask("/assets/plain-55.css",
                                   Accept_Encoding="gzip, br").headers["Content-Encoding"])

    def test_each_coding_is_a_version_of_its_own(self):
        tags = {self.ask("/assets/index-1a2b3c4d.js", Accept_Encoding=a).etag for a in ("br", "gzip",
                                                                                        "identity")}
        self.assertEqual(len(tags), 3)

    def test_not_modified(self):
        path = "/assets/index-1a2b3c4d.js"
        etag = self.ask(path).etag
        for given, status in ((etag, 304), (f'"x", {etag}', 304), (f"W/{etag}", 304), ("*", 304),
                              ('"x"', 200), ("x", 200)):
            with self.subTest(given=given):
                answer = self.ask(path, If_None_Match=given)
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.etag, etag)
                self.assertEqual(answer.headers["Cache-Control"], IMMUTABLE)
                if status == 304:
                    self.assertEqual(answer.body, b"")

    def test_head(self):
        for path in ("/", "/favicon.svg", "/assets/index-1a2b3c4d.js", "/healthz", "/api/v1/openapi.json"):
            with self.subTest(path=path):
                full, head = self.ask(path), self.ask(path, "HEAD")
                self.assertEqual((head.status, head.body), (200, b""))
                self.assertEqual(head.headers["Content-Type"], full.headers["Content-Type"])
                self.assertEqual(head.headers["Content-Length"], str(len(full.body)))

    def test_other_methods(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "BREW"):
            answer = self.ask("/favicon.svg", method)
            self.assertEqual(answer.status, 405)
            self.assertIn("GET", answer.headers["Allow"])

    def test_nothing_else_is_to_be_had(self):
        for path in ("/.secret", "/passwd.txt", "/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt",
                     "/assets/../.secret",
                     "/assets/%2e%2e/favicon.svg.bak", "/nothing.js", "/assets/index-1a2b3c4d.js/x.y",
                     "/favicon.svg%00.html",
                     "//etc/passwd.txt", "/favicon.svg/../.secret"):
            with self.subTest(path=path):
                connection = http.client.HTTPConnection("127.0.0.1", int(self.service.url.rpartition(":")[2]))
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read()
                self.assertIn(answer.status, (400, 404))
                self.assertNotIn(b"root:", body)
                connection.close()

    def test_an_interface_that_is_not_built(self):
        with main_place().service(server={"web_root": str(scratch / "nowhere")}) as service:
            answer = service.client().expect(200, "GET", "//")
            self.assertIn("not built", answer.body.decode())

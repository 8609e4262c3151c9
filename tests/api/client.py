"""One HTTP client of the API, which looks at every answer it gets.

Whatever a test is about, each answer must carry the security headers, must be as openapi.json says, and an error must
be problem+json. So these are checked here, once, for all.
"""
import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
API = "/api/v1"
PLAIN = "text/plain; charset=utf-8"  # what the places beside the API speak
DESCRIPTION = API + "/openapi.json"

called = set()  # names of operations that were answered with success, over the whole run


def segment(text):
    """A domain or an address, as it stands in a path."""
    return quote(text, safe="@")


@dataclass
class Answer:
    method: str
    path: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def etag(self):
        return self.headers["ETag"]

    @property
    def errors(self):
        """{field: [codes]} of a problem."""
        found = {}
        for e in self.json["errors"]:
            found.setdefault(e["field"], []).append(e["code"])
        return found

    def __str__(self):
        return f"{self.method} {self.path:.100}: {self.status} {self.body[:300].decode(errors='replace')}"


def faults_of(answer, description):
    """What is wrong with an answer, whatever it was asked for."""
    found = [f"{name} is {answer.headers[name]!r}" for name, value in SECURITY.items()
             if answer.headers[name] != value]
    policy = answer.headers["Content-Security-Policy"] or ""
    if "default-src 'none'" not in policy or "unsafe" in policy or "frame-ancestors 'none'" not in policy:
        found.append(f"Content-Security-Policy is {policy!r}")
    if not answer.headers["Permissions-Policy"]:
        found.append("Permissions-Policy is missing")
    path = answer.path.split("?")[0]
    if path.startswith(API + "/") and path != DESCRIPTION and answer.headers["Cache-Control"] != "no-store":
        found.append(f"Cache-Control is {answer.headers['Cache-Control']!r}")
    if answer.status == 500:
        found.append("500 is never right")
    if answer.status in (429, 503) and not (answer.headers["Retry-After"] or "").isdigit():
        found.append("Retry-After is missing")
    if answer.method != "HEAD":
        found += _content_faults(answer, path, description)
    return found


def _content_faults(answer, path, description):
    if answer.status >= 400 and (path.startswith(API) or answer.headers["Content-Type"] != PLAIN):
        return _problem_faults(answer, description)
    operation = description and description.find(answer.method, path)
    if not operation:
        return []
    status, response = operation.success
    if answer.status != status:
        return [f"openapi.json promises {status}"]
    if "content" not in response:
        return ["a body that openapi.json does not know"] if answer.body else []
    [(media, content)] = response["content"].items()
    if answer.headers["Content-Type"] != media:
        return [f"Content-Type is {answer.headers['Content-Type']!r}"]
    return description.faults(answer.json, content["schema"])


def _problem_faults(answer, description):
    if answer.headers["Content-Type"] != "application/problem+json":
        return [f"an error of Content-Type {answer.headers['Content-Type']!r}"]
    problem = answer.json
    found = [] if problem["status"] == answer.status else [f"the problem says status {problem['status']}"]
    if description:
        found += description.faults(problem, {"$ref": "#/components/schemas/Problem"})
    return found


class Client:
    """Keeps a connection, a cookie and the CSRF token, as a browser does."""

    description = None  # of the API, once it is known; shared

    def __init__(self, url, timeout=60):
        parts = urlsplit(url)
        self.host, self.port, self.timeout = parts.hostname, parts.port, timeout
        self.connection = None
        self.cookie = self.csrf = None
        self.token = None  # of the API; then no cookie is sent

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def ask(self, method, path, body=None, headers=None, *, raw=None, media=None, csrf=True):
        """`body` is sent as JSON, `raw` as it is. `path` below /api/v1, or anything with a leading //."""
        path = path[1:] if path.startswith("//") else API + path
        sent = dict(headers or {})
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None and media != "":
            sent["Content-Type"] = media or ("application/merge-patch+json" if method == "PATCH" else "application/json")
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if self.cookie:
            sent["Cookie"] = f"postreeve_session={self.cookie}"
        if self.cookie and csrf and method in UNSAFE:
            sent.setdefault("X-CSRF-Token", self.csrf)
        answer = self._exchange(method, path, raw, sent)
        self._look_at(answer)
        return answer

    def _exchange(self, method, path, raw, headers):
        if not self.connection:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body=raw, headers=headers)
            got = self.connection.getresponse()
            answer = Answer(method, path, got.status, got.headers, got.read())
        except Exception:
            self.close()
            raise
        return answer

    def _look_at(self, answer):
        faults = faults_of(answer, self.description)
        if faults:
            raise AssertionError(f"{answer}\n  " + "\n  ".join(faults))
        if self.description and answer.status < 300:
            operation = self.description.find(answer.method, answer.path.split("?")[0])
            if operation:
                called.add(operation.name)

    def expect(self, status, method, path, body=None, headers=None, **more):
        answer = self.ask(method, path, body, headers, **more)
        if answer.status != status:
            raise AssertionError(f"not {status}, but {answer}\n  asked with {body!r:.300}")
        return answer

    def get(self, path, **more):
        return self.expect(200, "GET", path, **more).json

    def post(self, path, body, **more):
        return self.expect(201, "POST", path, body, **more)

    def patch(self, path, body, **more):
        return self.expect(200, "PATCH", path, body, **more)

    def delete(self, path, **more):
        return self.expect(204, "DELETE", path, **more)

    def log_in(self, username, password, **more):
        answer = self.post("/session", {"username": username, "password": password}, **more)
        self.take_cookie(answer)
        return self

    def take_cookie(self, answer):
        self.cookie = answer.headers["Set-Cookie"].split(";")[0].partition("=")[2]
        self.csrf = answer.json["csrf_token"]

    def send_octets(self, octets):
        """What no HTTP library would send; gives the status, or None when the server just closed."""
        with socket.create_connection((self.host, self.port), timeout=self.timeout) as s:
            got = b""
            try:  # it may be gone before it has heard all
                s.sendall(octets)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            try:
                while more := s.recv(65536):
                    got += more
            except OSError:
                pass
        return int(got.split()[1]) if got.startswith(b"HTTP/1.") else None

"""tests/stack/smarthost.py - a smart host: an SMTP server that relays only after a log-in, with TLS

Its certificate is for `localhost`, and made for the run. What it took is in `letters`: (login, encrypted, sender, recipients).
"""
import base64
import contextlib
import os
import socketserver
import ssl
import threading

import stack


def certificate():
    def make():
        base = os.path.join(stack.directory(), "smarthost")
        stack.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                  "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", base + ".key", "-out",
                  base + ".crt")
        return base
    return stack.shared("smarthost certificate", make)


class Session(socketserver.StreamRequestHandler):
    def secure(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate() + ".crt", certificate() + ".key")
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.encrypted = True

    def handle(self):
        self.encrypted, self.login, self.sender, self.recipients = False, None, None, []
        with contextlib.suppress(OSError):
            if self.server.host.wrapped:
                self.secure()
            self.say(b"220 localhost ESMTP")
            while self.answer(self.rfile.readline()):
                pass

    def say(self, *lines):
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))

    def answer(self, raw):
        host, line = self.server.host, raw.decode("utf-8", "replace").strip()
        word = line.upper()
        if word.startswith("EHLO"):
            self.say(b"250-localhost", b"250-AUTH PLAIN" if self.encrypted else b"250-STARTTLS", b"250 8BITMIME")
        elif word == "STARTTLS":
            self.say(b"220 go on")
            self.secure()
        elif word.startswith("AUTH PLAIN "):
            _, name, password = base64.b64decode(line.split()[2]).decode().split("\0")
            fits = host.accounts.get(name) == password
            self.login = name if fits else None
            host.tried.append((name, password))
            self.say(b"235 2.7.0 fine" if fits else b"535 5.7.8 Authentication failed")
        elif word.startswith("MAIL") and not self.login and host.asks_at == "MAIL":
            self.say(b"530 5.7.0 Authentication required")
        elif word.startswith("RCPT") and not self.login and host.asks_at == "RCPT":
            self.say(b"554 5.7.1 Relay access denied")
        elif word.startswith("RCPT") and "<nobody@" in line:
            self.say(b"550 5.1.1 No such user")
        elif word == "DATA":
            self.say(b"354 go on")
            while self.rfile.readline() not in (b".\r\n", b""):
                pass
            host.letters.append((self.login, self.encrypted, self.sender, self.recipients))
            self.say(b"250 2.0.0 taken")
        else:
            if word.startswith("MAIL"):
                self.sender, self.recipients = line.split("<")[1].split(">")[0], []
            elif word.startswith("RCPT"):
                self.recipients.append(line.split("<")[1].split(">")[0])
            self.say(b"221 bye" if word == "QUIT" else b"250 fine")
        return raw and word != "QUIT"


class SmartHost:
    def __init__(self, accounts, wrapped=False, asks_at="MAIL"):
        self.accounts, self.wrapped, self.asks_at = accounts, wrapped, asks_at
        self.letters, self.tried = [], []
        self.port = stack.free_port()
        certificate()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        server = Server(("127.0.0.1", self.port), Session)
        server.host = self
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        stack.closing(server.server_close)
        stack.closing(server.shutdown)

    def wait_for(self, recipient):
        """(login, encrypted, sender) of the letter to it"""
        def found():
            return [letter[:3] for letter in self.letters if recipient in letter[3]]
        return stack.wait_until(found, f"the letter to {recipient} at the smart host")[0]

"""A mail server that takes letters and keeps them: what it was given, on which connection, and whom it refuses."""
import base64
import email
import email.policy
import socketserver
import threading


class Sink:
    """`letters` are (recipient, message), in their order. A local part that begins with "refused" is none here (550), one
    that begins with "later" is never welcome now (451). While `free` is not set, the end of a letter is not
    answered. With `log_in` it takes every AUTH PLAIN, and keeps what was said there."""

    def __init__(self, log_in=False):
        self.letters, self.log_ins = [], []
        self.connections = 0
        self.free = threading.Event()
        self.free.set()
        sink = self

        class Session(socketserver.StreamRequestHandler):
            def say(self, words):
                self.wfile.write(words.encode() + b"\r\n")

            def handle(self):
                sink.connections += 1
                self.say("220 sink.test ESMTP")
                recipient = ""
                try:
                    while line := self.rfile.readline():
                        recipient = self.answer(line.decode().strip(), recipient)
                        if recipient is None:
                            return
                except OSError:
                    pass  # the other side is gone

            def answer(self, line, recipient):
                word = line[:4].upper()
                if word == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    local = recipient.strip('"')
                    self.say("550 5.1.1 no such user" if local.startswith("refused") else
                             "451 4.2.0 not now" if local.startswith("later") else "250 fine")
                elif word == "DATA":
                    self.say("354 go on")
                    self.take(recipient)
                    self.say("250 2.0.0 queued")
                elif word == "EHLO" and log_in:
                    self.say("250-sink.test\r\n250 AUTH PLAIN")
                elif word == "AUTH":
                    sink.log_ins.append(self.password(line.split()))
                    self.say("235 welcome")
                elif word == "QUIT":
                    self.say("221 bye")
                    return None
                else:
                    self.say("250 fine")
                return recipient

            def password(self, words):
                """RFC 4616: at once or when asked for it."""
                if len(words) == 2:
                    self.say("334 ")
                    words.append(self.rfile.readline().decode().strip())
                return base64.b64decode(words[2]).split(b"\0")[2].decode()

            def take(self, recipient):
                octets = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    octets += line.removeprefix(b".") if line.startswith(b"..") else line
                sink.letters.append((recipient, email.message_from_bytes(octets, policy=email.policy.default)))
                sink.free.wait()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Session)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.free.set()
        self.server.shutdown()
        self.server.server_close()

    def recipients(self):
        return [recipient for recipient, _ in self.letters]

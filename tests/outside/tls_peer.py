"""The other end of a line with TLS: one certificate made for NAME, and a server on the loopback.

    tls_peer.py starttls|wrapped|https NAME [expired]

Prints its port and the file with the certificate of its authority, and serves until its standard input ends.
As an SMTP server it lets hana in, whose password is s3cret-word.
"""
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

ACCOUNT = b"AGhhbmEAczNjcmV0LXdvcmQ=\r\n"


AUTHORITY = """[ca]
default_ca = own
[own]
new_certs_dir = {0}
database = {0}/database
serial = {0}/serial
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {1}
"""


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stderr=subprocess.DEVNULL)


def make_certificate(directory, name, expired):
    """Signed by itself. `openssl req` makes none that has expired, `openssl ca` does."""
    key, file, request, authority = (os.path.join(directory, it) for it in ("key", "certificate", "request", "authority"))
    with open(authority, "w") as out:
        out.write(AUTHORITY.format(directory, ("IP:" if name[0].isdigit() else "DNS:") + name))
    open(os.path.join(directory, "database"), "w").close()
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
            "-out", request, "-subj", "/CN=" + name)
    openssl("ca", "-batch", "-selfsign", "-notext", "-create_serial", "-config", authority, "-keyfile", key, "-in", request,
            "-out", file, *(("-startdate", "200101000000Z", "-enddate", "200102000000Z") if expired else ("-days", "2")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return context, file


def speak_smtp(line, context, secured):
    stream = line.makefile("rwb", buffering=0)
    stream.write(b"220 peer.test ESMTP\r\n")
    while command := stream.readline():
        word = command.split()[0].upper() if command.split() else b""
        if word == b"EHLO":
            stream.write(b"250-peer.test\r\n250 AUTH PLAIN\r\n" if secured else b"250-peer.test\r\n250 STARTTLS\r\n")
        elif word == b"STARTTLS":
            stream.write(b"220 go ahead\r\n")
            line = context.wrap_socket(line, server_side=True)
            stream, secured = line.makefile("rwb", buffering=0), True
        elif word == b"AUTH":
            stream.write(b"334 \r\n")
            stream.write(b"235 2.7.0 welcome\r\n" if stream.readline() == ACCOUNT else b"535 5.7.8 wrong\r\n")
        elif word == b"DATA":
            stream.write(b"354 go on\r\n")
            while stream.readline() not in (b".\r\n", b""):
                pass
            stream.write(b"250 2.0.0 Ok: queued over TLS\r\n")
        elif word == b"QUIT":
            stream.write(b"221 2.0.0 Bye\r\n")
            return
        else:
            stream.write(b"250 ok\r\n")


def speak_http(line):
    stream = line.makefile("rwb", buffering=0)
    length = 0
    while (head := stream.readline()) not in (b"\r\n", b""):
        if head.lower().startswith(b"content-length:"):
            length = int(head.split(b":")[1])
    while length > 0:
        length -= len(stream.read(length))
    stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def serve(listener, context, mode):
    while True:
        line, _ = listener.accept()
        try:
            if mode != "starttls":
                line = context.wrap_socket(line, server_side=True)
            if mode == "https":
                speak_http(line)
            else:
                speak_smtp(line, context, mode == "wrapped")
        except OSError:
            pass  # a client that does not trust us goes away
        finally:
            line.close()


def main():
    mode, name = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as directory:
        context, file = make_certificate(directory, name, "expired" in sys.argv[3:])
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(listener, context, mode), daemon=True).start()
        print(listener.getsockname()[1], file, flush=True)
        sys.stdin.read()


main()

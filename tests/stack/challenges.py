"""tests/stack/challenges.py - the client's side of SASL mechanisms that do not show the password

Each logs in over an SMTP session after EHLO and gives the code that ended it. SCRAM also proves that the server knows the
password, which is asserted.
"""
import base64
import hashlib
import hmac
import os
import re


def encode(octets):
    return base64.b64encode(octets).decode()


def challenge(session, command):
    """(code, what the server sent)"""
    code, words = session.docmd(command)
    return code, base64.b64decode(words) if code == 334 else words


def cram_md5(session, name, password):
    """RFC 2195"""
    code, nonce = challenge(session, "AUTH CRAM-MD5")
    assert code == 334, (code, nonce)
    proof = hmac.new(password.encode(), nonce, "md5").hexdigest()
    return session.docmd(encode(f"{name} {proof}".encode()))[0]


def digest_md5(session, name, password):
    """RFC 2831"""
    def md5(octets):
        return hashlib.md5(octets).digest()
    code, words = challenge(session, "AUTH DIGEST-MD5")
    assert code == 334, (code, words)
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', words.decode()))
    realm, nonce, cnonce, uri = given.get("realm", ""), given["nonce"], os.urandom(8).hex(), "smtp/mail.stack.test"
    secret = md5(f"{name}:{realm}:{password}".encode()) + f":{nonce}:{cnonce}".encode()
    asked = f"AUTHENTICATE:{uri}".encode()
    proof = md5(f"{md5(secret).hex()}:{nonce}:00000001:{cnonce}:auth:{md5(asked).hex()}".encode()).hex()
    code, words = challenge(session, encode(
        f'charset=utf-8,username="{name}",realm="{realm}",nonce="{nonce}",nc=00000001,cnonce="{cnonce}",digest-uri="{uri}",'
        f"response={proof},qop=auth".encode()))
    return session.docmd("")[0] if code == 334 else code


def scram(session, name, password, algorithm):
    """RFC 5802, RFC 7677"""
    mechanism = {"sha1": "SCRAM-SHA-1", "sha256": "SCRAM-SHA-256"}[algorithm]

    def mac(key, text):
        return hmac.new(key, text.encode(), algorithm).digest()
    first = f"n={name},r={os.urandom(12).hex()}"
    code, words = challenge(session, f"AUTH {mechanism} " + encode(b"n,," + first.encode()))
    if code != 334:
        return code
    given = dict(part.split("=", 1) for part in words.decode().split(","))
    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), base64.b64decode(given["s"]), int(given["i"]))
    last = "c=biws,r=" + given["r"]
    whole = f"{first},{words.decode()},{last}"
    key = mac(salted, "Client Key")
    proof = bytes(a ^ b for a, b in zip(key, mac(hashlib.new(algorithm, key).digest(), whole)))
    code, words = challenge(session, encode(f"{last},p={encode(proof)}".encode()))
    if code != 334:
        return code
    assert words.decode() == "v=" + encode(mac(mac(salted, "Server Key"), whole)), words
    return session.docmd("")[0]


METHODS = {
    "CRAM-MD5": cram_md5,
    "DIGEST-MD5": digest_md5,
    "SCRAM-SHA-1": lambda session, name, password: scram(session, name, password, "sha1"),
    "SCRAM-SHA-256": lambda session, name, password: scram(session, name, password, "sha256"),
}


def answer(postfix, name, password, method):
    with postfix.connect("submission") as session:
        session.ehlo()
        return METHODS[method](session, name, password)

#!/usr/bin/python3
"""tests/bench/letters.py - letters a second, from smtp-source to the Maildir, by how Postfix asks its maps

Run by tests/bench/run, as root. Three private instances of Postfix (tests/stack/stack.py) that differ in render's --maps alone; the
legs alternate, a burst of letters to as many mailboxes each. A leg ends when the last letter lies in its Maildir.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/stack"))
sys.dont_write_bytecode = True
import stack  # noqa: E402

FORMS = ("mysql", "proxy", "lmdb")
DOMAIN = "letters.bench.example"
SESSIONS = 8


class Site(stack.Site):
    """The one that tests/bench/run has filled."""

    def __init__(self):
        for name in ("BIN", "CONFIG", "DATA", "ROOT_CNF"):
            setattr(self, name.lower(), os.environ["POSTREEVE_" + name])
        self.vmail = os.path.join(stack.directory(), "vmail")
        os.mkdir(self.vmail, 0o755)
        os.chown(self.vmail, stack.MAIL_UID, stack.MAIL_UID)
        with open(self.config, encoding="utf-8") as file:
            settings = file.read() + stack.POSTFIX_SETTINGS + f"\n[mail]\nvirtual_mailbox_base = {self.vmail}\n"
        self.config = stack.write(os.path.join(self.data, "letters.conf"), settings, 0o600)

    def fill(self, count):
        """smtp-source puts a number before each recipient."""
        self.sql(f"INSERT IGNORE INTO domain (domain) VALUES ('{DOMAIN}');"
                 "INSERT IGNORE INTO mailbox (username, password, maildir, local_part, domain)"
                 f" SELECT CONCAT(seq, 'u@{DOMAIN}'), 'x', CONCAT('{DOMAIN}/', seq, 'u/'), CONCAT(seq, 'u'), '{DOMAIN}'"
                 f" FROM seq_0_to_{count};"
                 "INSERT IGNORE INTO alias (address, goto, domain) SELECT username, username, domain FROM mailbox"
                 f" WHERE domain = '{DOMAIN}'")


def arrived(postfix):
    with open(postfix.log, "rb") as file:
        return file.read().count(b"status=sent")


def burst(postfix, count):
    """Letters a second."""
    before, began = arrived(postfix), time.monotonic()
    stack.run("smtp-source", "-d", "-N", "-s", str(SESSIONS), "-m", str(count), "-l", "2000", "-f", "someone@far.test",
              "-t", f"u@{DOMAIN}", f"127.0.0.1:{postfix.ports['smtp']}")
    stack.wait_until(lambda: arrived(postfix) >= before + count, f"{count} letters", seconds=300, every=0.01)
    return count / (time.monotonic() - began)


def instance(form):
    postfix = stack.Postfix("bench-" + form, "--maps", form)
    postfix.postconf("-e", "smtpd_client_message_rate_limit = 0", "smtpd_client_connection_rate_limit = 0",
                     "smtpd_client_recipient_rate_limit = 0", "smtpd_client_connection_count_limit = 0", "in_flow_delay = 0")
    return postfix.start()


def main():
    options = argparse.ArgumentParser(allow_abbrev=False)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--letters", type=int, default=1000)
    given = options.parse_known_args()[0]
    if os.geteuid() != 0:
        sys.exit("letters: needs root, as Postfix does")
    try:
        site = stack.shared("site", Site)
        site.fill(given.letters)
        began = time.monotonic()
        postfixes = {form: instance(form) for form in FORMS}
        print(f"\nletters: {given.letters} to as many mailboxes, {SESSIONS} sessions, {given.rounds} rounds"
              f" (three configurations were rendered in {time.monotonic() - began:.0f} s)")
        for postfix in postfixes.values():
            burst(postfix, SESSIONS)  # processes and connections are there then
        rates = {form: [] for form in FORMS}
        for _ in range(given.rounds):
            for form, postfix in postfixes.items():
                rates[form].append(burst(postfix, given.letters))
        for form in FORMS:
            each = rates[form]
            ratio = statistics.median(a / b for a, b in zip(each, rates["lmdb"]))
            print(f"  {form:6} {statistics.median(each):7.0f} letters/s ({min(each):.0f} to {max(each):.0f}),"
                  f" {ratio:.2f} of lmdb")
    finally:
        stack.close()


if __name__ == "__main__":
    main()

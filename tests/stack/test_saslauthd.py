"""tests/stack/test_saslauthd.py - log-in through saslauthd, which tries it at an IMAP server: Dovecot's and Courier's"""
import os
import unittest

import apart
import stack


def tried_at(server):
    """A Postfix whose saslauthd asks that server."""
    def make():
        stack.world()
        directory = os.path.join(stack.directory(), "saslauthd-" + server)
        port = stack.free_port()
        postfix = stack.Postfix("rimap-" + server, "--sasl", "saslauthd", enter=apart.namespace().enter,
                                settings=f"[sasl]\ndefault_domain = example.jp\nimap_server = {server}\nimap_port = {port}\n"
                                         f"saslauthd_directory = {directory}\n")
        apart.put_smtpd_conf(postfix)
        postfix.start()  # Dovecot has a socket in its queue directory
        if server == "dovecot":
            stack.Dovecot(postfix, "imap")
        else:
            postfix.courier = apart.CourierImap(postfix.rendered)
        stack.wait_until(lambda: stack.answers(port), f"{server}'s port for saslauthd")
        postfix.saslauthd = apart.saslauthd(postfix, directory)
        postfix.mux = os.path.join(directory, "mux")
        return postfix
    return stack.shared("tried_at_" + server, make)


class AtDovecot(apart.LogIns, unittest.TestCase):
    kind = "rimap-dovecot"

    def setUp(self):
        self.postfix = tried_at("dovecot")

    def test_only_by_its_group(self):
        self.assertTrue(apart.may_connect(self.postfix.mux, groups=True))
        self.assertFalse(apart.may_connect(self.postfix.mux, groups=False))

    def test_app_passwords(self):
        site, name = stack.site(), "apps-rimap@example.jp"
        site.mailbox(name)
        made = site.made_app_password(name, "program")
        self.assert_code(235, name, made["app_password"])
        site.api("DELETE", f"/app-passwords/{made['id']}")
        self.assert_code(535, name, made["app_password"])


class AtCourier(apart.LogIns, unittest.TestCase):
    kind = "rimap-courier"
    # It makes who fails wait for five seconds, and what is behind it test_courier has been through.
    SCHEMES = ("sha512crypt",)
    BREAK_OUTS = [(name, password) for name, password in apart.LogIns.BREAK_OUTS if "\n" in password]

    def setUp(self):
        self.postfix = tried_at("courier")
        self.receives("taro@example.jp")

    def receives(self, name):
        if not stack.site().letters(name):
            stack.site().wait_for(name, stack.world().send(name))

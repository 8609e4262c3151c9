"""tests/stack/test_courier.py - log-in through Courier's authdaemond, and reading by Courier IMAP, which asks it too"""
import imaplib
import os
import unittest

import apart
import stack

SETTINGS = "[sasl]\ndefault_domain = example.jp\n"


def by_authdaemond():
    def make():
        stack.world()
        postfix = stack.Postfix("postfix-authdaemond", "--sasl", "authdaemond", settings=SETTINGS, enter=apart.namespace().enter)
        apart.put_smtpd_conf(postfix)
        apart.authdaemond(postfix.rendered)
        return postfix.start()
    return stack.shared("by_authdaemond", make)


class Authdaemond(apart.LogIns, unittest.TestCase):
    kind = "authdaemond"

    def setUp(self):
        self.postfix = by_authdaemond()

    def test_only_by_its_group(self):
        self.assertTrue(apart.may_connect(apart.SOCKET, groups=True))
        self.assertFalse(apart.may_connect(apart.SOCKET, groups=False))

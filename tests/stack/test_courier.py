"""tests/stack/test_courier.py - log-in through Courier's authdaemond, and reading by Courier IMAP, which asks it too"""
import imaplib
import os
import unittest

import apart
import stack
import test_saslauthd

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


class Imap(unittest.TestCase):
    """Courier IMAP on what virtual(8) has written."""

    def setUp(self):
        self.site = stack.site()
        self.port = test_saslauthd.tried_at("courier").courier.port

    def test_letters(self):
        name = "reader-courier@example.jp"
        self.site.mailbox(name)
        token = stack.world().send(name)
        self.site.wait_for(name, token)
        self.site.api("PATCH", f"/mailboxes/{name}", smtp_active=False)  # says nothing about reading
        with imaplib.IMAP4("127.0.0.1", self.port) as session:
            session.login("reader-courier", stack.PASSWORD)  # the default domain's
            self.assertEqual(session.select()[1], [b"1"])
            self.assertIn(token.encode(), session.fetch("1", "(RFC822)")[1][0][1])
            self.assertEqual(session.append("INBOX", None, None, b"Subject: kept\r\n\r\nx\r\n")[0], "OK")
        for root, _, names in os.walk(os.path.join(self.site.vmail, "example.jp/reader-courier")):
            for path in [root, *(os.path.join(root, one) for one in names)]:
                about = os.stat(path)
                self.assertEqual((about.st_uid, about.st_gid), (stack.MAIL_UID, stack.MAIL_UID), path)

    def test_wrong_password(self):
        with imaplib.IMAP4("127.0.0.1", self.port) as session:
            self.assertRaises(imaplib.IMAP4.error, session.login, "taro@example.jp", "wrong")

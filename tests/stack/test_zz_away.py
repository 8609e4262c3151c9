"""tests/stack/test_zz_away.py - the database goes away and comes back: nobody's letter is lost or bounced

The last by its name, because for that time nothing else could be tested.
"""
import concurrent.futures
import unittest

import apart
import stack
import test_auxprop
import test_courier
import test_saslauthd


class Away(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

    def test_a_daemon_is_away(self):
        """Postfix then tells the mail program to try again."""
        for postfix, daemon in ((test_courier.by_authdaemond(), apart.authdaemond(None)),
                                (test_saslauthd.tried_at("dovecot"), test_saslauthd.tried_at("dovecot").saslauthd)):
            self.assertEqual(apart.log_in(postfix, "clear@example.jp", stack.CLEAR_PASSWORD), 235)
            daemon.stop()
            self.addCleanup(daemon.start)
            self.assertEqual(apart.log_in(postfix, "clear@example.jp", stack.CLEAR_PASSWORD), 454)

    # A mail program tries again after 454, and asks for the password after 535. authdaemond says no when it could not ask, and
    # so does an IMAP server to saslauthd. (At Dovecot that takes a minute, which is left out here.)
    CODES = {"dovecot": 454, "auxprop": 454, "authdaemond": 535, "saslauthd at courier": 535}

    def log_ins(self):
        of = {"dovecot": self.postfix, "auxprop": test_auxprop.second(), "authdaemond": test_courier.by_authdaemond(),
              "saslauthd at courier": test_saslauthd.tried_at("courier")}
        with concurrent.futures.ThreadPoolExecutor(len(of)) as pool:
            codes = pool.map(lambda postfix: apart.log_in(postfix, "clear@example.jp", stack.CLEAR_PASSWORD), of.values())
        return dict(zip(of, codes))

    def test_log_ins(self):
        """Nobody gets in, and everybody does when the database is there again."""
        self.site.wait_for("clear@example.jp", self.postfix.send("clear@example.jp"))
        every = dict.fromkeys(self.CODES, 235)
        self.assertEqual(self.log_ins(), every)
        self.addCleanup(self.site.server, "database-start", check=False)
        self.site.server("database-stop")
        self.assertEqual(self.log_ins(), self.CODES)
        self.site.server("database-start")
        stack.wait_until(lambda: self.log_ins() == every, "everybody to log in again", 120)

    def test_temporary_error_and_delivery_afterwards(self):
        self.addCleanup(self.site.server, "database-start", check=False)
        self.site.server("database-stop")

        code, words = self.postfix.recipient("taro@example.jp")
        self.assertEqual(code, 451, words)
        code, words = self.postfix.recipient("nobody@example.jp")
        self.assertEqual(code, 451, words)
        self.assertEqual(self.site.get("virtual_alias_maps", "taro@example.jp"), (75, ""))
        self.assertEqual(self.postfix.query("virtual_alias_maps", "taro@example.jp")[0], 1)  # postmap's only way to say so

        # What Postfix would give to pipe(8) waits as well, and is not returned.
        answered = self.site.program("postreeve-vacation", "-f", "hana@example.jp", "--", "taro#example.jp@auto.test", check=False)
        self.assertEqual(answered.returncode, 75, answered.stderr)
        self.assertIn("the database cannot tell now", answered.stderr)

        self.site.server("database-start")
        self.assertEqual(self.site.get("virtual_alias_maps", "taro@example.jp"), (0, "taro@example.jp"))
        # A Postfix process leaves a server alone for a minute once it did not answer.
        stack.wait_until(lambda: self.postfix.recipient("hana@example.jp")[0] == 250, "Postfix to ask again", 180, every=1)
        token = self.postfix.send("info@example.jp")
        self.site.wait_for("hana@example.jp", token)
        self.site.wait_for("taro@example.jp", token)
        stack.wait_until(lambda: self.postfix.recipient("nobody@example.jp")[0] == 550, "every process to ask again", 180, every=1)

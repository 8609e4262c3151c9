"""tests/stack/test_zz_away.py - the database goes away and comes back: nobody's letter is lost or bounced

The last by its name, because for that time nothing else could be tested.
"""
import unittest

import stack


class Away(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()

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
        self.assertEqual(self.postfix.recipient("nobody@example.jp")[0], 550)

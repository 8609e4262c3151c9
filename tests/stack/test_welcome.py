"""tests/stack/test_welcome.py - a new mailbox and its first letter, by the service's own SMTP and the real Postfix"""
import email
import email.policy
import os
import unittest

import stack


class Welcome(unittest.TestCase):
    def setUp(self):
        stack.world()
        self.site = stack.site()

    def first_letter(self, address, **more):
        """The Maildir comes into being by it, as nothing else makes one."""
        maildir = os.path.join(self.site.vmail, *reversed(address.split("@")))
        self.site.mailbox(address, **more)
        stack.wait_until(lambda: self.site.letters(address), f"the first letter of {address}")
        there = sorted(name for name in os.listdir(maildir) if not name.startswith("dovecot"))  # its quota-status looked in
        self.assertEqual(there, ["cur", "new", "tmp"])
        self.assertEqual(len(self.site.letters(address)), 1)
        return email.message_from_string(self.site.letters(address)[0], policy=email.policy.default)

    def test_english(self):
        letter = self.first_letter("new-here@example.jp", welcome_letter=True, display_name="Bob\u3000山田")
        self.assertEqual(letter["Subject"], "Welcome to example.jp")
        self.assertEqual(letter["From"].addresses[0].addr_spec, "postmaster@example.jp")
        self.assertEqual(letter["To"].addresses[0].addr_spec, "new-here@example.jp")
        self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertIn("your mailbox new-here@example.jp is ready", letter.get_content())

    def test_japanese(self):
        letter = self.first_letter("shinki@example.jp", welcome_letter=True, language="ja")
        self.assertEqual(letter["Subject"], "example.jp へようこそ")
        self.assertIn("メールボックス shinki@example.jp が使えるようになりました", letter.get_content())


if __name__ == "__main__":
    unittest.main()

"""tests/stack/test_negative.py - values that mean more than themselves somewhere, in front of the programs that read our files

Which of them render lets into which file is tests/lookup/test_negative.c's; here is what the readers make of those. """
import os
import shutil
import unittest

import stack

class Settings(unittest.TestCase):
    """Those that pass, as their readers read them."""

    def test_banner_and_queue_directory(self):
        out = os.path.join(stack.directory(), "odd-settings")
        stack.render(out, settings="[postfix]\nbanner_words = ESMTP Postfix -- x = y\n")
        os.makedirs(os.path.join(out, "etc"))
        shutil.copy(os.path.join(out, "postfix/main.cf.postreeve"), os.path.join(out, "etc/main.cf"))
        self.assertEqual(stack.run("postconf", "-c", os.path.join(out, "etc"), "-h", "smtpd_banner").stdout,
                         "$myhostname ESMTP Postfix -- x = y\n")
        done = self.render(out + "-not", "[postfix]\nqueue_directory = /var/spool/post fix\n")
        self.assertEqual(done.returncode, 78)
        self.assertIn("[postfix] queue_directory", done.stderr)
        self.assertFalse(os.path.exists(out + "-not"))

    @staticmethod
    def render(out, settings):
        return stack.site().program("postreeve-lookup", "render", "--out", out, settings=settings, check=False)

    def test_who_warns_of_a_full_mailbox(self):
        """By the rendered program, with a dovecot-lda of ours in its PATH."""
        out = os.path.join(stack.directory(), "odd-letters")
        sender = "a$b`id`|%s'#}/&c@far.test"
        self.assertEqual(self.render(out, f"[letters]\nfrom = {sender}\n").returncode, 0)
        stack.write(os.path.join(out, "dovecot-lda"), "#!/bin/sh\ncat\n", 0o755)
        with open(os.path.join(out, "dovecot/quota-warning"), encoding="utf-8") as file:
            program = stack.write(os.path.join(out, "warn"), file.read().replace("PATH=", f"PATH={out}:"), 0o755)
        for address in ("taro@example.jp", "a&b|c\\d@example.jp", "$(id)`id`@example.jp", "{domain}@example.jp"):
            letter = stack.run(program, "quota_enforce=no", "95", address).stdout
            self.assertIn(f"\nFrom: <{sender}>\nTo: <{address.replace('{domain}', 'example.jp')}>\nAuto-Submitted: ", letter)
        done = self.render(out + "-not", "[letters]\nfrom = {address}@far.test\n")
        self.assertEqual(done.returncode, 78)
        self.assertIn("[letters] from holds the character {", done.stderr)
        self.assertFalse(os.path.exists(out + "-not"))


if __name__ == "__main__":
    unittest.main()

"""tests/stack/test_guides.py - docs/guides.md and its Japanese sister name lines that are rendered and tests that are there"""
import os
import re
import subprocess
import sys
import unittest

import stack

HERE = os.path.dirname(os.path.realpath(__file__))
DOCS = ("guides.md", "guides.ja.md")
FILES = r"main\.cf|master\.cf|dovecot|smtpd\.conf|authdaemonrc|authmysqlrc|saslauthd|mysql_\w+\.cf"

# Each way of rendering that a row of the pages may be about.
WAYS = (("--sasl", "dovecot", "--delivery", "virtual"), ("--sasl", "dovecot", "--delivery", "lmtp"), ("--sasl", "auxprop"),
        ("--sasl", "saslauthd"), ("--sasl", "authdaemond"))


# What the pages begin with.
SETTINGS = """
[mail]
hostname = mail.example.jp
[tls]
certificate = /etc/letsencrypt/live/mail.example.jp/fullchain.pem
key = /etc/letsencrypt/live/mail.example.jp/privkey.pem
"""


def page(name):
    with open(os.path.join(stack.ROOT, "docs", name), encoding="utf-8") as file:
        return file.read()


def lines_named(text):
    """{(file, line)} of the code spans `file: line`"""
    return set(re.findall(rf"`({FILES}): ([^`]+)`", text))


def tests_named(text):
    return set(re.findall(r"`(test_\w+(?:\.\w+){1,2})`", text))


def squeezed(line):
    return re.sub(r"\s+", " ", line).strip()


def rendered():
    """{file: [lines]} of all the ways, the directory written as the pages write it"""
    config = os.path.join(stack.directory(), "guides.conf")
    with open(stack.site().config, encoding="utf-8") as file:  # the tests' own settings of Postfix are not the usual ones
        own = re.sub(r"(?m)^\[postfix\]\n(?:[^\[\n].*\n|\n)*", "", file.read())
    stack.write(config, own + SETTINGS, 0o640)
    found = {}
    for number, way in enumerate(WAYS):
        out = os.path.join(stack.directory(), f"guides-{number}")
        stack.run(os.path.join(stack.site().bin, "postreeve-lookup"), "-c", config, "render", "--out", out, *way,
                  env={**os.environ, "MAIL_CONFIG": stack.any_mail_config()})
        for top, _, names in os.walk(out):
            for name in names:
                kind = "dovecot" if os.path.basename(top) == "dovecot" else name.removesuffix(".postreeve")
                with open(os.path.join(top, name), encoding="utf-8", errors="replace") as file:
                    found.setdefault(kind, []).extend(squeezed(line.replace(out, "…").replace(stack.site().vmail, "/var/vmail")) for line in file)
    return found


class Pages(unittest.TestCase):
    def test_each_line_is_rendered(self):
        there = rendered()
        for name, line in sorted(lines_named(page(DOCS[0]))):
            with self.subTest(f"{name}: {line}"):
                self.assertTrue(any(squeezed(line) in one for one in there.get(name, [])), f"no such line in {name}")

    def test_each_test_is_there(self):
        listed = subprocess.run([sys.executable, "-B", "-c", """
import sys, unittest
def names(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from names(one)
        else:
            yield one.id()
print("\\n".join(names(unittest.TestLoader().discover(sys.argv[1], pattern="test_*.py"))))
""", HERE], capture_output=True, text=True, cwd=HERE, check=True).stdout.split()
        for name in sorted(tests_named(page(DOCS[0]))):
            with self.subTest(name):
                self.assertTrue(any(one == name or one.startswith(name + ".") for one in listed))

    def test_both_languages_say_the_same(self):
        english, japanese = (page(name) for name in DOCS)
        self.assertEqual(lines_named(english), lines_named(japanese))
        self.assertEqual(tests_named(english), tests_named(japanese))
        self.assertGreater(len(lines_named(english)), 50)
        self.assertGreater(len(tests_named(english)), 50)

    def test_each_row_has_its_proof(self):
        for name in DOCS:
            for row in re.findall(r"(?m)^\|.*\|$", page(name).split("## s1", 1)[1]):
                cells = [cell.strip() for cell in row.strip("|").split(" | ")]
                if len(cells) == 3 and not set(cells[0]) <= set("-|") and "`" in row:
                    with self.subTest(f"{name}: {cells[0][:60]}"):
                        self.assertTrue(tests_named(cells[2]), "no test is named")


if __name__ == "__main__":
    unittest.main()

"""Runs the tests of the API: all, or those whose name holds one of the words given. A line for each, the sum at the end.

A whole run also asks: was every operation of openapi.json answered with success, and is the service's log clean?
"""
import pathlib
import re
import sys
import time
import traceback
import unittest

from case import super_admin
from client import Client, called
from contract import Description
from place import main_place


class Lines(unittest.TestResult):
    """One line per test; a test of which any part failed has failed once."""

    def __init__(self):
        super().__init__()
        self.passed, self.faults = 0, {}

    def startTest(self, test):
        super().startTest(test)
        self.begin = time.monotonic()
        self.wrong = []

    def _note(self, error):
        self.wrong.append("".join(traceback.format_exception(*error))[-6000:])

    def addError(self, test, error):
        if not hasattr(self, "wrong"):  # setUpClass
            self.startTest(test)
        self._note(error)
        if not isinstance(test, unittest.TestCase):
            self.stopTest(test)

    def addFailure(self, test, error):
        self._note(error)

    def addSubTest(self, test, subtest, error):
        if error:
            self._note(error)
            self.wrong[-1] = f"{subtest}\n{self.wrong[-1]}"

    def addSkip(self, test, reason):
        self.wrong.append(f"skipped: {reason}")

    def stopTest(self, test):
        self.say(test.id().removeprefix("test_"), self.wrong, time.monotonic() - self.begin)

    def say(self, name, wrong, seconds=0.0):
        if wrong:
            self.faults[name] = wrong
            print(f"FAILED  {name} ({len(wrong)} times)", flush=True)
            for words in wrong[:8]:
                print("    " + words.rstrip().replace("\n", "\n    "), flush=True)
        else:
            self.passed += 1
            print(f"ok      {name} ({seconds:.1f} s)", flush=True)


def tests_named(words):
    found = unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent), pattern="test_*.py")
    chosen, stack = unittest.TestSuite(), [found]
    groups = {}
    while stack:
        for one in stack.pop(0):
            if isinstance(one, unittest.TestSuite):
                stack.append(one)
            elif not words or any(w in one.id() for w in words):
                groups.setdefault(type(one), []).append(one)
    for tests in groups.values():
        chosen.addTests(tests)
    return chosen


def unanswered():
    return sorted(o.name for o in Client.description.operations if o.name not in called)


EXPECTED_LINES = re.compile(r"listening on |libmicrohttpd: |[a-z.-]+ runs again \(attempt \d+\)$|stopping|stopped"
                            r"|\[server\] web_root = .*the API is served without the web interface$")  # no pages, if only this suite runs


def bad_log_lines(text):
    """Whatever else the service had to say: no test of the shared one does what it should complain of."""
    return [line for line in text.splitlines() if not EXPECTED_LINES.match(line)]


def main(words):
    Client.description = Description(main_place().client().get("/openapi.json"))
    super_admin()
    result = Lines()
    tests_named(words).run(result)
    if not words:
        result.say("main.every_operation_was_answered", [f"never answered: {name}" for name in unanswered()])
    result.say("main.the_log_is_clean", bad_log_lines(main_place().log))
    print(f"{result.passed} passed, {len(result.faults)} failed")
    return 1 if result.faults else 0


sys.exit(main(sys.argv[1:]))

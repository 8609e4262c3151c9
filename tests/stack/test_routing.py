"""tests/stack/test_routing.py - transports, sender access and sender logins: what Postfix makes of their rows"""
import smtplib
import unittest

import stack


def sink_transport():
    return f"smtp:[127.0.0.1]:{stack.sink().port}"


def domain():
    def make():
        s = stack.site()
        s.api("POST", "/domains", domain="routed.jp")
        s.mailbox("here@routed.jp")
        s.mailbox("there@routed.jp")
        s.mailbox("boss@routed.jp")
        s.alias("desk@routed.jp", "here@routed.jp")
        s.api("POST", "/transports", destination="there@routed.jp", transport=sink_transport())
        s.api("POST", "/transports", destination=".below.test", transport="error:5.1.2")
        s.api("POST", "/sender-access", sender="refused@far.test", action="REJECT", reply="5.7.1 Not from you, 'thanks'")
        s.api("POST", "/sender-access", sender="refused.test", action="REJECT")
        s.api("POST", "/sender-access", sender="robot@", action="REJECT")
        s.api("POST", "/sender-access", sender="robot@fine.test", action="OK")
        s.api("POST", "/sender-logins", sender="desk@routed.jp", login="here@routed.jp")
        s.api("POST", "/sender-logins", sender="@routed.jp", login="boss@routed.jp")
    return stack.shared("routed.jp", make)


class Routing(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()
        domain()

    def test_one_address_goes_elsewhere(self):
        before = len(stack.sink().recipients)
        self.postfix.send("there@routed.jp")
        stack.wait_until(lambda: any("there@routed.jp" in r for r in stack.sink().recipients[before:]),
                         "the letter at the address's transport")
        token = self.postfix.send("here@routed.jp")
        self.site.wait_for("here@routed.jp", token)

    def test_postfix_and_we_give_one_answer(self):
        for name, key, answer in (
                ("transport_maps", "there@routed.jp", sink_transport()), ("transport_maps", "routed.jp", None),
                ("transport_maps", "here@routed.jp", None), ("transport_maps", ".below.test", "error:5.1.2"),
                ("transport_maps", "below.test", None),
                ("check_sender_access", "refused@far.test", "REJECT 5.7.1 Not from you, 'thanks'"),
                ("check_sender_access", "refused.test", "REJECT"), ("check_sender_access", "robot@", "REJECT"),
                ("check_sender_access", "far.test", None),
                ("smtpd_sender_login_maps", "desk@routed.jp", "here@routed.jp,boss@routed.jp"),
                ("smtpd_sender_login_maps", "here@routed.jp", "here@routed.jp,boss@routed.jp"),
                ("smtpd_sender_login_maps", "here+x@routed.jp", None),
                ("smtpd_sender_login_maps", "@routed.jp", "boss@routed.jp")):
            with self.subTest(f"{name} {key}"):
                expected = (0, answer) if answer is not None else (1, "")
                self.assertEqual(self.postfix.query(name, key), (*expected, ""))
                self.assertEqual(self.site.get(name, key), expected)

    def test_senders_that_are_refused(self):
        for sender, code, words in (("refused@far.test", 554, "Not from you, 'thanks'"), ("any@refused.test", 554, ""),
                                    ("any@sub.refused.test", 554, ""), ("robot@far.test", 554, ""),
                                    ("robot@fine.test", 250, ""), ("stranger@far.test", 250, "")):
            with self.subTest(sender):
                answer = self.postfix.recipient("here@routed.jp", sender)
                self.assertEqual(answer[0], code, answer)
                self.assertIn(words, answer[1])

    def test_a_row_of_a_moment_ago(self):
        self.site.api("POST", "/sender-access", sender="sudden@far.test", action="REJECT")
        self.assertEqual(self.postfix.recipient("here@routed.jp", "sudden@far.test")[0], 554)
        self.site.api("PATCH", "/sender-access/sudden@far.test", active=False)
        self.assertEqual(self.postfix.recipient("here@routed.jp", "sudden@far.test")[0], 250)

    def sends(self, login, sender):
        with self.postfix.connect("submission") as session:
            session.ehlo()
            session.login(login, stack.PASSWORD)
            session.mail(sender)
            return session.rcpt("here@routed.jp")[0]

    def test_who_may_send_as_what(self):
        for login, sender, code in (
                ("here@routed.jp", "here@routed.jp", 250), ("here@routed.jp", "desk@routed.jp", 250),
                ("here@routed.jp", "desk+x@routed.jp", 250), ("here@routed.jp", "here+x@routed.jp", 250),
                ("here@routed.jp", "there@routed.jp", 553), ("there@routed.jp", "desk@routed.jp", 553),
                ("here@routed.jp", "nobody@routed.jp", 553), ("boss@routed.jp", "nobody@routed.jp", 550),
                ("boss@routed.jp", "here@routed.jp", 250), ("boss@routed.jp", "here+x@routed.jp", 250),
                ("boss@routed.jp", "desk@routed.jp", 250), ("boss@routed.jp", "taro@example.jp", 553)):
            with self.subTest(f"{login} as {sender}"):
                self.assertEqual(self.sends(login, sender), code)

    def test_a_letter_as_somebody_else(self):
        session = self.postfix.connect("submission")
        session.ehlo()
        session.login("boss@routed.jp", stack.PASSWORD)
        self.site.wait_for("here@routed.jp", self.postfix.send("here@routed.jp", "desk@routed.jp", session))
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            session.noop()

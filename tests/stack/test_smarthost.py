"""tests/stack/test_smarthost.py - mail to elsewhere by smart hosts: whose, with which log-in and TLS, and what waits"""
import os
import re
import unittest
import urllib.parse

import smarthost
import stack

ISP = "p:w d'%$#"  # a colon and a blank, and what other files would take apart


def set_up():
    """Smart hosts, senders, and the world's Postfix, which trusts their certificate and takes localhost from /etc/hosts."""
    def make():
        s, postfix = stack.site(), stack.world()
        hosts = {"starttls": smarthost.SmartHost({"user@isp.test": ISP, "second@isp.test": "other"}),
                 "wrapped": smarthost.SmartHost({"w": "wrapped-Pass"}, wrapped=True),
                 "strict": smarthost.SmartHost({"late": "late-Pass"}, asks_at="RCPT")}
        s.api("POST", "/domains", domain="smart.jp")
        for name in ("one", "two", "three", "four"):
            s.mailbox(f"{name}@smart.jp")
        relay("one", "one@smart.jp", hosts["starttls"], username="user@isp.test", password=ISP)
        relay("two", "two@smart.jp", hosts["starttls"], username="second@isp.test", password="other")
        relay("dest", "far.smart.test", hosts["wrapped"], tls="wrapped", username="w", password="wrapped-Pass")
        stack.render(postfix.rendered, "--queue-directory", postfix.queue)
        postfix.postconf("-e", f"smtp_tls_CAfile = {smarthost.certificate()}.crt", "smtp_host_lookup = native")
        stack.run("postfix", "-c", postfix.config, "reload")
        return hosts
    return stack.shared("smart hosts", make)


def relay(name, scope, host, **more):
    stack.site().api("POST", "/relays", name=name, scope=scope, host="localhost", port=host.port, **more)


def tables():
    postfix = stack.world()
    stack.site().program("postreeve-lookup", "tables", "--out", postfix.rendered)


class SmartHosts(unittest.TestCase):
    def setUp(self):
        self.postfix = stack.world()
        self.site = stack.site()
        self.hosts = set_up()

    def send(self, sender, recipient):
        session = self.postfix.connect("submission")
        session.ehlo()
        session.login(sender, stack.PASSWORD)
        self.postfix.send(recipient, sender, session)

    def status(self, recipient):
        """What the log says last of a letter's delivery: (status, words)"""
        found = re.findall(rf"to=<{re.escape(recipient)}>.*? dsn=(\S+), status=(\w+) (.*)", self.postfix.log_text())
        return found[-1] if found else None

    def wait_for(self, recipient, status):
        return stack.wait_until(lambda: (self.status(recipient) or ("", ""))[1] == status and self.status(recipient),
                                f"{recipient}: {status} in {self.postfix.log}")

    def flush(self):
        stack.run("postqueue", "-c", self.postfix.config, "-f")

    def test_of_a_sender_with_log_in_and_tls(self):
        self.send("one@smart.jp", "a@elsewhere.test")
        self.assertEqual(self.hosts["starttls"].wait_for("a@elsewhere.test"), ("user@isp.test", True, "one@smart.jp"))
        self.assertRegex(self.postfix.log_text(), r"smtp-relay/smtp\[\d+\]: (Verified|Trusted) TLS connection established to localhost")

    def test_two_log_ins_at_one_server(self):
        self.send("two@smart.jp", "b@elsewhere.test")
        self.assertEqual(self.hosts["starttls"].wait_for("b@elsewhere.test"), ("second@isp.test", True, "two@smart.jp"))

    def test_of_a_destination_wrapped(self):
        self.send("three@smart.jp", "c@far.smart.test")
        self.assertEqual(self.hosts["wrapped"].wait_for("c@far.smart.test"), ("w", True, "three@smart.jp"))

    def test_others_go_their_way(self):
        self.send("three@smart.jp", "d@elsewhere.test")
        stack.wait_until(lambda: any("d@elsewhere.test" in r for r in stack.sink().recipients), "the letter elsewhere")

    def test_without_log_in_it_waits(self):
        """Asked for at MAIL by one server, at RCPT by another; a row of a moment ago is asked for, its password is in no table."""
        for host, scope, account in (("starttls", "four@smart.jp", ("user@isp.test", ISP)),
                                     ("strict", "four@smart.jp", ("late", "late-Pass"))):
            with self.subTest(host):
                to = f"{host}@late.test"
                relay("late", scope, self.hosts[host], username=account[0], password=account[1])
                try:
                    self.send(scope, to)
                    dsn, _, words = self.wait_for(to, "deferred")
                    self.assertTrue(dsn.startswith("4."), dsn)
                    self.assertRegex(words, "said: 5")
                    self.assertFalse([x for x in self.hosts[host].letters if to in x[3]])
                    tables()
                    self.flush()
                    self.assertEqual(self.hosts[host].wait_for(to)[0], account[0])
                finally:
                    self.site.api("DELETE", "/relays/late")
                    tables()

    def test_a_wrong_password_waits(self):
        relay("wrong", "four@smart.jp", self.hosts["wrapped"], tls="wrapped", username="nobody", password="x")
        try:
            tables()
            self.send("four@smart.jp", "wrong@late.test")
            dsn, _, words = self.wait_for("wrong@late.test", "deferred")
            self.assertIn("535", words)
            self.assertTrue(dsn.startswith("4."), dsn)
        finally:
            self.site.api("DELETE", "/relays/wrong")
            tables()

    def test_a_password_that_cannot_be_opened_waits(self):
        """Sealed for another row, as under another key: the log-in is tried without it, and never left out."""
        relay("shut", "four@smart.jp", self.hosts["strict"], username="late", password="late-Pass")
        try:
            self.site.sql("UPDATE postreeve_relay a JOIN postreeve_relay b ON b.name = 'one' SET a.password = b.password"
                          " WHERE a.name = 'shut'")
            done = self.site.program("postreeve-lookup", "tables", "--out", self.postfix.rendered)
            self.assertRegex(done.stderr, "relay shut: its password cannot be opened")
            self.assertNotIn(ISP, done.stderr)
            self.send("four@smart.jp", "shut@late.test")
            dsn, _, words = self.wait_for("shut@late.test", "deferred")
            self.assertIn("535", words)
            self.assertTrue(dsn.startswith("4."), dsn)
            self.assertEqual(self.hosts["strict"].tried[-1], ("late", ""))
            code, _ = self.site.get("smtp_sasl_password_maps", f"[localhost]:{self.hosts['strict'].port}")
            self.assertEqual(code, 75)
        finally:
            self.site.api("DELETE", "/relays/shut")
            tables()

    def test_another_certificate_gets_nothing(self):
        """No letter and no password: the server on 127.0.0.1 is asked for by a name that is not in its certificate."""
        before = list(self.hosts["starttls"].tried)
        self.site.api("POST", "/relays", name="cert", scope="four@smart.jp", host="127.0.0.1", port=self.hosts["starttls"].port,
                      username="user@isp.test", password=ISP)
        try:
            tables()
            self.send("four@smart.jp", "cert@late.test")
            dsn, _, words = self.wait_for("cert@late.test", "deferred")
            self.assertEqual(dsn, "4.7.5", words)
            self.assertEqual(self.hosts["starttls"].tried, before)
        finally:
            self.site.api("DELETE", "/relays/cert")
            tables()

    def test_a_recipient_that_is_refused_is_returned(self):
        self.send("one@smart.jp", "nobody@elsewhere.test")
        self.assertEqual(self.wait_for("nobody@elsewhere.test", "bounced")[0], "5.1.1")

    def test_for_all_the_rest(self):
        relay("all", "*", self.hosts["strict"], username="late", password="late-Pass")
        out = self.postfix.rendered
        main = os.path.join(out, "postfix/main.cf.postreeve")
        try:
            stack.render(out, "--queue-directory", self.postfix.queue)
            self.assertIn(f"relayhost = [localhost]:{self.hosts['strict'].port}", stack.logical_lines(main))
            self.assertIn("default_transport = smtp-relay", stack.logical_lines(main))
            self.postfix.postconf("-e", *stack.logical_lines(main))
            self.postfix.postconf("-e", f"smtp_tls_CAfile = {smarthost.certificate()}.crt")
            stack.run("postfix", "-c", self.postfix.config, "reload")
            self.send("three@smart.jp", "e@elsewhere.test")
            self.assertEqual(self.hosts["strict"].wait_for("e@elsewhere.test"), ("late", True, "three@smart.jp"))
            self.send("one@smart.jp", "f@elsewhere.test")  # the sender's own goes before it
            self.assertEqual(self.hosts["starttls"].wait_for("f@elsewhere.test")[0], "user@isp.test")
        finally:
            self.site.api("DELETE", "/relays/all")
            stack.render(out, "--queue-directory", self.postfix.queue)
            self.postfix.postconf("-e", *stack.logical_lines(main))
            self.postfix.postconf("-e", f"smtp_tls_CAfile = {smarthost.certificate()}.crt")
            stack.run("postfix", "-c", self.postfix.config, "reload")

    def test_transports_of_the_guide(self):
        """`*`, which takes all the rest, and `:`, which gives a domain back to what is usual; [host] is in both."""
        port = self.hosts["starttls"].port
        self.site.api("POST", "/transports", destination="*", transport=f"smtp-relay:[127.0.0.1]:{stack.sink().port}")
        self.site.api("POST", "/transports", destination="usual.test", transport=":")
        self.site.api("POST", "/transports", destination="to.usual.test", transport=f"smtp-relay:[localhost]:{port}")
        try:
            stack.run("postfix", "-c", self.postfix.config, "reload")  # which asks for `*` anew
            for sender, to in (("three@smart.jp", "any@starred.test"), ("three@smart.jp", "g@usual.test")):
                self.send(sender, to)
                stack.wait_until(lambda to=to: any(to in r for r in stack.sink().recipients), f"the letter to {to}")
            self.assertRegex(self.postfix.log_text(), r"smtp-relay/smtp\[\d+\]: \w+: to=<any@starred\.test>")
            self.assertRegex(self.postfix.log_text(), r"postfix/smtp\[\d+\]: \w+: to=<g@usual\.test>")
            self.send("one@smart.jp", "h@to.usual.test")
            self.assertEqual(self.hosts["starttls"].wait_for("h@to.usual.test")[0], "user@isp.test")
        finally:
            for destination in ("*", "usual.test", "to.usual.test"):
                self.site.api("DELETE", "/transports/" + urllib.parse.quote(destination))
            stack.run("postfix", "-c", self.postfix.config, "reload")

    def test_a_row_that_somebody_wrote_cannot_break_out_of_main_cf(self):
        for host in ("a\nmynetworks = 0.0.0.0/0\n#", "$mynetworks", "a b", "{", "a,b", "a#b", 'a"b', "a%sb"):
            literal = host.replace("\n", "', CHAR(10), '")
            self.site.sql("REPLACE INTO postreeve_relay (name, scope, host, port, tls, created, modified) VALUES"
                          f" ('evil', '*', CONCAT('{literal}', ''), 25, 'none', NOW(), NOW())")
            try:
                out = os.path.join(stack.directory(), "evil")
                done = self.site.program("postreeve-lookup", "render", "--out", out, check=False)
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertFalse(os.path.exists(out))
            finally:
                self.site.sql("DELETE FROM postreeve_relay WHERE name = 'evil'")

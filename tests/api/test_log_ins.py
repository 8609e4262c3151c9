"""What Dovecot reports, over HTTP, with the words that its auth policy client uses and the token it has."""
from case import ApiTest

PATH = "/log-ins/report"
SAID = {"app_password": "", "login": "", "protocol": "imap", "remote": "192.0.2.7", "success": True, "policy_reject": False,
        "tls": False}


class LogIns(ApiTest):
    def setUp(self):
        self.address = self.new_mailbox(self.new_domain("reported"))
        self.dovecot = self.stranger()
        made = self.admin.post("/tokens", {"name": "dovecot", "scopes": ["log-in.report"]}).json
        self.dovecot.token, self.token = made["secret"], made["id"]

    def report(self, status=204, query="?command=report", **more):
        return self.dovecot.expect(status, "POST", PATH + query, {**SAID, "login": self.address, **more})

    def seen(self):
        items = self.log_in(self.address).get("/me/log-ins")["items"]
        return [(i["protocol"], i["source"], i["success"]) for i in items if i["protocol"] != "web"]

    def test_as_dovecot_says_it(self):
        self.report()
        self.report(query="", protocol="pop3", remote="")
        self.dovecot.expect(204, "POST", PATH, {"login": self.address, "protocol": "smtp", "success": False})
        self.report(fail_type="credentials", protocol="sieve")  # 2.4 has one word more
        self.assertEqual(self.seen(), [("sieve", "192.0.2.7", True), ("smtp", "", False), ("pop3", "", True),
                                       ("imap", "192.0.2.7", True)])

    def test_another_question_is_not_answered(self):
        for query, name, code in (("?command=allow", "command", "unknown_field"), ("?command=", "command", "unknown_field"),
                                  ("?Command=report", "Command", "unknown_field"), ("?x=report", "x", "unknown_field")):
            self.assert_problem(self.report(422, query), 422, **{name: code})
        self.assertEqual(self.seen(), [])
        self.assert_problem(self.admin.ask("GET", "/mailboxes?command=report"), 422, command="unknown_field")

    def test_the_token_opens_nothing_else_and_ends_at_once(self):
        self.report()
        for path in ("/session", "/me", "/mailboxes", "/log", "/tokens"):
            self.dovecot.expect(403, "GET", path)
        self.dovecot.expect(403, "POST", "/tokens", {"name": "x", "scopes": ["log-in.report"]})
        self.admin.delete(f"/tokens/{self.token}")
        self.report(401)

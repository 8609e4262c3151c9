"""Domains: limits, quotas, transport, what is counted, names in other scripts."""
from case import ApiTest, Life, numbers

GIB = 1 << 30


class DomainLife(Life, ApiTest):
    collection = "/domains"
    key = "domain"
    required = ("domain",)
    changes = (
        ({"description": "株式会社サンプル"}, {"description": "株式会社サンプル"}),
        ({"mailbox_limit": 0, "alias_limit": 7}, {"mailbox_limit": 0, "alias_limit": 7}),
        ({"mailbox_limit": None}, {"mailbox_limit": None}),
        ({"quota_bytes": 5 * GIB, "mailbox_quota_max_bytes": GIB},
         {"quota_bytes": 5 * GIB, "mailbox_quota_max_bytes": GIB}),
        ({"quota_bytes": 1, "mailbox_quota_max_bytes": 0}, {"quota_bytes": 1, "mailbox_quota_max_bytes": 0}),
        ({"quota_bytes": 1 << 53}, {"quota_bytes": 1 << 53}),
        ({"quota_bytes": None, "mailbox_quota_max_bytes": None},
         {"quota_bytes": None, "mailbox_quota_max_bytes": None}),
        ({"active": False, "backup_mx": True}, {"active": False, "backup_mx": True}),
        ({"active": None, "backup_mx": None}, {"active": True, "backup_mx": False}),
        ({"transport": "lmtp:[127.0.0.1]:24"}, {"transport": "lmtp:[127.0.0.1]:24"}),
        ({"transport": None, "description": None}, {"transport": "virtual", "description": ""}),
    )

    def new(self):
        return {"domain": f"life{next(numbers)}.example", "description": "A domain", "active": True,
                "mailbox_limit": 50,
                "alias_limit": None, "mailbox_quota_max_bytes": 51200000, "quota_bytes": 10 * GIB,
                "transport": "virtual", "backup_mx": False}


class DomainDetails(ApiTest):
    def test_it_counts_what_is_in_it(self):
        domain = self.new_domain()
        self.new_mailbox(domain, "one", quota_bytes=1000)
        self.new_mailbox(domain, "two", quota_bytes=2000)
        self.admin.post("/aliases", {"address": f"info@{domain}", "destinations": [f"one@{domain}"]})
        self.place.sql(f"INSERT INTO quota2 VALUES ('one@{domain}', 77, 3)")
        shown = self.admin.get(f"/domains/{domain}")
        figures = {name: shown[name] for name in ("mailbox_count", "alias_count", "quota_given_bytes",
                                                  "usage_bytes")}
        self.assertEqual(figures, {"mailbox_count": 2, "alias_count": 1, "quota_given_bytes": 3000,
                                   "usage_bytes": 77})

    def test_figures_leave_the_version_alone(self):
        domain = self.new_domain()
        etag = self.admin.expect(200, "GET", f"/domains/{domain}").etag
        self.new_mailbox(domain)
        self.admin.patch(f"/domains/{domain}", {"description": "x"}, headers={"If-Match": etag})

    def test_deletion_takes_all_that_is_in_it(self):
        domain = self.new_domain()
        address = self.new_mailbox(domain)
        self.admin.post("/aliases", {"address": f"info@{domain}", "destinations": [address]})
        self.new_admin(domain)
        self.admin.delete(f"/domains/{domain}")
        self.admin.expect(404, "GET", f"/mailboxes/{address}")
        self.admin.expect(404, "GET", f"/aliases/info@{domain}")
        self.admin.expect(404, "GET", f"/domains/{domain}/mailboxes")
        self.admin.expect(404, "GET", f"/domains/{domain}/aliases")
        left = self.place.sql(f"SELECT COUNT(*) FROM alias WHERE domain = '{domain}' UNION ALL "
                              f"SELECT COUNT(*) FROM mailbox WHERE domain = '{domain}' UNION ALL "
                              f"SELECT COUNT(*) FROM domain_admins WHERE domain = '{domain}'")
        self.assertEqual(left, [["0"]] * 3)

    def test_the_target_of_an_alias_domain_stays(self):
        target, other = self.new_domain(), self.new_domain()
        self.admin.post("/alias-domains", {"alias_domain": other, "target_domain": target})
        self.assert_problem(self.admin.ask("DELETE", f"/domains/{target}"), 409, domain="is_alias_target")

    def test_names_are_folded(self):
        domain = f"Fold{next(numbers)}.EXAMPLE"
        self.assertEqual(self.admin.post("/domains", {"domain": domain + "."}).json["domain"], domain.lower())
        self.admin.get(f"/domains/{domain}")
        self.assert_problem(self.admin.ask("POST", "/domains", {"domain": domain}), 409, domain="taken")

    def test_units_of_the_database(self):
        """Postfix Admin reads maxquota and quota in units of the multiplier: 51200000 bytes are 50 of them."""
        domain = self.new_domain(mailbox_limit=0, alias_limit=None, mailbox_quota_max_bytes=51200000,
                                 quota_bytes=0)
        row = self.place.sql(f"SELECT mailboxes, aliases, maxquota, quota FROM domain WHERE domain = '{domain}'")
        self.assertEqual(row, [["-1", "0", "50", "-1"]])

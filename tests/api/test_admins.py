"""Administrators, and that one who can let others in always remains."""
from case import PASSWORD, ApiTest, Life, numbers
from place import main_place


class AdminLife(Life, ApiTest):
    collection = "/admins"
    key = "username"
    required = ("username", "password")
    changes = (
        ({"super_admin": True, "domains": []}, {"super_admin": True, "domains": []}),
        ({"super_admin": None}, {"super_admin": False}),
        ({"active": False}, {"active": False}),
        ({"active": None}, {"active": True}),
    )

    def new(self):
        return {"username": f"root{next(numbers)}@staff.example", "password": PASSWORD, "super_admin": False,
                "domains": [self.new_domain("adm")], "active": True}


class AdminDetails(ApiTest):
    def test_delegation(self):
        a, b = sorted((self.new_domain(), self.new_domain()))
        name = self.new_admin(a)
        session = self.log_in(name)
        self.assertEqual(session.get("/session")["domains"], [a])
        self.admin.patch(f"/admins/{name}", {"domains": [a, b]})
        self.assertEqual(session.get("/session")["domains"], [a, b])
        session.get(f"/domains/{b}")
        self.admin.patch(f"/admins/{name}", {"domains": [b]})
        session.expect(403, "GET", f"/domains/{a}")
        self.admin.patch(f"/admins/{name}", {"domains": None})
        session.expect(403, "GET", f"/domains/{b}")

    def test_domains_that_are_not_there(self):
        body = {"username": f"x{next(numbers)}@staff.example", "password": PASSWORD,
                "domains": ["nowhere.example"]}
        self.assert_problem(self.admin.ask("POST", "/admins", body), 422, domains="no_such_domain")

    def test_what_stops_an_admin_stops_their_sessions(self):
        for patch in ({"active": False}, {"password": PASSWORD + "!"}):
            with self.subTest(patch=patch):
                name = self.new_admin(self.new_domain())
                session = self.log_in(name)
                self.admin.patch(f"/admins/{name}", patch)
                session.expect(401, "GET", "/session")
        name = self.new_admin(self.new_domain())
        session = self.log_in(name)
        self.admin.delete(f"/admins/{name}")
        session.expect(401, "GET", "/session")

    def test_rank_counts_at_once(self):
        name = self.new_admin(super_admin=True)
        session = self.log_in(name)
        session.get("/admins")
        self.admin.patch(f"/admins/{name}", {"super_admin": False})
        session.expect(403, "GET", "/admins")


class LastSuperAdmin(ApiTest):
    """On a database of its own: the others have many super admins."""

    @classmethod
    def setUpClass(cls):
        main_place().new_database("last_admin")
        cls.service = main_place().service(database={"name": "last_admin"})
        cls.addClassCleanup(cls.service.stop)

    def test_the_last_one_stays(self):
        session = self.service.super_admin()
        path = f"/admins/{self.place.admin}"
        for method, body, field in (("PATCH", {"super_admin": False}, "super_admin"),
                                    ("PATCH", {"active": False}, "active"),
                                    ("DELETE", None, "username")):
            with self.subTest(method=method, body=body):
                self.assert_problem(session.ask(method, path, body), 409, **{field: "last_super_admin"})
        session.post("/admins", {"username": "second@staff.example", "password": PASSWORD,
                                 "super_admin": True})
        self.assert_problem(session.ask("DELETE", path), 409, username="own_account")
        session.patch(path, {"super_admin": False})
        session.expect(403, "GET", "/admins")

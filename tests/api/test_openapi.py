"""openapi.json: sound in itself, printed alike by service and command. That answers are as it says is looked at with
every answer of every test (client.py); that every operation is called, at the end of the run (main.py)."""
import json
import re

from case import ApiTest
from client import Client
from contract import BOUNDS, NOTES, OPERATION_WORDS, ROLES, TYPES, types_of

SCHEMA_WORDS = NOTES | set(BOUNDS) | {"type", "enum", "properties", "required", "additionalProperties",
                                      "items", "format"}


class Document(ApiTest):
    @property
    def description(self):
        return Client.description

    def nodes(self, node=None, path="#"):
        node = self.description.document if node is None else node
        yield path, node
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node,
                                                                                             list) else ()
        for name, child in children:
            yield from self.nodes(child, f"{path}/{name}")

    def test_it_is_openapi_3_1(self):
        document = self.description.document
        self.assertRegex(document["openapi"], r"^3\.1\.\d+$")
        self.assertEqual(set(document), {"openapi", "info", "paths", "components", "security"})
        for name in ("title", "version"):
            self.assertTrue(document["info"][name])

    def test_every_reference_leads_somewhere(self):
        references = [node for _, node in self.nodes() if isinstance(node, dict) and "$ref" in node]
        self.assertGreater(len(references), 40)
        for reference in references:
            self.description.resolve(reference)

    def test_nothing_is_described_in_vain(self):
        used = json.dumps(self.description.document)
        for kind, members in self.description.document["components"].items():
            for name in members:
                if kind != "securitySchemes" and name != "ChangingVerb":  # which the interface has words for
                    self.assertIn(f'"#/components/{kind}/{name}"', used)

    def test_names_of_operations_are_unique(self):
        names = [o.what["operationId"] for o in self.description.operations]
        self.assertEqual(len(set(names)), len(names))

    def test_operations_say_who_may(self):
        for o in self.description.operations:
            with self.subTest(operation=o.name):
                self.assertLessEqual(set(o.what), OPERATION_WORDS)
                self.assertEqual(o.what["operationId"].removesuffix(".in-domain"), o.verb)
                self.assertEqual(tuple(o.permit), ROLES)
                self.assertEqual(set(o.permit.values()) - {"none", "own", "all"}, set())
                self.assertTrue(any(reach != "none" for reach in o.permit.values()))
                self.assertEqual(o.what.get("security") == [], o.permit["nobody"] == "all")
                self.assertEqual(o.what["x-only-reads"], o.method == "GET")

    def test_parts_of_paths_are_parameters(self):
        for o in self.description.operations:
            with self.subTest(operation=o.name):
                declared = [p["name"] for p in o.what["parameters"] if p["in"] == "path"]
                self.assertEqual(declared, re.findall(r"\{([^}]+)\}", o.path))
                for p in o.what["parameters"]:
                    self.assertIn("schema", p)
                    self.assertEqual(p.get("required", False), p["in"] == "path")

    def test_answers_are_described(self):
        for o in self.description.operations:
            with self.subTest(operation=o.name):
                status, response = o.success
                self.assertEqual(status == 204, "content" not in response)
                self.assertTrue(response["description"])
                problem = self.description.resolve(o.what["responses"]["default"])
                self.assertEqual(list(problem["content"]), ["application/problem+json"])

    def schemas(self):
        """(path, schema) of every schema, those inside others too."""
        def inside(path, schema):
            yield path, schema
            for name, member in schema.get("properties", {}).items():
                yield from inside(f"{path}.{name}", member)
            if "items" in schema:
                yield from inside(f"{path}[]", schema["items"])
        for name, schema in self.description.document["components"]["schemas"].items():
            yield from inside(name, schema)
        for o in self.description.operations:
            for p in o.what["parameters"]:
                yield from inside(f"{o.name} {p['name']}", p["schema"])
            for media in o.success[1].get("content", {}).values():
                yield from inside(o.name, media["schema"])

    def test_schemas_are_sound(self):
        for path, schema in self.schemas():
            with self.subTest(schema=path):
                if "$ref" in schema:
                    self.assertEqual(set(schema), {"$ref"})
                    continue
                self.assertLessEqual(set(schema), SCHEMA_WORDS)
                self.assertLessEqual(set(types_of(schema)), set(TYPES))
                self.assertTrue(types_of(schema))
                self.assertLessEqual(set(schema.get("required", [])), set(schema.get("properties", {})))
                for low, high in (("minimum", "maximum"), ("minLength", "maxLength"),
                                  ("minItems", "maxItems")):
                    self.assertLessEqual(schema.get(low, 0), schema.get(high, 1 << 60))
                if "default" in schema:
                    self.assertEqual(self.description.faults(schema["default"], schema), [])

    def test_secrets_are_never_shown(self):
        for name, schema in self.description.document["components"]["schemas"].items():
            if not name.endswith(("Create", "Update")):
                for member, inner in schema.get("properties", {}).items():
                    self.assertNotIn("writeOnly", inner, f"{name}.{member}")
                    self.assertNotEqual("password", member)
                    if member == "generated_password":  # shown once, by the answer that made it
                        self.assertNotIn(member, schema["required"])

    def test_what_is_written_says_its_bounds(self):
        """The interface builds its forms from them, the bad-input tests their cases."""
        for name, schema in self.schemas():
            if re.match(r"\w+(Create|Update)\.",
                        name) and types_of(schema) == ["string"] and "enum" not in schema:
                self.assertIn("maxLength", schema, name)

    def test_the_command_prints_the_same(self):
        done = self.place.run("openapi")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), self.description.document)

    def test_options_of_the_command(self):
        for path, schema in self.schemas():
            if re.match(r"\w+(Create|Update)\.",
                        path) and "object" not in types_of(schema) and not path.endswith("[]"):
                self.assertRegex(schema["x-cli-option"], "^[a-z-]+$", path)

    def test_it_can_be_kept(self):
        client = self.stranger()
        answer = client.expect(200, "GET", "/openapi.json")
        again = client.ask("GET", "/openapi.json", headers={"If-None-Match": answer.etag})
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(client.ask("GET", "/openapi.json", headers={"If-None-Match": '"other"'}).status, 200)

"""The API's own description (openapi.json), and whether an answer is what it promises.

The checker knows the keywords that the description uses and no others: a new one fails until it is taught here, so
that nothing is promised which no test looks at.
"""
import re
from dataclasses import dataclass

NOTES = {"description", "default", "readOnly", "writeOnly", "x-bytes", "x-cli-option", "x-multiline"}
ROLES = ("nobody", "user", "domain_admin", "super_admin")
OPERATION_WORDS = {"operationId", "summary", "tags", "parameters", "requestBody", "responses", "security",
                   "x-verb", "x-permit", "x-only-reads", "x-ranked", "x-by-domain"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
BOUNDS = {  # keyword: which values it is about, and whether one fits
    "minLength": (str, lambda v, bound: len(v) >= bound),
    "maxLength": (str, lambda v, bound: len(v) <= bound),
    "minItems": (list, lambda v, bound: len(v) >= bound),
    "maxItems": (list, lambda v, bound: len(v) <= bound),
    "minimum": (int, lambda v, bound: isinstance(v, bool) or v >= bound),
    "maximum": (int, lambda v, bound: isinstance(v, bool) or v <= bound),
}


def types_of(schema):
    given = schema.get("type", [])
    return [given] if isinstance(given, str) else given


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    what: dict

    @property
    def name(self):
        return f"{self.method} {self.path}"

    @property
    def verb(self):
        return self.what["x-verb"]

    @property
    def permit(self):
        """{role: "none", "own" (what lies in domains of theirs) or "all"}"""
        return self.what["x-permit"]

    @property
    def is_personal(self):
        """About whoever asks, and so in no domain."""
        return self.permit["user"] == "all"

    @property
    def is_list(self):
        return any(p["name"] == "cursor" for p in self.what["parameters"])

    def matches(self, method, path):
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(self.path))
        return method == self.method and re.fullmatch(pattern, path) is not None

    @property
    def body_schema(self):
        content = self.what.get("requestBody", {}).get("content", {})
        return next(iter(content.values()))["schema"] if content else None

    @property
    def success(self):
        """(status, response) of the one answer that is no problem."""
        [(status, response)] = [(int(s), r) for s, r in self.what["responses"].items() if s != "default"]
        return status, response


class Description:
    def __init__(self, document):
        self.document = document
        self.operations = [Operation(method.upper(), path, what)
                           for path, methods in document["paths"].items() for method, what in methods.items()]

    def find(self, method, path):
        return next((o for o in self.operations if o.matches(method, path)), None)

    def resolve(self, given):
        """Follows $ref until there is none."""
        while "$ref" in given:
            if set(given) != {"$ref"}:
                raise AssertionError(f"$ref with company: {given}")
            place = self.document
            if not given["$ref"].startswith("#/"):
                raise AssertionError(f"not a reference into this document: {given}")
            for step in given["$ref"][2:].split("/"):
                if step not in place:
                    raise AssertionError(f"{given['$ref']} leads nowhere")
                place = place[step]
            given = place
        return given

    def faults(self, value, schema, where="body"):
        """What is wrong with a value, as a list of sentences."""
        schema = self.resolve(schema)
        unknown = set(schema) - NOTES - set(BOUNDS) - {
            "type", "enum", "properties", "required", "additionalProperties", "items", "format"}
        found = [f"{where}: the test knows no keyword {k}" for k in sorted(unknown)]
        if "type" in schema and not any(TYPES[t](value) for t in types_of(schema)):
            return found + [f"{where}: {value!r:.80} is not of type {schema['type']}"]
        for keyword, (kind, fits) in BOUNDS.items():
            if keyword in schema and isinstance(value, kind) and not fits(value, schema[keyword]):
                found.append(f"{where}: {value!r:.80} breaks {keyword} {schema[keyword]}")
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r:.80} is none of {schema['enum']}")
        if schema.get("format") == "date-time" and value is not None and not MOMENT.fullmatch(value):
            found.append(f"{where}: {value!r} is no moment")
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                found += self.faults(item, schema["items"], f"{where}[{i}]")
        if isinstance(value, dict):
            found += self._member_faults(value, schema, where)
        return found

    def _member_faults(self, value, schema, where):
        properties = schema.get("properties", {})
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in properties:
                if self.resolve(properties[name]).get("writeOnly"):
                    found.append(f"{where}.{name}: is for writing only, and was shown")
                found += self.faults(member, properties[name], f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}.{name}: is not described")
        return found

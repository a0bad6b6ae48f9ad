"""`Mutator`, which makes random requests from the document that break one rule, come close to it, or break none.

The request oracle decides whether a mutant is valid. The generator uses a seed, and draws from the schemas (bounds and their neighbours,
names and their absence) and from values that have broken servers before.
"""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from contracts.spec import Operation, Parameter, Spec
from contracts.spec.source.references import dereferenced
from contracts.suite.judging.schema_keywords import alternatives

NASTY: Sequence[str] = (
    "", " ", "0", "-1", "1.5", "1e3", "00", "+1", "null", "true", "undefined", "NaN", "' OR 1=1 --", '"', "%", "%00", "\u0000",
    "\n", "a\n", "../../etc/passwd", "<script>", "${7*7}", "{{7*7}}", "𝄞", "\u202e", "é", "\ufeff", "*", "a" * 300, "a" * 70,
    "2099-02-30", "2099-01-01T00:00:00Z", "2099-01-01", "W/\"v1\"", "\"v1\"", "v1", "1,2", "web,web", "web", "temp-1", "bulk",
)  # fmt: skip
VALUES: Sequence[Any] = (
    None, True, False, 0, 1, -1, 2, 1.5, 2.0, 1e308, 2**31 - 1, 2**31, 2**53, 2**63, -(2**63), 10**400, "", "a", [], [1], {}, {"a": 1},
    [[]], [None], "\u0000", "a" * 51, "a" * 201, "a" * 501, ["a", "a"], ["a"] * 21, {str(n): "x" for n in range(21)},
)  # fmt: skip
DEEPEST = 8
"""The most maps inside of maps, as a schema may be its own `additionalProperties`."""
# Complete bodies, which are sent unchanged.
RAW: Sequence[bytes] = (
    b"", b" ", b"{", b"}", b"[]", b"null", b"1", b'"x"', b"{}", b"{}{}", b"\xff", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":1,}',
    b'{"title":"\\ud800"}', b'{"title":"\\ud83d\\ude00"}', b'{"title":"a","title":"b"}', b"[" * 600, b'{"a":' * 600, b"\x00", b"{'a':1}",
    b'{"title":"a"}//', b'{"title":"\x01"}', b'{"title":"a\\u0000"}', b"-", b"01", b"1e", b'{"title":"\xc3\x28"}', b'{"title":\t"a"}',
)  # fmt: skip


class Mutator:
    """The generator of mutants of valid requests. `rng` is its only source of randomness."""

    def __init__(self, spec: Spec, rng: random.Random) -> None:
        self.spec = spec
        self.rng = rng

    def body(self, operation: Operation, base: Any) -> bytes:
        """A body: mostly a valid one with one change, sometimes with two or none, and sometimes one of RAW."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.12:
            return rng.choice(RAW)
        assert operation.body is not None
        schema = next(iter(operation.body.media_types.values()))
        value = json.loads(json.dumps(base))
        for _ in range(0 if roll < 0.2 else 1 if roll < 0.9 else 2):
            value = self._change(schema, value)
        return json.dumps(value, ensure_ascii=rng.random() < 0.3).encode("utf-8", "surrogatepass")

    def _change(self, schema: Mapping[str, Any], value: Any) -> Any:
        """The value with a change at a random place."""
        schema = dereferenced(self.spec.document, schema) if isinstance(schema, Mapping) else {}
        rng = self.rng
        if "oneOf" in schema:
            schema = self._branch(schema, value)
        if isinstance(value, dict) and rng.random() < 0.75:
            return self._change_object(schema, value)
        if isinstance(value, list) and value and rng.random() < 0.6:
            place = rng.randrange(len(value))
            return [*value[:place], self._change(schema.get("items", {}), value[place]), *value[place + 1 :]]
        return self._other(schema, value)

    def _branch(self, schema: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
        member, choices = alternatives(self.spec, schema)
        for name, branch in choices:
            if isinstance(value, dict) and value.get(member) == name:
                return branch
        return self.rng.choice([dereferenced(self.spec.document, branch) for branch in schema["oneOf"]])

    def _change_object(self, schema: Mapping[str, Any], value: dict[str, Any]) -> Any:
        rng = self.rng
        properties = schema.get("properties", {})
        roll = rng.random()
        if roll < 0.12 and value:
            dropped = rng.choice(list(value))
            return {name: part for name, part in value.items() if name != dropped}
        if roll < 0.22:
            return {
                **value,
                rng.choice(("zzz", "__proto__", "Title", "", "id", "status", "\u0000", "a" * 60)): rng.choice(
                    VALUES
                ),
            }
        names = list(properties) or list(value)
        if not names:
            return {**value, "k": rng.choice(VALUES)}
        name = rng.choice(names)
        part = properties.get(name, schema.get("additionalProperties", {}))
        if name in value:
            return {**value, name: self._change(part, value[name])}
        return {**value, name: self._other(part, None)}

    def _other(self, schema: Any, value: Any, depth: int = 0) -> Any:
        """Another value for this place: a bound or its neighbour, or any value."""
        rng = self.rng
        schema = dereferenced(self.spec.document, schema) if isinstance(schema, Mapping) else {}
        edges = self._edges(schema, value, depth)
        if edges and rng.random() < 0.75:
            return rng.choice(edges)
        return rng.choice(VALUES) if rng.random() < 0.6 else rng.choice(NASTY)

    def _edges(self, schema: Mapping[str, Any], value: Any, depth: int = 0) -> list[Any]:
        edges: list[Any] = []
        for key, step in (("minLength", -1), ("maxLength", 1)):
            if key in schema:
                edges += ["x" * max(0, schema[key]), "x" * max(0, schema[key] + step), "é" * schema[key]]
        for key, step in (("minimum", -1), ("maximum", 1)):
            if key in schema:
                edges += [schema[key], schema[key] + step, float(schema[key])]
        for key, step in (("minItems", -1), ("maxItems", 1)):
            if key in schema:
                edges += [self._items(schema, schema[key]), self._items(schema, max(0, schema[key] + step))]
        for key, step in (("minProperties", -1), ("maxProperties", 1)):
            if key in schema:
                count = max(0, schema[key] + step)
                edges += [{f"k{n}": "v" for n in range(schema[key])}, {f"k{n}": "v" for n in range(count)}]
        if schema.get("uniqueItems") and isinstance(value, list) and value:
            edges.append([*value, value[0]])
        if "propertyNames" in schema:
            edges += [{"": "v"}, {"x" * 51: "v"}, {"a\u0000": "v"}, {"x" * 50: "v"}]
        if isinstance(schema.get("additionalProperties"), Mapping) and depth < DEEPEST:
            edges += [{"k": self._other(schema["additionalProperties"], None, depth + 1)}]
        edges += list(schema.get("enum", ()))
        if "pattern" in schema:
            edges += ["a b", "a\u0000b", "x\n", "abc", "v1"]
        if schema.get("format") == "email":
            edges += ["a@b.example", "a@b", "@", "a b@c.example", "ä@b.example", "a@b.example\n"]
        if schema.get("type") == "boolean":
            edges += [True, False, "true", 0]
        return edges

    def _items(self, schema: Mapping[str, Any], count: int) -> list[Any]:
        item = dereferenced(self.spec.document, schema.get("items", {}))
        if "enum" in item:
            return [item["enum"][n % len(item["enum"])] for n in range(count)]
        if item.get("type") == "string":
            return [f"t{n}" for n in range(count)]
        return [None] * min(count, 200)

    def text(self, parameter: Parameter) -> str:
        """The text of a parameter before encoding."""
        rng = self.rng
        schema = dereferenced(self.spec.document, parameter.schema)
        edges = [self._spelled(edge) for edge in self._edges(schema, None)]
        for part in schema.get("anyOf", ()):
            edges += [
                self._spelled(edge) for edge in self._edges(dereferenced(self.spec.document, part), None)
            ]
        if schema.get("type") == "array":
            edges += ["web", "web,ios", "ios,web,android", "web,web", ",", "web,", "tv", "web, ios"]
        if schema.get("format") == "date-time" or "anyOf" in schema:
            edges += [
                "2099-01-01T00:00:00Z",
                "2099-01-01T00:00:00.123456789+02:00",
                "2099-01-01",
                "2099-13-01",
                "2099-02-29",
                "2096-02-29",
                "2099-01-01T24:00:00Z",
                "2099-01-01t00:00:00z",
                "2099-01-01 00:00:00Z",
                "2099-01-01T00:00:00",
            ]
        if edges and rng.random() < 0.7:
            return rng.choice(edges)
        return rng.choice(NASTY)

    def _spelled(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    def query(self, operation: Operation, base: Mapping[str, str]) -> str:
        """A query string: valid values, with up to two wrong, duplicate, unknown or badly encoded ones."""
        rng = self.rng
        pairs = [(name, quote(value, safe=",")) for name, value in base.items()]
        known = [parameter for parameter in operation.parameters if parameter.location == "query"]
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            roll = rng.random()
            if known and roll < 0.8:
                parameter = rng.choice(known)
                pairs = [pair for pair in pairs if pair[0] != parameter.name]
                pairs.append((parameter.name, quote(self.text(parameter), safe=rng.choice((",", "")))))
            elif pairs and roll < 0.88:
                pairs.append(rng.choice(pairs))
            elif pairs and roll < 0.92:
                pairs.remove(rng.choice(pairs))
            elif known and roll < 0.95:
                pairs.append((rng.choice(known).name, rng.choice(("%ff", "%c3%28", "%ed%a0%80"))))
            else:
                # Brackets are no characters of a query (RFC 3986, 3.4), and Tomcat refuses them raw, whatever the document says.
                name = quote(rng.choice(("x", "Limit", "page[]", "__proto__")))
                pairs.append((name, quote(rng.choice(NASTY))))
        rng.shuffle(pairs)
        return "&".join(f"{name}={value}" for name, value in pairs)

    def header(self, parameter: Parameter) -> str:
        """A header value that can be sent."""
        text = self.text(parameter)
        kept = "".join(sign for sign in text if sign.isprintable() and ord(sign) < 256)
        return kept.strip() or '"v1"'

"""Pairs of schemas and what their difference means: (name, old, new, as a request, as an answer).

B is breaking, U unknown, H harmless, - no difference. `X` in a row stands for the component schema that `$ref`s name:
a row with a third and fourth schema gives it before and after, with the same reference in both documents.
"""

from typing import Any

REF = {"$ref": "#/components/schemas/X"}
S, I, N, O = ({"type": name} for name in ("string", "integer", "number", "object"))  # noqa: E741
A, B, C = ({"enum": [name]} for name in "abc")


def obj(*needed: str, closed: bool = False, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": members}
    return (
        made
        | ({"required": list(needed)} if needed else {})
        | ({"additionalProperties": False} if closed else {})
    )


def a_map(of: Any, **members: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": of} | ({"properties": members} if members else {})


def variants(count: int, word: str = "oneOf") -> dict[str, Any]:
    return {word: [obj("kind", kind={"const": f"k{index}"}) for index in range(count)]}


AB, ABC = {"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}
IF_A = {"properties": {"a": {"const": 1}}, "required": ["a"]}

# Item 7: the same reference in both documents, and what it refers to is narrowed from ABC to AB.
BEHIND = {
    "not": ({"not": REF}, "H", "B"),
    "contains": ({"type": "array", "contains": REF}, "B", "H"),
    "then": ({"if": IF_A, "then": {"properties": {"b": REF}}}, "B", "H"),
    "else": ({"if": IF_A, "else": {"properties": {"b": REF}}}, "B", "H"),
    "if": ({"if": {"properties": {"a": REF}}, "then": {"required": ["b"]}}, "U", "U"),
    "prefixItems": ({"type": "array", "prefixItems": [I, REF]}, "B", "H"),
    "items": ({"type": "array", "items": REF}, "B", "H"),
    "items behind prefixItems": ({"type": "array", "prefixItems": [I], "items": REF}, "B", "H"),
    "patternProperties": ({"type": "object", "patternProperties": {"^x": REF}}, "B", "H"),
    "additionalProperties": (a_map(REF), "B", "H"),
    "dependentSchemas": ({"type": "object", "dependentSchemas": {"a": {"properties": {"b": REF}}}}, "B", "H"),
    "unevaluatedProperties": ({"type": "object", "properties": {"a": I}, "unevaluatedProperties": REF}, "B", "H"),
    "unevaluatedItems": ({"type": "array", "prefixItems": [I], "unevaluatedItems": REF}, "B", "H"),
    "propertyNames": ({"type": "object", "propertyNames": REF}, "B", "H"),
    "contentSchema": ({"type": "string", "contentMediaType": "application/json", "contentSchema": REF}, "B", "H"),
    "allOf": ({"allOf": [{"type": "string"}, REF]}, "B", "H"),
    "anyOf": ({"anyOf": [I, REF]}, "B", "H"),
    "oneOf": ({"oneOf": [I, REF]}, "B", "H"),
    "a member": (obj(m=REF), "B", "H"),
    "not in not": ({"not": {"not": REF}}, "B", "H"),
    "contains in a member in an item": ({"type": "array", "items": obj(m={"type": "array", "contains": REF})}, "B", "H"),
    "not in allOf": ({"allOf": [O, {"not": obj("m", m=REF)}]}, "H", "B"),
    "then in anyOf": ({"anyOf": [I, {"type": "object", "if": IF_A, "then": {"properties": {"b": REF}}}]}, "B", "H"),
    "beside other words": ({"$ref": "#/components/schemas/X", "description": "Words."}, "B", "H"),
}  # fmt: skip

Row = tuple[str, Any, Any, str, str]

KEYWORDS: list[Row] = [
    ("not added", S, S | {"not": AB}, "B", "H"),
    ("not of other values", S | {"not": A}, S | {"not": B}, "B", "B"),
    ("not wider", S | {"not": A}, S | {"not": AB}, "B", "H"),
    ("not of a type that cannot be", S | {"not": I}, S | {"not": I}, "-", "-"),
    ("two nots changed", {"allOf": [{"not": A}, {"not": B}]}, {"allOf": [{"not": C}, {"not": {"enum": ["d"]}}]}, "U", "U"),
    ("contains added", {"type": "array"}, {"type": "array", "contains": S}, "B", "H"),
    ("contains dropped", {"type": "array", "contains": S}, {"type": "array"}, "H", "B"),
    ("minContains", {"type": "array", "contains": S}, {"type": "array", "contains": S, "minContains": 2}, "B", "H"),
    ("minContains 1 is what it was", {"type": "array", "contains": S}, {"type": "array", "contains": S, "minContains": 1}, "-", "-"),
    ("maxContains", {"type": "array", "contains": S}, {"type": "array", "contains": S, "maxContains": 2}, "B", "H"),
    ("contains beside maxContains", {"type": "array", "contains": AB, "maxContains": 2}, {"type": "array", "contains": ABC, "maxContains": 2}, "U", "U"),
    ("contains on a string", S, S | {"contains": I}, "-", "-"),
    ("if alone", O, O | {"if": IF_A}, "-", "-"),
    ("if and then added", O, O | {"if": IF_A, "then": {"required": ["b"]}}, "B", "H"),
    ("then dropped", O | {"if": IF_A, "then": {"required": ["b"]}}, O, "H", "B"),
    ("then narrower by a member", O | {"if": IF_A, "then": {"properties": {"b": S}}}, O | {"if": IF_A, "then": {"properties": {"b": S, "c": S}}}, "B", "H"),
    ("prefix longer", {"type": "array", "prefixItems": [I]}, {"type": "array", "prefixItems": [I, S]}, "B", "H"),
    ("prefix closed", {"type": "array", "prefixItems": [I]}, {"type": "array", "prefixItems": [I], "items": False}, "B", "H"),
    ("prefix instead of items", {"type": "array", "items": I}, {"type": "array", "prefixItems": [I], "items": I}, "-", "-"),
    ("patternProperties added", O, O | {"patternProperties": {"^x": I}}, "B", "H"),
    ("patternProperties of a closed object", obj(closed=True), obj(closed=True) | {"patternProperties": {"^x": I}}, "H", "H"),
    ("patternProperties dropped", O | {"patternProperties": {"^x": I}}, O, "H", "B"),
    ("patternProperties and a member", O | {"patternProperties": {"^x": I}}, O | {"patternProperties": {"^x": I}, "properties": {"xa": S}}, "B", "H"),
    ("propertyNames added", O, O | {"propertyNames": {"maxLength": 5}}, "B", "H"),
    ("dependentSchemas added", O, O | {"dependentSchemas": {"a": {"required": ["b"]}}}, "B", "H"),
    ("dependentSchemas dropped", O | {"dependentSchemas": {"a": {"required": ["b"]}}}, O, "H", "B"),
    ("dependentRequired of what is required", obj("b", a=S, b=S), obj("b", a=S, b=S) | {"dependentRequired": {"a": ["b"]}}, "-", "-"),
    ("closed by unevaluatedProperties", obj(a=S), obj(a=S) | {"unevaluatedProperties": False}, "B", "H"),
    ("a member beside unevaluatedProperties", obj(a=S) | {"unevaluatedProperties": False}, obj(a=S, b=S) | {"unevaluatedProperties": False}, "H", "H"),
    ("unevaluatedProperties beside conditions", obj(a=S) | {"unevaluatedProperties": False, "dependentSchemas": {"a": obj(b=S)}}, obj(a=S) | {"unevaluatedProperties": False, "dependentSchemas": {"a": obj(b=S, c=S)}}, "B", "U"),
    ("unevaluatedItems", {"type": "array", "prefixItems": [I]}, {"type": "array", "prefixItems": [I], "unevaluatedItems": False}, "B", "H"),
    ("multipleOf", I, I | {"multipleOf": 5}, "B", "H"),
    ("multipleOf of a multiple", I | {"multipleOf": 5}, I | {"multipleOf": 10}, "B", "H"),
    ("multipleOf by another", I | {"multipleOf": 2}, I | {"multipleOf": 3}, "B", "H"),
    ("multipleOf that integers have", I, I | {"multipleOf": 0.5}, "-", "-"),
    ("number that is whole", N | {"multipleOf": 1}, I, "-", "-"),
    ("uniqueItems of a string", S, S | {"uniqueItems": True}, "-", "-"),
    ("6,000 values and a length", {"enum": [str(n) for n in range(6000)]}, {"enum": [str(n) for n in range(6000)], "maxLength": 3}, "B", "H"),
    ("values beside a pattern that the validator cannot read", AB, AB | {"pattern": r"^\p{Foo}$"}, "U", "U"),
    ("word of nobody beside values", A, A | {"minimumLength": 3}, "U", "U"),
    ("letters of a pattern beyond ASCII", S | {"pattern": "^[a-zà-ö]+$"}, S | {"pattern": "^[a-zà-ü]+$"}, "U", "U"),
    ("letters of a pattern by their codes", S | {"pattern": r"^[\u00e0-\u00ff]+$"}, S | {"pattern": r"^[\u00e0-\u00fa]+$"}, "U", "U"),
    ("white space of a pattern is more than ASCII's", S | {"pattern": r"^[\s]+$"}, S | {"pattern": r"^[ \t\n\r\f\v]+$"}, "U", "U"),
    ("word characters of a pattern written out", S | {"pattern": r"^[\w]+$"}, S | {"pattern": "^[A-Za-z0-9_]+$"}, "-", "-"),
    ("format of numbers in no registry", I | {"format": "unix-time"}, I | {"format": "unix-time-ms"}, "B", "B"),
    ("format of numbers in a text", S | {"format": "int64"}, S | {"format": "double"}, "B", "B"),
    ("xml in JSON", obj(a=S | {"xml": {"name": "x"}}), obj(a=S), "-", "-"),
    ("word of nobody", S, S | {"minimumLength": 3}, "U", "U"),
    ("contentEncoding", S, S | {"contentEncoding": "base64"}, "B", "B"),
    ("contentEncoding beside values", A, A | {"contentEncoding": "base64"}, "B", "B"),
    ("contentEncoding of an integer", I, I | {"contentEncoding": "base64"}, "-", "-"),
    ("extension key", S, S | {"x-order": 3}, "-", "-"),
    ("format of another type", I, I | {"format": "email"}, "-", "-"),
    ("int32 to int64", I | {"format": "int32"}, I | {"format": "int64"}, "H", "B"),
    ("int64 to int32", I | {"format": "int64"}, I | {"format": "int32"}, "B", "H"),
]  # fmt: skip

# Item 8.
CHOICES: list[Row] = [
    ("types to a choice of values of a further type", {"type": ["string", "boolean"]}, {"anyOf": [{"enum": [True, 2.5, ""]}]}, "B", "B"),
    ("a choice of values loses its only fraction", {"anyOf": [{"enum": ["a", 2.5]}]}, {"anyOf": [{"enum": ["a"]}]}, "B", "H"),
    ("a choice of values gains a fraction", {"anyOf": [{"enum": ["a", None]}]}, {"anyOf": [{"enum": ["a", None, 0.5]}]}, "H", "B"),
    ("70 variants to 69", variants(70), variants(69), "B", "H"),
    ("69 variants to 70", variants(69), variants(70), "H", "B"),
    ("70 variants of anyOf to 69", variants(70, "anyOf"), variants(69, "anyOf"), "B", "H"),
    ("300 variants in another order", variants(300), {"oneOf": list(reversed(variants(300)["oneOf"]))}, "-", "-"),
    ("300 variants, one changed", variants(300), {"oneOf": [*variants(299)["oneOf"], obj("kind", "more", kind={"const": "k299"}, more=S)]}, "B", "H"),
    ("70 variants, one member of the last narrower", {"oneOf": [*variants(69)["oneOf"], obj("kind", kind={"const": "z"}, v=ABC)]}, {"oneOf": [*variants(69)["oneOf"], obj("kind", kind={"const": "z"}, v=AB)]}, "B", "H"),
    ("too many combinations", {"allOf": [variants(20), variants(20)]}, {"allOf": [variants(20), variants(19)]}, "U", "U"),
    ("too many combinations, the same", {"allOf": [variants(20), variants(20)]}, {"allOf": [variants(20), variants(20)]}, "-", "-"),
    ("enum of 200 values to 199", {"enum": list(range(200))}, {"enum": list(range(199))}, "B", "H"),
    ("variant that another contains", {"anyOf": [I, N]}, {"anyOf": [N]}, "-", "-"),
    ("variant wrapped", S, {"anyOf": [S]}, "-", "-"),
    ("nullable by anyOf", S, {"anyOf": [S, {"type": "null"}]}, "H", "B"),
    ("nullable by type", S, {"type": ["string", "null"]}, "H", "B"),
    ("nullable spelled otherwise", {"type": ["string", "null"]}, {"anyOf": [S, {"type": "null"}]}, "-", "-"),
    ("nullable enum", {"type": ["string", "null"], "enum": ["a", None]}, {"anyOf": [A, {"const": None}]}, "-", "-"),
    ("no null any more", {"type": ["string", "null"]}, S, "B", "H"),
    ("oneOf of overlapping numbers", {"oneOf": [I, S]}, {"oneOf": [I, S, N]}, "U", "B"),
    ("oneOf of objects without a sign", {"oneOf": [obj("a", a=S)]}, {"oneOf": [obj("a", a=S), obj("b", b=S)]}, "H", "B"),
    ("variant of a oneOf narrower", {"oneOf": [obj("a", a=S), obj("b", b=S)]}, {"oneOf": [obj("a", a=S), obj("b", b=S | {"maxLength": 5})]}, "B", "H"),
]  # fmt: skip

# Items 9 and 10.
MEMBERS: list[Row] = [
    ("undeclared member required", obj(a=S), obj("b", a=S), "B", "H"),
    ("undeclared member required no more", obj("b", a=S), obj(a=S), "H", "B"),
    ("undeclared member required in allOf", {"allOf": [obj(a=S)]}, {"allOf": [obj(a=S), {"required": ["b"]}]}, "B", "H"),
    ("undeclared member required without type", {}, {"required": ["b"]}, "B", "H"),
    ("undeclared member required in a nested object", obj(o=obj(a=S)), obj(o=obj("b", a=S)), "B", "H"),
    ("undeclared member required in a variant", {"anyOf": [I, obj(a=S)]}, {"anyOf": [I, obj("b", a=S)]}, "B", "H"),
    ("undeclared member of a map required", a_map(S), a_map(S) | {"required": ["b"]}, "B", "H"),
    ("undeclared required member is declared", obj("b", a=S), obj("b", a=S, b=S), "H", "H"),
    ("required on a string", S, S | {"required": ["b"]}, "-", "-"),
    ("map gains a member of another type", a_map(S), a_map(S, n=I), "B", "B"),
    ("map gains a member of its type", a_map(S), a_map(S, n=S), "H", "H"),
    ("map gains a narrower member", a_map(S), a_map(S, n=S | {"maxLength": 3}), "B", "H"),
    ("map gains a wider member", a_map(I), a_map(I, n=N), "H", "B"),
    ("map gains a required member", a_map(S), a_map(S, n=S) | {"required": ["n"]}, "B", "H"),
    ("map loses a member of another type", a_map(S, n=I), a_map(S), "B", "B"),
    ("map by pattern gains a member of another type", O | {"patternProperties": {"": S}}, O | {"patternProperties": {"": S}, "properties": {"n": I}}, "B", "H"),
    ("map in a list gains a member of another type", {"type": "array", "items": a_map(S)}, {"type": "array", "items": a_map(S, n=I)}, "B", "B"),
    ("map by allOf gains a member of another type", {"allOf": [a_map(S)]}, {"allOf": [a_map(S, n=I)]}, "B", "B"),
    ("free map gains a member", a_map(True), a_map(True, n=I), "U", "H"),
    ("open object gains a member", obj(a=S), obj(a=S, n=I), "H", "H"),
    ("object said to be open gains a member", a_map(True, a=S), a_map(True, a=S, n=I), "H", "H"),
    ("closed object gains a member", obj(a=S, closed=True), obj(a=S, n=I, closed=True), "H", "H"),
    ("map of other values", a_map(S), a_map(I), "B", "B"),
    ("open object becomes a map", obj(a=S), a_map(S, a=S), "B", "H"),
    ("readOnly member required", obj(a=S, b=S | {"readOnly": True}), obj("b", a=S, b=S | {"readOnly": True}), "-", "H"),
    ("readOnly member removed", obj(a=S, b=S | {"readOnly": True}), obj(a=S), "-", "H"),
    ("writeOnly member removed", obj(a=S, b=S | {"writeOnly": True}), obj(a=S), "B", "-"),
    ("writeOnly member required", obj(a=S, b=S | {"writeOnly": True}), obj("b", a=S, b=S | {"writeOnly": True}), "B", "-"),
    ("member becomes readOnly", obj(a=S), obj(a=S | {"readOnly": True}), "B", "-"),
    ("member becomes writeOnly", obj("a", a=S), obj("a", a=S | {"writeOnly": True}), "-", "B"),
    ("member forbidden", obj(a=S), obj(a=False), "B", "H"),
    ("default", obj(a=S), obj(a=S | {"default": "x"}), "B", "-"),
]  # fmt: skip

# Item 12, and what else looks like a difference and is none.
SAME: list[Row] = [
    ("minimum 1 is exclusiveMinimum 0", I | {"minimum": 1}, I | {"exclusiveMinimum": 0}, "-", "-"),
    ("maximum 9 is exclusiveMaximum 10", I | {"maximum": 9}, I | {"exclusiveMaximum": 10}, "-", "-"),
    ("minimum 0.5 of an integer is 1", I | {"minimum": 0.5}, I | {"minimum": 1}, "-", "-"),
    ("of a number it is another", N | {"minimum": 1}, N | {"exclusiveMinimum": 0}, "H", "H"),
    ("exclusive of a number is tighter", N | {"minimum": 1}, N | {"exclusiveMinimum": 1}, "B", "H"),
    ("minimum 1.0", I | {"minimum": 1}, I | {"minimum": 1.0}, "-", "-"),
    ("two minimums", I | {"minimum": 3, "exclusiveMinimum": 0}, I | {"minimum": 3}, "-", "-"),
    ("minLength on an integer", I, I | {"minLength": 3}, "-", "-"),
    ("maximum on a string", S, S | {"maximum": 3}, "-", "-"),
    ("minItems on an object", O, O | {"minItems": 3}, "-", "-"),
    ("pattern on an integer", I, I | {"pattern": "^a$"}, "-", "-"),
    ("properties on a string", S, S | {"properties": {"a": I}}, "-", "-"),
    ("items on a string", S, S | {"items": I}, "-", "-"),
    ("minLength 0", S, S | {"minLength": 0}, "-", "-"),
    ("minProperties of two required members", obj("a", "b", a=S, b=S), obj("a", "b", a=S, b=S) | {"minProperties": 2}, "-", "-"),
    ("const is an enum of one", {"const": "a"}, A, "-", "-"),
    ("enum twice the same value", {"enum": ["a", "a"]}, A, "-", "-"),
    ("boolean is an enum of two", {"type": "boolean"}, {"enum": [True, False]}, "-", "-"),
    ("enum within a range", I | {"enum": [1, 2, 9], "maximum": 5}, I | {"enum": [1, 2]}, "-", "-"),
    ("range is a list of its values", {"enum": [1, 2, 3]}, {"type": "integer", "enum": [1, 2, 3], "minimum": 1}, "-", "-"),
    ("value that was never valid", {"type": "string", "enum": ["a", "longer"], "maxLength": 3}, {"type": "string", "enum": ["a"]}, "-", "-"),
    ("types in another order", {"type": ["string", "null"]}, {"type": ["null", "string"]}, "-", "-"),
    ("required in another order", obj("a", "b", a=S, b=S), obj("b", "a", a=S, b=S), "-", "-"),
    ("wrapped in allOf", S, {"allOf": [S]}, "-", "-"),
    ("split by allOf", obj("a", a=S), {"allOf": [obj(a=S), {"required": ["a"]}]}, "-", "-"),
    ("true is an empty schema", obj(a=True), obj(a={}), "-", "-"),
    ("title and example", S, S | {"title": "T", "description": "D", "example": "x", "examples": ["y"], "deprecated": True}, "-", "-"),
    ("integer to number", I, N, "H", "B"),
    ("number to integer", N, I, "B", "H"),
]  # fmt: skip

ROWS: list[Row] = [*KEYWORDS, *CHOICES, *MEMBERS, *SAME]

"""Whatever a document holds, `diff` says so in one line with its place and exits 64; 1 is for a breaking change only."""

import copy
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.command.exit_code import ExitCode
from contracts.spec import SpecError
from reports.cli import main
from tests.reports.compat.operation_rows import ROWS, shared
from tests.reports.compat.small_documents import Document, asking, differences, document

MUTATIONS = int(os.environ.get("TCHAT_FUZZ", "20000")) // 20

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
SCHEMA = HEAD + "paths:\n  /a:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: %s\n      responses: {'200': {description: F}}\n"  # fmt: skip
PLACE = "/paths/~1a/post/requestBody/content/application~1json/schema"
DEEP = 3000

WRONG = {
    "dangling reference": (SCHEMA % "{$ref: '#/components/schemas/No'}", f"{PLACE}/$ref: #/components/schemas/No refers to nothing"),
    "dangling reference in a property": (SCHEMA % "{properties: {a: {$ref: '#/components/schemas/No'}}}", f"{PLACE}/properties/a/$ref"),
    "reference to a null": (SCHEMA % "{$ref: '#/x-a'}" + "x-a: null\n", "/x-a: must be a schema"),
    "reference to another file": (SCHEMA % "{$ref: 'other.yaml#/A'}", "cannot read other.yaml"),
    "reference that is a number": (SCHEMA % "{$ref: 3}", f"{PLACE}/$ref"),
    "reference through text": (SCHEMA % "{$ref: '#/openapi/a'}", "refers to nothing"),
    "reference beyond a list": (SCHEMA % "{$ref: '#/tags/9'}" + "tags: [{name: a}]\n", "refers to nothing"),
    "null components": (SCHEMA % "{}" + "components:\n", "/components: must be an object, and is null"),
    "null security schemes": (SCHEMA % "{}" + "components: {securitySchemes: }\n", "/components/securitySchemes: must be an object"),
    "null schemas": (SCHEMA % "{}" + "components: {schemas: {A: }}\n", "/components/schemas/A: must be a schema"),
    "null properties": (SCHEMA % "{properties: }", f"{PLACE}/properties: must be an object, and is null"),
    "null property": (SCHEMA % "{properties: {a: }}", f"{PLACE}/properties/a: must be a schema"),
    "null required": (SCHEMA % "{required: }", f"{PLACE}/required: must be a list of names, and is null"),
    "null schema": (SCHEMA % "", f"{PLACE}: must be a schema (an object, true or false), and is null"),
    "null items": (SCHEMA % "{items: }", f"{PLACE}/items: must be a schema"),
    "null in allOf": (SCHEMA % "{allOf: [null]}", f"{PLACE}/allOf/0: must be a schema"),
    "null security": (SCHEMA % "{}" + "security:\n", "/security: must be a list, and is null"),
    "null requirement": (SCHEMA % "{}" + "security: [null]\n", "/security/0: must be an object"),
    "null scopes": (SCHEMA % "{}" + "security: [{a: }]\n", "/security/0/a: must be a list of names"),
    "null servers": (SCHEMA % "{}" + "servers:\n", "/servers: must be a list"),
    "server without a URL": (SCHEMA % "{}" + "servers: [{}]\n", "/servers/0/url: must be text, and is null"),
    "null path item": (HEAD + "paths: {/a: }\n", "/paths/~1a: must be an object, and is null"),
    "null operation": (HEAD + "paths: {/a: {get: }}\n", "/paths/~1a/get: must be an object"),
    "null responses": (HEAD + "paths: {/a: {get: {responses: }}}\n", "/paths/~1a/get/responses: must be an object"),
    "null response": (HEAD + "paths: {/a: {get: {responses: {200: }}}}\n", "/paths/~1a/get/responses/200: must be an object"),
    "null content": (HEAD + "paths: {/a: {get: {responses: {200: {content: }}}}}\n", "/responses/200/content: must be an object"),
    "null parameters": (HEAD + "paths: {/a: {parameters: }}\n", "/paths/~1a/parameters: must be a list"),
    "parameter without a name": (HEAD + "paths: {/a: {parameters: [{in: query}]}}\n", "/paths/~1a/parameters/0/name: must be text"),
    "paths is a list": (HEAD + "paths: []\n", "/paths must be an object"),
    "no paths": (HEAD, "is not an OpenAPI document"),
    "misspelt type": (SCHEMA % "{type: strnig}", f"{PLACE}/type: must be one of array, boolean"),
    "null type": (SCHEMA % "{type: [string, null]}", f"{PLACE}/type: must be one of array, boolean"),
    "no type": (SCHEMA % "{type: []}", f"{PLACE}/type: must be one of"),
    "type is a number": (SCHEMA % "{type: 3}", f"{PLACE}/type"),
    "properties is a list": (SCHEMA % "{properties: [a]}", f"{PLACE}/properties: must be an object, and is a list"),
    "required is true": (SCHEMA % "{required: true}", f"{PLACE}/required: must be a list of names, and is true or false"),
    "minimum is text": (SCHEMA % "{minimum: '3'}", f"{PLACE}/minimum: must be a number"),
    "minLength below 0": (SCHEMA % "{minLength: -1}", f"{PLACE}/minLength: must be a whole number"),
    "minimum is no number": (SCHEMA % "{minimum: .nan}", ":9: .nan is no JSON number"),
    "multipleOf 0": (SCHEMA % "{multipleOf: 0}", f"{PLACE}/multipleOf"),
    "enum is an object": (SCHEMA % "{enum: {a: 1}}", f"{PLACE}/enum: must be a list"),
    "pattern is a list": (SCHEMA % "{pattern: [a]}", f"{PLACE}/pattern: must be text"),
    "discriminator is text": (SCHEMA % "{discriminator: kind}", f"{PLACE}/discriminator: must be an object"),
    "mapping to a number": (SCHEMA % "{discriminator: {propertyName: a, mapping: {b: 3}}}", "/discriminator/mapping/b: must be text"),
    "document within itself": (HEAD + "paths: &a {/a: *a}\n", ":3: the alias *a stands inside of what it names"),
    "schema within itself": (SCHEMA % "&s {properties: {a: *s}}", ":9: the alias *s stands inside"),
    "nested too deep": (SCHEMA % ("{items: " * DEEP + "{}" + "}" * DEEP), "nested deeper"),
    "nested too deep in JSON": ('{"openapi": "3.1.0", "paths": {"/a": ' + "[" * DEEP + "]" * DEEP + "}}", "nested deeper"),
    "nested deep": (SCHEMA % ("{items: " * 250 + "{}" + "}" * 250), ":9: nested deeper than 250 levels"),
    "OpenAPI 2": ("swagger: '2.0'\npaths: {}\n", "/swagger: Swagger 2.0 is not read; convert it"),
    "text": ("hello", "is not an OpenAPI document"),
    "nothing": ("", "it holds no documents"),
    "no YAML": ("a: [", "not YAML"),
    "a control character": ("a: \x07\n", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [pytest.param(*entry, id=name) for name, entry in WRONG.items()])
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_wrong_document_is_one_line_with_its_place(
    tmp_path: Path, text: str, said: str, side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"old": tmp_path / "old.yaml", "new": tmp_path / "new.yaml"}
    for name, path in files.items():
        path.write_text(text if name == side else SCHEMA % "{}")
    assert main(["diff", *map(str, files.values())]) == ExitCode.USAGE
    message = capsys.readouterr().err
    assert message.startswith("reports: ") and said in message and message.count("\n") == 1, message
    assert str(files[side]) in message and len(message) < 600


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + SCHEMA % "{}", id="a byte order mark"),
        pytest.param((SCHEMA % "{}").replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param(SCHEMA % "{properties: {on: {type: string}, 1: {}, null: {}}}", id="names that YAML reads as values"),
        pytest.param(SCHEMA % "{properties: {x-trace: {type: string}}}", id="a member named like an extension"),
        pytest.param(SCHEMA % "{$ref: '#/paths/~1a/post/x%2Da%20b'}".replace("post/x", "post/x") + "", id="a reference with percent signs"),
        pytest.param(SCHEMA % "{$ref: '#here'}" + "components: {schemas: {A: {$anchor: here, type: string}}}\n", id="an anchor"),
        pytest.param(SCHEMA % "{a: &a {type: string}, properties: {b: *a, c: *a}}", id="an alias"),
        pytest.param(HEAD + "paths: {/a: {get: {responses: {default: {description: F}}}}}\n", id="a default answer"),
        pytest.param(HEAD + "paths: {/a: {get: {}}}\nx-foreign: {a: 1}\n", id="an operation that says nothing"),
        pytest.param(HEAD + "webhooks: {new: {post: {}}}\n", id="webhooks alone"),
    ],
)  # fmt: skip
def test_what_people_write_is_read(tmp_path: Path, text: str) -> None:
    text = text.replace("      responses: {'200'", "      x-a b: {type: string}\n      responses: {'200'")
    for name in ("old.yaml", "new.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]) == ExitCode.PASS


def test_what_takes_too_many_steps_is_unknown() -> None:
    """References that multiply: two to the power of thirty schemas, and a chain longer than Python's stack."""
    powers = {f"A{n}": {"properties": {"l": {"$ref": f"#/components/schemas/A{n + 1}"}, "r": {"$ref": f"#/components/schemas/B{n + 1}"}}} for n in range(30)}  # fmt: skip
    twins = {f"B{name[1:]}": {**copy.deepcopy(schema), "title": "T"} for name, schema in powers.items()}
    chain = {
        f"C{n}": {"type": "object", "properties": {"n": {"$ref": f"#/components/schemas/C{n + 1}"}}}
        for n in range(DEEP)
    }
    for first, last, schemas in (("A0", ["A30", "B30"], powers | twins), ("C0", [f"C{DEEP}"], chain)):
        old = asking(
            {"$ref": f"#/components/schemas/{first}"},
            **schemas,
            **{name: {"type": "string"} for name in last},
        )
        new = asking(
            {"$ref": f"#/components/schemas/{first}"},
            **schemas,
            **{name: {"type": "integer"} for name in last},
        )
        rules = {change.rule for change in differences(old, new)}
        assert rules & {"operation.not-compared", "request.type-changed"} and rules, first
        assert differences(old, old) == () or {c.rule for c in differences(old, old)} == {
            "operation.not-compared"
        }


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, dict | list):
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            yield node, key
            yield from _places(value)


JUNK: list[Any] = [None, True, "", "x", 0, -1, 1.5, [], [None], {}, {"": None}, {"$ref": "#/"}, {"$ref": "#/paths"}, {"type": "strnig"}, 2**70, "\u0000"]  # fmt: skip


def _rich() -> list[Document]:
    return [
        shared(""),
        *(new for _, _, new, *_ in ROWS[::5]),
        document({}, components={"schemas": {"A": {"$ref": "#/components/schemas/A"}}}),
    ]


def test_no_document_brings_it_down() -> None:
    """Any node replaced by any junk, or gone, or exchanged with another: a comparison or a line for the user."""
    draw = random.Random(1)
    documents = _rich()
    refused = 0
    for _ in range(MUTATIONS):
        old = draw.choice(documents)
        new = copy.deepcopy(old)
        for _ in range(draw.choice([1, 1, 1, 2, 5])):
            places = list(_places(new))
            if not places:
                break
            holder, key = draw.choice(places)
            what = draw.random()
            if what < 0.6:
                holder[key] = copy.deepcopy(draw.choice(JUNK))
            elif what < 0.8:
                del holder[key]
            else:
                other, name = draw.choice(places)
                holder[key] = (
                    copy.deepcopy(other[name])
                    if name in (other if isinstance(other, dict) else range(len(other)))
                    else None
                )
        for pair in ((old, new), (new, old), (new, new)):
            message = _refused(*pair)
            refused += bool(message)
            assert "\n" not in message and len(message) < 400
    assert 0 < refused < 3 * MUTATIONS


def _refused(old: Document, new: Document) -> str:
    try:
        differences(old, new)
    except SpecError as error:
        return str(error)
    return ""


def test_no_text_brings_it_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bytes of a file cut, doubled and overwritten."""
    draw = random.Random(2)
    sources = [yaml.safe_dump(each).encode() for each in _rich()[:8]]
    right = tmp_path / "right.yaml"
    right.write_bytes(sources[0])
    for _ in range(max(60, MUTATIONS // 20)):
        text = bytearray(draw.choice(sources))
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(text))
            match draw.randrange(4):
                case 0:
                    text[at] = draw.randrange(256)
                case 1:
                    del text[at : at + draw.randint(1, 30)]
                case 2:
                    text[at:at] = draw.choice(
                        [b"\x00", b"&a ", b"*a", b"!!python/object:os.x ", b"- ", b": ", b"\xff", b"{", b"["]
                    )
                case _:
                    text[at:at] = text[at : at + draw.randint(1, 60)]
            text = text or bytearray(b"a")
        wrong = tmp_path / "wrong.yaml"
        wrong.write_bytes(bytes(text))
        code = main(["diff", str(wrong), str(right)])
        message = capsys.readouterr()
        assert code in (ExitCode.PASS, ExitCode.FAIL, ExitCode.UNKNOWN, ExitCode.USAGE)
        assert (code is ExitCode.USAGE) == (message.err.count("\n") == 1), message.err

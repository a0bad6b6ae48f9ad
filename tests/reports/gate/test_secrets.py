"""A secret, whatever it is made of, reaches no artifact, no log and no terminal, in none of the ways in which they write."""

import base64
import html
import json
import random
import shlex
import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import escape as xml_text
from xml.sax.saxutils import quoteattr

import markupsafe
import pytest

from contracts.command.exit_code import ExitCode
from contracts.command.redaction import redacted, redacted_value
from contracts.run import VerdictRecord, parse
from reports.commands.gate_command import decide
from reports.formats.archive import FORMATS
from tests.reports import sample_runs
from tests.reports.gate.gate_harness import GateHarness, only_run

ALPHABET = string.ascii_letters + string.digits + "\"'\\<>&%$`!/+=~ ;#{}[]()é€🔑"
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON, UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"password": text})),
    "HTML": html.escape,
    "JSON in HTML": lambda text: html.escape(json.dumps(text)),
    "URL": lambda text: quote(text, safe=""),
    "a form": quote_plus,
    "a shell word": shlex.quote,
    "JSON in a curl line": lambda text: "curl --data-raw " + shlex.quote(json.dumps({"password": text})),
    "a curl line in JSON": lambda text: json.dumps("curl -d " + shlex.quote(json.dumps({"password": text}))),
    "Python": repr,
    "bytes": lambda text: repr(text.encode()),
    "Basic": lambda text: "Basic " + base64.b64encode(f"ada@example.org:{text}".encode()).decode(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 of JSON": lambda text: base64.b64encode(json.dumps(text).encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "hex in JSON": lambda text: json.dumps({"password": text.encode().hex()}),
    "XML": xml_text,
    "an attribute of XML": quoteattr,
    "an element": lambda text: ElementTree.tostring(ElementTree.Element("a", b=text), encoding="unicode"),
    "a template": lambda text: str(markupsafe.escape(text)),
    "base64 of a body": lambda text: base64.b64encode(json.dumps({"a": 1, "p": text}, ensure_ascii=False).encode()).decode()
    if text.isalnum()
    else "",
}  # fmt: skip


def secrets(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    made = ["".join(rng.choice(ALPHABET) for _ in range(rng.randint(8, 24))).strip() for _ in range(count)]
    return [secret for secret in made if len(secret) >= 8]


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_writing_hides_it(way: str) -> None:
    for secret in secrets(150, 1):
        written = WAYS[way](secret)
        told = redacted(f"before {written} after", (secret,))
        assert not written or written not in told, (secret, written, told)
        assert told.startswith("before ") and told.endswith(" after")


@pytest.mark.parametrize("way", WAYS)
def test_nor_do_lines(way: str) -> None:
    """A password of several lines: each of them is gone, wherever a text was split."""
    for secret in secrets(40, 5):
        written = WAYS[way](f"{secret}\nsecond {secret}")
        told = redacted(f"before {written} after", (f"{secret}\nsecond {secret}",))
        for half in {secret, *(f for f in written.splitlines() if len(f) > 40)}:
            assert half not in told, (secret, written, told)


WORDS = (
    "content",
    "items",
    "checks",
    "reason",
    "FAIL",
    "login",
    "operation",
    "2026",
    "200",
    "PASS",
    "got",
    "id",
)


@pytest.mark.parametrize("word", WORDS)
def test_a_password_that_is_a_word_of_ours_leaves_the_report_readable(word: str, tmp_path: Path) -> None:
    said = f'{{"password": "{word}"}} {word} at /content/items/2026-11-30 of content.items-login'
    told = VerdictRecord(
        check="content.items-login", grade="FAIL", reason=said, evidence={"operation": "login"}
    )
    stage = GateHarness(tmp_path)
    plain = sample_runs.run(checks=sample_runs.checks(), verdicts=[told], spec=None)
    part = stage.part("contracts", f"print({said!r})\ndone()", run=plain)
    assert decide(replace(stage.plan(part), password=word)) is ExitCode.FAIL
    folder = only_run(tmp_path / "out")
    run = parse((folder / "run.json").read_bytes(), name="run.json")
    assert [(one.id, one.operation, one.grade) for one in run.checks] == [
        (one.id, one.operation, one.grade) for one in plain.checks
    ]
    assert run.verdicts[0].check == "content.items-login"
    for text in (run.verdicts[0].reason, (folder / "logs" / "contracts.log").read_text()):
        assert '{"password": "<secret>"} <secret> at /content/items/2026-11-30 of content.items-login' in text
    assert {path.name for path in folder.iterdir()} >= set(FORMATS)


def test_nor_at_the_edge_of_a_cut() -> None:
    for secret in secrets(50, 2):
        told = redacted("x" * 90 + secret, (secret,), longest=100)
        assert secret[:4] not in told


def test_nor_in_the_names_of_members() -> None:
    for secret in secrets(50, 3):
        told = redacted_value({secret: [{"a": (inner := f"in {secret}")}], "n": [1, 2]}, (secret,))
        assert secret not in repr(told) and inner not in str(told) and told["n"] == [1, 2]


@pytest.mark.parametrize("opaque", ["Zx83kdjf93kd_a.QQ~7", "0123456789abcdef0123456789abcdef"])
def test_an_opaque_token_is_known_by_its_place(opaque: str) -> None:
    for told in (
        f"Authorization: Bearer {opaque}",
        f"ws://127.0.0.1:1/ws?token={opaque}",
        json.dumps({"tokens": {"accessToken": opaque, "refreshToken": opaque}}),
        json.dumps(json.dumps({"accessToken": opaque})),
    ):
        assert opaque not in redacted(told), told
    assert redacted("Bearer undefined, Bearer $TOKEN") == "Bearer undefined, Bearer $TOKEN"


@pytest.mark.parametrize(
    "secret", ["pa\"ss<&>w0rd'!", "two l1nes\nof 'one'\r\n\"p@ssw\u00f6rd\"", *secrets(3, 4)]
)
def test_the_gate_writes_it_nowhere(secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ways = [make(secret) for name, make in WAYS.items() if name != "base64 of a body"]
    reasons = [
        VerdictRecord(check=f"part.{n}", grade="FAIL", reason=way, evidence={"got": way})
        for n, way in enumerate(ways)
    ]
    checks = [
        sample_runs.broken_check("a.b", "login", "A law.", "S:1").model_copy(
            update={"reason": way, "got": way, "curl": [way]}
        )
        for way in ways
    ]  # fmt: skip
    stage = GateHarness(tmp_path)
    script = f"import json\nfor way in json.loads({json.dumps(ways)!r}): print(way, '\\x1b]52;c;QQ==\\x07')\ndone()"
    part = stage.part("contracts", script, run=sample_runs.run(checks=checks, verdicts=reasons, spec=None))
    assert decide(replace(stage.plan(part), password=secret)) is ExitCode.FAIL
    said = capsys.readouterr()
    folder = only_run(tmp_path / "out")
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "parts"]
    assert len(files) > 8
    whole = {str(path): path.read_text() for path in files} | {"terminal": said.out + said.err}
    for name, text in whole.items():
        assert not [way for way in (*ways, *secret.splitlines()) if way in text], name
    assert "\x1b" not in said.out + said.err

"""Each rule that stands as a code in the product is defined on contracts/rules.md, and each that is defined is whole."""

import itertools
import re
from pathlib import Path

import pytest

from contracts.spec import load

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "contracts" / "rules.md").read_text("utf-8")
ROW = re.compile(r'^\| <a id="([rfw]\d+)"></a>([RFW]\d+) \| (.+?) \| (.+?) \| (.+?) \|$', re.M)
DEFINED = {code: (anchor, cells) for anchor, code, *cells in ROW.findall(PAGE)}
SECTIONS = [(int(first), int(last)) for first, last in re.findall(r"^\| S:(\d+)-(\d+) \|", PAGE, re.M)]
CODE = re.compile(r"(?<![\w/.-])([RFW]\d{1,2})(?![\w-])")
LINES = re.compile(r"\bS:(\d+)(?:-(\d+))?")
FILES = [
    path
    for place in ("contracts", "load", "mock_server", "reports")
    for path in sorted((ROOT / place).rglob("*"))
    if path.suffix in (".py", ".md", ".yaml") and not {"node_modules", "out"} & set(path.parts)
] + [ROOT / "openapi.yaml"]
# Words that look like a rule: percentile rows and formats of other people.
NO_RULES = frozenset({"F8", "W3"}) - DEFINED.keys()


def test_every_rule_has_one_row_with_its_reason_and_operations() -> None:
    wanted = (
        [f"F{n}" for n in range(1, 14)] + [f"R{n}" for n in range(1, 41)] + [f"W{n}" for n in range(1, 8)]
    )
    assert list(DEFINED) == wanted
    assert all(anchor == code.lower() and all(cells) for code, (anchor, cells) in DEFINED.items())


def test_no_code_in_the_product_dangles() -> None:
    dangling = {
        f"{path.relative_to(ROOT)}: {code}"
        for path in FILES
        for code in CODE.findall(path.read_text("utf-8"))
        if code not in DEFINED and code not in NO_RULES
    }
    assert dangling == set()


def test_every_line_of_the_guide_lies_in_a_section_that_is_named() -> None:
    assert SECTIONS[0][0] == 1 and all(a[1] + 1 == b[0] for a, b in itertools.pairwise(SECTIONS))
    beyond = {
        f"{path.relative_to(ROOT)}: S:{first}"
        for path in FILES
        for first, last in LINES.findall(path.read_text("utf-8"))
        if int(last or first) > SECTIONS[-1][1] or int(first) < 1
    }
    assert beyond == set()


@pytest.mark.parametrize("code", DEFINED)
def test_the_operations_of_a_rule_exist(code: str) -> None:
    words = {"all", "none", "the", "of", "content", "channel", "reads", "writes"}
    named = set(re.findall(r"\w+", DEFINED[code][1][2])) - words
    assert named <= set(load().operations)

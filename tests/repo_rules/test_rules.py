"""The rules of this repository hold, but for what exceptions.txt lists; and each rule sees what breaks it."""

from __future__ import annotations

import doctest

import pytest

from tests.repo_rules import rules, sources
from tests.repo_rules.rules import EXCEPTIONS, RULES, breaks, exceptions
from tests.repo_rules.sources import Source, repository


@pytest.fixture(scope="module")
def found() -> dict[str, set[str]]:
    return breaks(repository())


@pytest.mark.parametrize("name", RULES)
def test_nothing_new_breaks_a_rule(name: str, found: dict[str, set[str]]) -> None:
    new = found[name] - exceptions()[name]
    assert new == set(), f"{RULES[name].__doc__} Broken by: {sorted(new)}"


@pytest.mark.parametrize("name", RULES)
def test_the_list_of_exceptions_only_shrinks(name: str, found: dict[str, set[str]]) -> None:
    gone = exceptions()[name] - found[name]
    assert gone == set(), "run: python -m tests.repo_rules.rules --shrink"


def test_each_exception_is_told_once() -> None:
    lines = [line for line in EXCEPTIONS.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines))


LONG = "def long():\n" + "    pass\n" * 60
PLANTED = [
    ("file-name-twice", [("load/a/one.py", ""), ("load/b/one.py", "")], "load: one"),
    ("class-name-twice", [("load/one.py", "class A: ..."), ("reports/two.py", "class A: ...")], "A"),
    ("wide-floor", [(f"load/f{n}.py", "") for n in range(11)], "load"),
    ("wide-floor", [(f"load/f{n}/one.py", "") for n in range(11)], "load"),
    ("import-circle", [("load/a.py", "import load.b"), ("load/b.py", "def f():\n    from load.a import x")], "load.a <-> load.b"),
    ("import-circle", [("load/a.py", "from load import b"), ("load/b.py", "from load import c"), ("load/c.py", "import load.a")], "load.a <-> load.b <-> load.c"),
    ("silent-folder", [("load/__init__.py", '"""One: one."""'), ("load/one.py", ""), ("load/two.py", "")], "load"),
    ("silent-folder", [("load/__init__.py", '"""One: one.two."""'), ("load/one.py", ""), ("load/two.py", "")], "load"),
    ("silent-folder", [("load/__init__.py", ""), ("load/deep/__init__.py", "")], "load"),
    ("listed-missing", [("load/__init__.py", '"""One.\n\n`one`: here.\n`two`: gone."""'), ("load/one.py", "")], "load: two"),
    ("listed-missing", [("load/__init__.py", '"""One.\n\n| one.py | gone |\n| deep/ | here |"""'), ("load/deep/one.py", "")], "load: one"),
    ("no-docstring", [("load/one.py", "x = 1")], "load/one.py"),
    ("long-file", [("load/one.py", "x = 1\n" * 301)], "load/one.py"),
    ("long-file", [("contracts/suite/checks/test_one.py", "x = 1\n" * 401)], "contracts/suite/checks/test_one.py"),
    ("long-function", [("load/one.py", LONG)], "load/one.py:long"),
    ("long-function", [("load/one.py", f"async {LONG}")], "load/one.py:long"),
    ("empty-name", [("load/base.py", "")], "load/base.py"),
    ("empty-name", [("tests/load/http_helpers.py", "")], "tests/load/http_helpers.py"),
    ("empty-name", [("load/one.py", "class UserManager: ...")], "load/one.py:UserManager"),
    ("patched-process", [("load/one.py", "import sys\nsys.path.insert(0, '')")], "load/one.py: sys.path.insert"),
    ("patched-process", [("load/one.py", "import os\nos.execv('', [])")], "load/one.py: os.execv"),
    ("cache-by-id", [("load/one.py", "kept[id(world)] = 1")], "load/one.py"),
    ("private-import", [("load/one.py", "from uvicorn.protocols import _Private")], "load/one.py: uvicorn.protocols._Private"),
    ("fault-in-reference", [("mock_server/store/one.py", "if rules.stale: ...")], "mock_server/store/one.py"),
    ("fault-in-reference", [("mock_server/one.py", "from mock_server.faults import CATALOGUE")], "mock_server/one.py"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "planted", "entry"), PLANTED)
def test_a_rule_names_what_breaks_it(name: str, planted: list[tuple[str, str]], entry: str) -> None:
    assert list(RULES[name](tuple(Source(*source) for source in planted))) == [entry]


def test_every_rule_has_a_planted_break() -> None:
    assert set(RULES) - {name for name, _, _ in PLANTED} == {"long-readme"}


KEPT = [
    ("file-name-twice", [("load/a/one.py", ""), ("reports/one.py", ""), ("load/b/__main__.py", ""), ("load/__main__.py", "")]),
    ("class-name-twice", [("load/one.py", "class _A: ..."), ("reports/two.py", "class _A: ..."), ("tests/load/one.py", "class A: ...")]),
    ("wide-floor", [("load/__init__.py", ""), *((f"load/f{n}.py", "") for n in range(10))]),
    ("wide-floor", [(f"contracts/suite/checks/test_{n}.py", "") for n in range(30)]),
    ("import-circle", [("load/a.py", "import load.b, load"), ("load/b.py", "import load.c"), ("load/c.py", "import json")]),
    ("silent-folder", [("load/__init__.py", '"""One: `one`, two."""'), ("load/one.py", ""), ("load/two.py", "")]),
    ("listed-missing", [("load/__init__.py", '"""One.\n\n- `one`, `deep/`: here.\n\n| `fact` | of |"""'), ("load/one.py", "")]),
    ("long-file", [("load/one.py", "x = 1\n" * 300), ("contracts/suite/checks/test_one.py", "x = 1\n" * 400)]),
    ("empty-name", [("load/database.py", "class Basement: ...")]),
    ("cache-by-id", [("load/one.py", "if id(node) in seen: ...")]),
    ("private-import", [("load/one.py", "from __future__ import annotations\nfrom _thread import _local")]),
    ("fault-in-reference", [("mock_server/faults/one.py", "if rules.stale: ...")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kept"), KEPT)
def test_a_rule_is_silent_about_what_keeps_it(name: str, kept: list[tuple[str, str]]) -> None:
    assert list(RULES[name](tuple(Source(*source) for source in kept))) == []


@pytest.mark.parametrize("module", [rules, sources], ids=lambda module: module.__name__)
def test_the_examples_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]

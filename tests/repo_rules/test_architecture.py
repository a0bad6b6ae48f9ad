"""Who may import whom. The README's map is this table."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("contracts", "mock_server", "load", "reports", "tests")

# Package -> what of ours it may import.
MAY_IMPORT = {
    "contracts": {"contracts"},
    "mock_server": {"contracts", "mock_server"},
    "load": {"contracts", "load"},
    "reports": {"contracts", "reports"},
}
# Libraries that perform I/O or patch the process, and the only places that may import them.
CONFINED = {
    "locust": ("load/locustfile.py", "load/stats.py"),
    "gevent": ("load/",),
    "geventhttpclient": ("load/",),
    "httpx": ("contracts/suite/", "reports/"),
    "requests": ("contracts/suite/",),
    "schemathesis": ("contracts/suite/",),
    "hypothesis": ("contracts/suite/",),
    "pytest": ("contracts/suite/", "contracts/conftest.py"),
    "uvicorn": ("mock_server/servers/on_uvicorn.py", "mock_server/servers/fast_http_protocol.py"),
    "granian": ("mock_server/servers/on_granian.py",),
    "sqlite3": ("mock_server/store/",),
    "asyncio": ("mock_server/", "load/proxy/"),
    "socket": ("mock_server/", "load/", "contracts/suite/", "reports/"),
    "subprocess": ("mock_server/", "load/", "contracts/suite/", "reports/"),
}
# The top level is the user's decision; beside it only what tools demand.
TOP_LEVEL = {
    "pyproject.toml", "README.md", "openapi.yaml", "contracts", "load", "mock_server", "tests", "reports",
    "Makefile", "requirements.lock", "LICENSE",
}  # fmt: skip


@cache
def sources() -> list[tuple[str, ast.Module]]:
    """Of every file, its path and what it says."""
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8")))
        for package in MAY_IMPORT
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts and "out" not in path.parts
    ]


def imported(tree: ast.Module) -> Iterator[str]:
    """Absolute names of all modules that a file imports, inside functions and type-checking blocks too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_they_may(package: str) -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources()
        if path.startswith(f"{package}/")
        for name in imported(tree)
        if (top := name.split(".")[0]) in OURS and top not in MAY_IMPORT[package]
    ]
    assert wrong == []


def test_the_core_of_contracts_does_not_know_its_suite() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources()
        if path.startswith("contracts/")
        and not path.startswith(("contracts/suite/", "contracts/conftest.py"))
        for name in imported(tree)
        if name.startswith("contracts.suite")
    ]
    assert wrong == []


def test_the_reference_model_knows_nothing_but_itself() -> None:
    """It is the second statement of the meaning, so it must not share code with what it judges."""
    wrong = [
        f"{path} imports {name}"
        for path, tree in sources()
        if path.startswith("contracts/model/")
        for name in imported(tree)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("contracts.model")
    ]
    assert wrong == []


@pytest.mark.parametrize("library", CONFINED)
def test_libraries_stay_where_they_belong(library: str) -> None:
    wrong = [
        path
        for path, tree in sources()
        for name in imported(tree)
        if name.split(".")[0] == library and not path.startswith(CONFINED[library])
    ]
    assert wrong == []


def test_nothing_is_called_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
    assert [path for path, _ in sources() if Path(path).stem in empty] == []


def test_files_and_functions_are_small() -> None:
    large = [path for path, _ in sources() if (ROOT / path).read_text("utf-8").count("\n") > 400]
    long = [
        f"{path}:{node.name}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert (large, long) == ([], [])


def test_the_top_level_is_what_the_user_fixed() -> None:
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tops = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in tops if not name.startswith(".")} - TOP_LEVEL == set()

"""Who may import whom: packages.py is the table, and the README's map is made from it."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache

import pytest

from tests.repo_rules.packages import PACKAGES
from tests.repo_rules.sources import OURS, ROOT, imported, of_product, repository

MAY_IMPORT = {name: package.may_import for name, package in PACKAGES.items() if name != "tests"}
# Libraries that perform I/O or patch the process, and the only places that may import them.
CONFINED = {
    "locust": (
        "load/__main__.py",
        "load/locustfile.py",
        "load/locust_run.py",
        "load/results/locust_statistics.py",
    ),
    "gevent": ("load/",),
    "geventhttpclient": (),
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
    "Makefile", "requirements.lock", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
}  # fmt: skip


@cache
def sources() -> list[tuple[str, ast.Module]]:
    """Of every file of the product, its path and what it says."""
    return [(source.path, source.tree) for source in of_product(repository())]


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


def test_the_top_level_is_what_the_user_fixed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tops = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in tops if not name.startswith(".")} - TOP_LEVEL == set()

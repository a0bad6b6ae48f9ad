"""Who may import whom: packages.py is the table, and the README's map is made from it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.repo_rules.packages import PACKAGES
from tests.repo_rules.sources import OURS, ROOT, of_product, repository

MAY_IMPORT = {name: package.may_import for name, package in PACKAGES.items() if name != "tests"}
# Libraries that perform I/O or patch the process, and the only places that may import them.
CONFINED = {
    "locust": (
        "load/__main__.py",
        "load/locustfile.py",
        "load/locust_run.py",
        "load/worker_side.py",
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
    "socket": ("mock_server/", "load/", "contracts/suite/", "reports/", "contracts/command/loopback.py"),
    "subprocess": (
        "mock_server/",
        "load/",
        "contracts/suite/",
        "reports/",
        "contracts/command/child_guard.py",
    ),
}
# The top level is the user's decision; beside it only what tools demand.
TOP_LEVEL = {
    "pyproject.toml", "README.md", "openapi.yaml", "contracts", "load", "mock_server", "tests", "reports",
    "Makefile", "requirements.lock", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
}  # fmt: skip


def foreign(under: str, wrong: Callable[[str, str], bool]) -> list[str]:
    """What the files of the product under this path import and may not: `wrong` is of a path and a name."""
    return [
        f"{source.path} imports {name}"
        for source in of_product(repository())
        if source.path.startswith(under)
        for name in source.imports
        if wrong(source.path, name)
    ]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_they_may(package: str) -> None:
    allowed = MAY_IMPORT[package]
    assert (
        foreign(f"{package}/", lambda _, name: (top := name.split(".")[0]) in OURS and top not in allowed)
        == []
    )


def test_the_core_of_contracts_does_not_know_its_suite() -> None:
    suite = ("contracts/suite/", "contracts/conftest.py")
    assert (
        foreign(
            "contracts/", lambda path, name: name.startswith("contracts.suite") and not path.startswith(suite)
        )
        == []
    )


def test_the_suites_folders_import_only_those_before_them() -> None:
    """The order is that of `contracts/suite/__init__.py`; checks stand last, and each declares itself in the registry of the plugin."""
    source = (ROOT / "contracts/suite/__init__.py").read_text("utf-8")
    order = [
        name
        for name in re.findall(r"`(\w+)`", source.split("Each imports only")[0])
        if (ROOT / "contracts/suite" / name).is_dir()
    ]
    assert {*order} == {
        path.name for path in (ROOT / "contracts/suite").iterdir() if (path / "__init__.py").exists()
    }
    for place, name in enumerate(order):
        later = tuple(f"contracts.suite.{other}" for other in order[place + 1 :])
        assert (
            foreign(f"contracts/suite/{name}/", lambda _, imported, later=later: imported.startswith(later))
            == []
        )  # type: ignore[misc]


def test_the_reference_model_knows_nothing_but_itself() -> None:
    """It is the second statement of the meaning, so it must not share code with what it judges."""
    known = sys.stdlib_module_names
    assert (
        foreign(
            "contracts/model/",
            lambda _, name: name.split(".")[0] not in known and not name.startswith("contracts.model"),
        )
        == []
    )


@pytest.mark.parametrize("library", CONFINED)
def test_libraries_stay_where_they_belong(library: str) -> None:
    assert (
        foreign(
            "", lambda path, name: name.split(".")[0] == library and not path.startswith(CONFINED[library])
        )
        == []
    )


def test_the_top_level_is_what_the_user_fixed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tops = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in tops if not name.startswith(".")} - TOP_LEVEL == set()

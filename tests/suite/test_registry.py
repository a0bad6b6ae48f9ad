"""The registry is complete, unique and says where each law comes from; every operation is looked at."""

import re
import subprocess
import sys

import pytest

from contracts.spec import load as load_spec
from contracts.suite.plugin import registry
from tests.suite.conftest import ROOT

CHECKS = registry.load()


def test_slugs_are_unique_across_files_and_every_test_file_has_some() -> None:
    folder = registry.FOLDER
    written = [
        slug
        for file in folder.glob("test_*.py")
        for slug in re.findall(r'@check\(\s*"([a-z0-9.-]+)"', file.read_text())
    ]
    assert sorted(written) == sorted(CHECKS)
    for file in folder.glob("test_*.py"):
        assert any(check.function.__module__.endswith(file.stem) for check in CHECKS.values()), file.name


@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_a_check_says_its_law_and_names_operations_that_exist(check: registry.Check) -> None:
    assert check.law.endswith(".") and len(check.law) > 20
    assert set(check.operations) <= set(load_spec().operations)
    assert check.family in registry.FAMILIES


def test_every_operation_has_a_check_of_its_own_beside_those_over_all() -> None:
    named = {operation for check in CHECKS.values() for operation in check.operations}
    assert named == set(load_spec().operations)


def test_the_table_has_a_row_for_each_check() -> None:
    rows = registry.table().splitlines()[2:]
    assert len(rows) == len(CHECKS)
    assert all(row.count(" | ") == 2 for row in rows)


@pytest.mark.parametrize(
    ("slug", "source", "needs", "law"),
    [
        pytest.param("Bad Slug", "S:1", (), "A law.", id="slug"),
        pytest.param("a.b", "somewhere", (), "A law.", id="source"),
        pytest.param("a.b", "S:1", ("luck",), "A law.", id="need"),
        pytest.param("a.b", "S:1", (), None, id="law"),
    ],
)
def test_a_bad_entry_is_refused(slug: str, source: str, needs: tuple[str, ...], law: str | None) -> None:
    def function(api: object) -> None: ...

    function.__doc__ = law
    with pytest.raises(ValueError):
        registry.family("smoke")(slug, source, needs=needs)(function)
    assert slug not in registry.CHECKS or slug in CHECKS


def test_what_is_slow_to_import_waits_for_the_first_check_that_needs_it() -> None:
    """Every selection starts by importing all checks, and most have none of these."""
    told = "import sys; from contracts.suite.plugin import pytest_plugin, registry; registry.load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"schemathesis", "hypothesis", "jsonschema", "requests"} & set(done.stdout.split()) == set()
    assert "contracts.suite.checks.test_conformance" in done.stdout

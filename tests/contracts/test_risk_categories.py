"""Every category has a check that looks for it or a reason; every check named exists; OWASP's labels agree with a check's own source."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from contracts.risk_categories import CATEGORIES, RiskCategory, labels
from contracts.suite.plugin.registry import load

CHECKS = load()


def test_both_catalogues_are_whole() -> None:
    owasp = {f"OWASP-API{number}:2023" for number in range(1, 11)}
    assert {name for name in CATEGORIES if name.startswith("OWASP")} == owasp
    published = pytest.importorskip("webfuzzing_commons")
    listed = json.loads(
        (Path(published.__file__).parent / "data" / "fault_categories.json").read_text("utf-8")
    )
    fuzzing = {f"WFC-F{one['code']}": one["id"] for one in listed}
    assert {name: category.name for name, category in CATEGORIES.items() if name not in owasp} == fuzzing


@pytest.mark.parametrize("category", CATEGORIES.values(), ids=list(CATEGORIES))
def test_a_category_is_looked_for_or_says_why_not(category: RiskCategory) -> None:
    assert bool(category.checks) != bool(category.not_applicable)
    for pattern in category.checks:
        assert any(fnmatchcase(check, pattern) for check in CHECKS), f"{pattern} is no check"


def test_a_check_whose_source_is_owasp_has_that_label() -> None:
    wrong = [
        (check.id, name)
        for check in CHECKS.values()
        for name in re.findall(r"OWASP (API\d+)", check.source)
        if f"OWASP-{name}:2023" not in labels(check.id)
    ]
    assert wrong == []

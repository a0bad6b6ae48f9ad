"""The catalogue and the registry speak of the same checks: every name is known, and no check is there for nothing."""

import pytest

from mock_server.faults import CATALOGUE
from mock_server.faults.fault import FAMILIES, Fault
from tests.differences.tables import TABLES
from tests.differences.test_rows import SLOW, WHOLE
from tests.power.fault_sample import pairs, sample
from tests.power.named_checks import (
    BEFORE,
    BEFORE_MESSAGES,
    CHECKS,
    LOOKING_BACK,
    VERDICTS,
    is_known,
    plan,
    slug_of,
    trials_of,
)
from tests.power.unnamed_checks import RED_BY

NAMED = {slug_of(check) for fault in CATALOGUE.values() for check in fault.check}
BETWEEN = {slug_of(check) for row in TABLES["faults"] if row.name not in SLOW | WHOLE for check in row.checks}
"""What tests/differences proves in each run of our tests: a cache in between cannot be a fault of the server itself."""


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=list(CATALOGUE))
def test_a_fault_names_checks_that_exist(fault: Fault) -> None:
    assert fault.check
    for name in fault.check:
        assert is_known(name), f"{name} is neither a check of the suite nor a verdict of a load run"
        value = name.rstrip("]").partition("[")[2]
        assert not value or value in trials_of(CHECKS[slug_of(name)], ())


@pytest.mark.parametrize("name", ["no.such-check", "load.connections", "objective[getContentItems]", ""])
def test_a_name_of_nothing_is_not_known(name: str) -> None:
    assert not is_known(name)


def test_every_check_has_a_fault_or_a_proxy_or_stands_in_the_list_with_its_reason() -> None:
    assert set(CHECKS) - NAMED - BETWEEN == set(RED_BY)
    assert set(RED_BY.values()) <= set(CATALOGUE)


def test_what_runs_before_the_checks_that_look_back_exists() -> None:
    assert set(BEFORE) | set(BEFORE_MESSAGES) | set(LOOKING_BACK) <= set(CHECKS)
    assert {slug for slug in CHECKS if slug.startswith("shape.")} <= set(LOOKING_BACK)


def test_the_tests_about_the_faults_own_operations_come_first() -> None:
    fault = CATALOGUE["za-02-required-missing"]
    assert plan("shape.answers", fault)[0] == ("shape.answers", "getContentItem")
    assert plan("shape.answers[login]", fault)[:2] == [
        ("shape.answers", "login"),
        ("smoke.reaches", "getContentItem"),
    ]
    assert plan("items.archive", fault) == [("items.archive", None)]


def test_the_sample_is_a_fifth_of_each_family() -> None:
    chosen = sample(seed=1)
    assert set(chosen) <= set(pairs()) and chosen == sample(seed=1) != sample(seed=2)
    for family in FAMILIES:
        seen = {n for n, f in CATALOGUE.items() if f.family == family and not set(f.check) <= set(VERDICTS)}
        assert len(seen & {name for name, _ in chosen}) == -(-len(seen) // 5)

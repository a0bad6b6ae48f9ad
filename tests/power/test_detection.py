"""A fifth of the catalogue in every test run: each fault, alone, turns the checks that it names red. `make power` runs all."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mock_server.faults import CATALOGUE
from tests.power.fault_sample import sample
from tests.power.named_checks import CHECKS, slug_of
from tests.power.runs.fault_bench import FaultBench, run
from tests.power.runs.fuzz_rate import clock, total

PAIRS = sample(seed=1)
VALUES = 3
"""Tests of one check on the clean server; their number is of no matter there, and the suite's own run has all."""


@pytest.fixture(scope="module")
def bench() -> Iterator[FaultBench]:
    with FaultBench() as made:
        yield made


@pytest.mark.parametrize(("fault", "check"), PAIRS, ids=[f"{fault}-{check}" for fault, check in PAIRS])
def test_a_fault_turns_its_check_red(bench: FaultBench, fault: str, check: str) -> None:
    cell = bench.probe(CATALOGUE[fault], check)
    assert cell.outcome == "red", cell.told
    assert cell.told and cell.test and cell.requests > 0


def test_a_fault_that_is_none_of_a_checks_business_is_a_miss(bench: FaultBench) -> None:
    cell = bench.probe(CATALOGUE["throttle-missing"], "items.order")
    assert cell.outcome == "missed" and not cell.caught


def test_a_check_that_needs_what_nobody_offers_is_unchecked(bench: FaultBench) -> None:
    world = bench.world()
    try:
        world.target.settings = replace(world.target.settings, writes=False)
        outcome, told = run(world, "items.order", None)
    finally:
        world.close()
    assert outcome == "unchecked" and "written" in told


def test_a_bug_of_ours_is_a_crash_and_no_red(bench: FaultBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(api: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(CHECKS, "items.order", replace(CHECKS["items.order"], function=broken))
    cell = bench.probe(CATALOGUE["throttle-missing"], "items.order")
    assert cell.outcome == "crashed" and "ZeroDivisionError" in cell.told


def test_the_clean_server_turns_none_of_them_red(bench: FaultBench) -> None:
    count, alarms = bench.innocent([slug_of(check) for _, check in PAIRS], VALUES)
    assert count > len(PAIRS) / 2 and alarms == []


def test_the_sweep_is_clocked_and_finds_nothing_wrong(bench: FaultBench) -> None:
    world = bench.world()
    try:
        rows = clock(world, 12, bench.server.pid)
    finally:
        world.close()
        bench.clean()
    assert [row.cases for row in rows if row.operation != "login"] == [12] * (len(rows) - 1)
    assert not any(row.wrong for row in rows) and total(rows).cases == 12 * (len(rows) - 1)

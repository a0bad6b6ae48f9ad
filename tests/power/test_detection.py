"""A fifth of the catalogue in every test run: each fault, alone, turns the checks that it names red. `make power` runs all."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from contracts.spec import load
from mock_server.faults import CATALOGUE
from tests.power.fault_sample import sample
from tests.power.named_checks import CHECKS, slug_of
from tests.power.runs.fault_bench import FaultBench, run
from tests.power.runs.fuzz_rate import clock, total

PAIRS = sample(seed=1)
OPERATIONS = "|".join([*load().operations, *(operation.id for operation in load().oauth.values())])
BEGINS = re.compile(rf"({OPERATIONS}|[A-Z]+ /\S+|the (target|channel|server's log))(:? |$)")
"""How a reason begins: the operation that shows it, or what was read in place of one."""
REASONS = (
    ("archive-without-version", "items.archive", "archiveContent answers success and makes no new version: the item is archived, version 1"),
    ("za-08-delete-nothing", "items.archive", "archiveContent answers success and changes nothing: the item is still a draft, version 1"),
    ("revert-backward", "revert.content", "revertContentVersion shows an item as a draft, version 2, which updateContentItem has answered as version 4"),
    ("list-stale", "items.list-shows-present-state", "getContentItems shows an item as a draft, version 1, which updateContentItem has answered as version 2"),
    ("forbidden-401", "permissions.matrix", "publishContent answers 401 FORBIDDEN where 403 FORBIDDEN is right"),
    ("scheme-case-sensitive", "tokens.header-forms", "verifyToken answers 401 TOKEN_INVALID where 200 is right"),
    ("grace-missing", "auth.refresh-grace-same-pair", "refreshTokens answers 401 REFRESH_REUSED where 200 is right"),
    ("rotation-ends-access", "auth.access-outlives-rotation", "getContentItems refuses the token of a session that is still alive: 401 TOKEN_INVALID"),
    ("reuse-spares-family", "auth.refresh-reuse-revokes-family", "refreshTokens: expected the first access token refused after the reuse; got 200"),
    ("missing-item-200", "items.not-found", "getContentItem answers 200 where 404 CONTENT_NOT_FOUND is right"),
    ("code-reusable", "oauth.code-once", "exchangeToken answers 200 where 400 is right"),
    ("mass-assignment", "items.server-fields-refused", "createContentItem takes a request that the document refuses: 201 where 400 is right"
     " (body: Additional properties are not allowed ('id' was unexpected))"),
    ("logout-keeps-refresh", "auth.logout-ends-session", "refreshTokens answers 200 where 401 is right"),
    ("tree-hides-empty", "categories.include-empty", "getContentCategories: expected the category empty in the tree with includeEmpty: its list exists; got it is not, as getContentByCategory shows"),
    ("version-raised-twice", "items.update-bumps-version", "updateContentItem: version after an update = 3, not 2"),
    ("ws-event-action-wrong", "realtime.event-per-change", "the channel: event 1 at /action = updated, not created"),
    ("create-200", "shape.answers", "createContentItem: 200 is not documented; documented are 201, 400, 401, 403, 405, 409, 413, 415, 422, 429, 500, 503"),
)  # fmt: skip
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
    assert cell.test and cell.requests > 0
    assert BEGINS.match(cell.told), cell.told


@pytest.mark.parametrize(("fault", "check", "told"), REASONS, ids=[fault for fault, _, _ in REASONS])
def test_a_reason_is_true_of_the_fault(bench: FaultBench, fault: str, check: str, told: str) -> None:
    assert bench.probe(CATALOGUE[fault], check).told == told


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

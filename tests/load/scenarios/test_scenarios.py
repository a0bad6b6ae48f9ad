"""The scenario table: every plan can be made, names only what exists, and the gate has the samples it claims."""

from collections import Counter

import pytest

from contracts.objective import samples_needed
from contracts.spec import load
from load.journeys import ALL
from load.runs.run_config import RunConfig
from load.scenarios.arrival_plan import Arrival, PlanError
from load.scenarios.scenario_table import (
    OPERATIONS,
    OTHERS,
    TABLE,
    listing,
    plan,
)
from load.scenarios.stock import Stock, busiest, stock, stock_of

GATE_MINIMUM = 850


@pytest.mark.parametrize("name", TABLE)
def test_every_scenario_asks_only_for_journeys_that_exist(name: str) -> None:
    made = plan(name, rate=None, seconds=None, seed=1)
    assert {*made.mix, *(burst for _, burst, _ in made.bursts)} <= set(ALL)
    assert made.seconds == pytest.approx(TABLE[name].seconds)


@pytest.mark.parametrize("seed", range(5))
def test_the_gate_proves_the_objective_with_three_stray_violations(seed: int) -> None:
    spec = load()
    arrivals = plan("gate", rate=None, seconds=None, seed=seed).arrivals()
    counts = Counter(ALL[a.journey].operation for a in arrivals)
    assert set(counts) == {operation.id for operation in spec}
    assert min(counts.values()) >= GATE_MINIMUM
    assert samples_needed(3, 0.01) <= GATE_MINIMUM


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name].claim == "objective"])
def test_every_scenario_that_claims_an_objective_plans_enough_samples_for_it(name: str) -> None:
    spec = load()
    counts = Counter(ALL[a.journey].operation for a in plan(name, rate=None, seconds=None, seed=1).arrivals())
    for operation, count in counts.items():
        assert count >= samples_needed(0, 1 - spec[operation].objective.share), operation


def test_the_operations_of_the_mixes_are_those_of_the_document() -> None:
    assert set(OPERATIONS) == {operation.id for operation in load()}


def test_users_and_spawn_rate_become_a_climb() -> None:
    made = plan("steady", rate=40, seconds=10, seed=1, climb=4)
    assert made.words == "poisson 0 to 40/s for 4 s, then 40/s for 6 s, seed 1"


@pytest.mark.parametrize(
    ("name", "rate", "seconds"),
    [("nope", None, None), ("gate", 0, None), ("gate", 10, 0), ("gate", 10, -1)],
)
def test_impossible_runs_are_refused(name: str, rate: float | None, seconds: float | None) -> None:
    with pytest.raises(PlanError):
        plan(name, rate=rate, seconds=seconds, seed=1)


def test_the_listing_has_a_row_for_each() -> None:
    assert [row[0] for row in listing()] == [*TABLE, *OTHERS]


@pytest.mark.parametrize(
    ("journeys", "expected"),
    [
        pytest.param(["getContentItem"], Stock(0, 0, 0, 0, 0), id="reads need nothing"),
        pytest.param(["logout"], Stock(0, 0, 0, 0, 7), id="one logout a second"),
        pytest.param(["updateContentItem"] * 2, Stock(10, 2, 0, 0, 0), id="two updates"),
        pytest.param(["revertContentVersion"], Stock(0, 0, 0, 5, 0), id="one revert"),
    ],
)
def test_stock_follows_the_busiest_second(journeys: list[str], expected: Stock) -> None:
    busy = [Arrival(5_000_000_000, journey) for journey in journeys]
    assert stock_of(busiest(iter([Arrival(0, "getContentItem"), *busy]))) == expected


@pytest.mark.parametrize("name", ["gate", "spike", "bulk"])
def test_the_stock_of_a_long_plan_is_reckoned_and_not_less(name: str) -> None:
    short = plan(name, rate=None, seconds=60, seed=1)
    exact = stock(short, 0, 2)
    long = stock(plan(name, rate=None, seconds=1e7, seed=1), 0, 2)
    assert all(
        getattr(long, part) >= getattr(exact, part) for part in ("working", "drafts", "revertable", "guests")
    )


@pytest.mark.parametrize(
    ("rate", "seconds", "told"),
    [
        pytest.param(1e9, 1, "1,000,000,000 a second for 1 s", id="rate"),
        pytest.param(1, 1e12, "a second for 1,000,000,000,000 s", id="duration"),
        pytest.param(50_000, 1e6, "50,000,000,000 arrivals", id="both"),
    ],
)
def test_a_plan_that_nobody_can_mean_is_refused_before_it_is_made(
    rate: float, seconds: float, told: str
) -> None:
    config = RunConfig(scenario="steady", seed=1, host="http://127.0.0.1:1", rate=rate, seconds=seconds)
    with pytest.raises(PlanError, match=told):
        config.plan()

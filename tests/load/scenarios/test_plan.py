"""Arrival plans in virtual time: how many, when, of what, and the same every time."""

from collections import Counter
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.scenarios.arrival_plan import (
    Arrival,
    ArrivalPlan,
    PlanError,
    Shape,
    constant,
    ramp,
    replay,
    spike,
    steps,
)
from load.scenarios.shared_arrivals import PlanShare, SharedArrivals

SECOND = 1_000_000_000
MIX = {"a": 3, "b": 1}


def made(shape: Shape, spacing: str = "even", seed: int = 1) -> list[Arrival]:
    return list(ArrivalPlan(shape=shape, mix=MIX, seed=seed, spacing=spacing).arrivals())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        pytest.param(constant(100, seconds=3), 300, id="constant 100/s for 3 s"),
        pytest.param(ramp(0, 100, seconds=4), 200, id="ramp 0 to 100/s in 4 s: the triangle"),
        pytest.param(ramp(100, 0, seconds=4), 200, id="ramp down"),
        pytest.param(steps([10, 20, 30], seconds=3), 60, id="three steps of 1 s"),
        pytest.param(spike(10, 100, seconds=4, width=1), 130, id="spike: 3 s at 10/s, 1 s at 100/s"),
        pytest.param(constant(0.5, seconds=4), 2, id="slower than one a second"),
    ],
)
def test_evenly_spaced_plans_have_exactly_the_area_under_their_rate(shape: Shape, count: int) -> None:
    arrivals = made(shape)
    assert len(arrivals) == count
    assert all(a.due <= b.due for a, b in pairwise(arrivals))
    assert arrivals[0].due >= 0 and arrivals[-1].due < sum(stage.seconds for stage in shape) * SECOND


@pytest.mark.parametrize(
    ("shape", "second", "count"),
    [
        pytest.param(ramp(0, 100, seconds=10), 0, 5, id="first second of a ramp"),
        pytest.param(ramp(0, 100, seconds=10), 9, 95, id="last second of a ramp"),
        pytest.param(spike(10, 100, seconds=5, width=1), 2, 100, id="the spike itself"),
        pytest.param(spike(10, 100, seconds=5, width=1), 1, 10, id="before the spike"),
    ],
)
def test_the_rate_is_where_it_should_be(shape: Shape, second: int, count: int) -> None:
    assert sum(arrival.due // SECOND == second for arrival in made(shape)) == count


def test_poisson_arrivals_have_the_mean_and_the_variance_of_a_poisson_process() -> None:
    per_second = Counter(a.due // SECOND for a in made(constant(100, seconds=400), "poisson"))
    counts = [per_second[second] for second in range(400)]
    mean = sum(counts) / 400
    variance = sum((count - mean) ** 2 for count in counts) / 400
    assert 98 < mean < 102
    assert 80 < variance < 120


@pytest.mark.parametrize("spacing", ["even", "poisson"])
def test_the_same_seed_gives_the_same_plan_and_another_one_another(spacing: str) -> None:
    shape = constant(50, seconds=4)
    assert made(shape, spacing) == made(shape, spacing)
    assert made(shape, spacing) != made(shape, spacing, seed=2)


def test_every_full_deck_holds_each_operation_as_often_as_its_weight() -> None:
    names = [arrival.journey for arrival in made(constant(100, seconds=4))]
    decks = [Counter(names[at : at + 4]) for at in range(0, 400, 4)]
    assert all(deck == Counter(MIX) for deck in decks)


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_shares_are_disjoint_and_complete(of: int) -> None:
    plan = ArrivalPlan(shape=constant(100, seconds=2), mix=MIX, seed=3)
    parts = [list(SharedArrivals(plan.arrivals(), PlanShare(0, index, of))) for index in range(of)]
    assert sorted(a for part in parts for a in part) == sorted(plan.arrivals())


def test_a_process_that_does_not_exist_has_no_share() -> None:
    with pytest.raises(PlanError, match="process 2 of 2"):
        SharedArrivals([], PlanShare(0, 2, 2))


def played(mine: SharedArrivals, changes: list[tuple[int, PlanShare]]) -> list[Arrival]:
    """What a process sends that hears of each change at some moment, with one arrival in its hand."""
    sent: list[Arrival] = []
    held = next(mine, None)
    while held is not None or changes:
        if changes and (held is None or changes[0][0] <= held.due):
            mine.change(changes.pop(0)[1])
        elif held is not None:
            sent.append(held)
            mine.sent()
        held = next(mine, None)
    return sent


@given(
    of=st.integers(1, 4), gaps=st.lists(st.integers(1, 400), min_size=1, max_size=60),
    joins=st.lists(st.integers(0, 8_000), max_size=3), slow=st.integers(0, 90),
)  # fmt: skip
def test_whoever_joins_each_arrival_has_one_sender(
    of: int, gaps: list[int], joins: list[int], slow: int
) -> None:
    plan = [Arrival(due, f"n{n}") for n, due in enumerate(accumulate(gaps))]
    told = [(at, at + 100, of + n) for n, at in enumerate(sorted(joins), 1)]
    sent: list[Arrival] = []
    for index in range(of + len(joins)):
        first = PlanShare(0, index, of) if index < of else PlanShare(told[index - of][1], index, index + 1)
        late = [(at + slow, PlanShare(since, index, size)) for at, since, size in told if index < size - 1]
        sent += played(SharedArrivals(plan, first), late)
    assert sorted(sent) == plan


def test_bursts_come_at_their_instant_between_the_others() -> None:
    plan = ArrivalPlan(
        shape=constant(10, seconds=2), mix=MIX, seed=1, spacing="even", bursts=((1.0, "a", 5), (3.0, "b", 2))
    )
    arrivals = list(plan.arrivals())
    assert [a.due for a in arrivals].count(SECOND) == 5
    assert arrivals[-2:] == [Arrival(3 * SECOND, "b")] * 2
    assert arrivals == sorted(arrivals, key=lambda a: a.due)


def test_replay_starts_at_zero_and_keeps_the_distances() -> None:
    lines = [
        b'{"due": 5000, "operation": "a", "client": "x"}',
        b"",
        b'{"due": 3000, "operation": "b", "facts": {"journey": "b:large"}}',
    ]
    known = frozenset({"a", "b:large"})
    assert replay(lines, name="f", journeys=known) == (Arrival(0, "b:large"), Arrival(2000, "a"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param([b'{"due": 1, "operation": "a"}', b"{"], "f:2: not an arrival", id="broken JSON"),
        pytest.param([b'{"operation": "a"}'], "f:1: not an arrival", id="no due time"),
        pytest.param([b'{"due": 1, "operation": "x"}'], "f:1: there is no operation 'x'", id="unknown"),
        pytest.param([b""], "f: there is no arrival", id="empty"),
    ],
)
def test_a_bad_replay_names_its_line(lines: list[bytes], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        replay(lines, name="f", journeys=frozenset({"a"}))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: spike(1, 2, seconds=1, width=2), id="spike wider than the run"),
        pytest.param(
            lambda: next(ArrivalPlan(shape=constant(1, seconds=1), mix={}, seed=1).arrivals()), id="empty mix"
        ),
    ],
)
def test_impossible_plans_are_refused(make: object) -> None:
    with pytest.raises(PlanError):
        make()  # type: ignore[operator]


def test_many_stages_are_told_in_a_line() -> None:
    few, many = (
        ArrivalPlan(shape=steps([5.0, *[20.0] * (n - 2), 35.0], seconds=12), mix={"login": 1}, seed=3)
        for n in (3, 24)
    )
    assert few.words == "poisson 5/s for 4 s, then 20/s for 4 s, then 35/s for 4 s, seed 3"
    assert many.words == "poisson 5 to 35/s in 24 stages for 12 s, seed 3"

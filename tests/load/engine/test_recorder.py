"""Counting: exact at the threshold, the master equal to the sum of the workers, and the same after the wire."""

import random

import pytest

from load.engine.recorder import SECOND, LoadRecorder, pack, unpack

MS = 1_000_000
THRESHOLDS = {"read": 200 * MS, "write": 100 * MS}


def recorder() -> LoadRecorder:
    return LoadRecorder(THRESHOLDS)


@pytest.mark.parametrize(
    ("latency", "over"),
    [
        pytest.param(199_999_999, 0, id="just under 200 ms"),
        pytest.param(200_000_000, 0, id="exactly 200 ms is no violation (the guide says >)"),
        pytest.param(200_000_001, 1, id="one nanosecond over"),
        pytest.param(204_900_000, 1, id="204.9 ms, which Locust stores as 200"),
    ],
)
def test_the_threshold_is_told_apart_exactly(latency: int, over: int) -> None:
    found = recorder()
    found.answered("read", due=0, sent=0, done=latency, status=200)
    assert (found.tallies["read"].over, found.over) == (over, over)


def test_latency_counts_from_the_due_time_and_service_from_sending() -> None:
    found = recorder()
    found.sent("read", due=0, sent=150 * MS)
    found.answered("read", due=0, sent=150 * MS, done=250 * MS, status=200)
    tally = found.tallies["read"]
    assert (tally.over, tally.over_service) == (1, 0)
    assert (tally.latency.maximum, tally.service.maximum) == (250 * MS, 100 * MS)
    assert (found.late, found.tardy) == (1, 1)


def filled(seed: int, count: int = 2_000) -> LoadRecorder:
    rng = random.Random(seed)
    found = recorder()
    for n in range(count):
        operation = rng.choice(("read", "write"))
        due = n * 5 * MS
        sent = due + rng.randrange(8 * MS)
        found.due(operation, due)
        if rng.random() < 0.05:
            found.drop(operation, "why")
            continue
        found.sent(operation, due=due, sent=sent)
        done = sent + rng.randrange(300 * MS)
        if rng.random() < 0.1:
            found.failed(operation, due=due, done=done, kind="500", example="read: 500")
        else:
            found.answered(operation, due=due, sent=sent, done=done, status=200)
        found.lag.record(rng.randrange(MS))
    return found


def numbers(found: LoadRecorder) -> object:
    """Everything that must survive merging and the wire."""
    return (
        {
            name: (t.answered, t.planned, t.over, t.over_service, t.errors, t.dropped, t.statuses,
                   t.latency.counts, t.service.counts, t.latency.sum)
            for name, t in sorted(found.tallies.items())
        },
        {second: (m.planned, m.sent, m.done, m.errors, m.over, m.lateness, m.latencies, m.p99)
         for second, m in found.moments.items()},
        (found.planned, found.requests, found.late, found.tardy, found.dropped, found.lag.counts),
        found.heat.rows(sorted(found.tallies)),
    )  # fmt: skip


def test_the_wire_changes_nothing() -> None:
    found = filled(1)
    found.seal(2 * SECOND)
    assert numbers(unpack(pack(found), THRESHOLDS)) == numbers(found)


def test_a_second_before_the_start_and_a_status_that_is_none_are_counted() -> None:
    found = recorder()
    found.answered("read", due=-1, sent=0, done=MS, status=999)
    assert found.tallies["read"].statuses == {"999": 1} and found.heat.rows(["read"])[0].answered == [1]


def test_the_masters_numbers_are_the_sum_of_its_workers() -> None:
    together, master = filled(1), recorder()
    together.merge(filled(2))
    for seed in (1, 2):
        master.merge(unpack(pack(filled(seed)), THRESHOLDS))
    assert numbers(master) == numbers(together)
    assert master.planned == 4_000 and master.done + master.dropped.total() == 4_000


def test_increments_add_up_to_the_whole() -> None:
    source, master = recorder(), recorder()
    rng = random.Random(3)
    for n in range(500):
        source.due("read", n * MS)
        source.sent("read", due=n * MS, sent=n * MS)
        source.answered("read", due=n * MS, sent=n * MS, done=n * MS + rng.randrange(400 * MS), status=200)
        if n % 37 == 0:
            master.merge(source.take())
    master.merge(source.take())
    assert master.tallies["read"].answered == master.planned == master.requests == 500
    assert source.done == source.planned == 0


def test_a_sealed_second_keeps_its_row_and_loses_its_latencies() -> None:
    found = filled(1)
    before = {second: moment.window(second) for second, moment in found.moments.items()}
    found.seal(5 * SECOND)
    assert {second: moment.window(second) for second, moment in found.moments.items()} == before
    assert [moment.latencies is None for _, moment in sorted(found.moments.items())][:6] == [True] * 5 + [
        False
    ]


def test_error_examples_are_bounded() -> None:
    found = recorder()
    for n in range(100):
        found.failed("read", due=0, done=1, kind="500", example=str(n))
    assert found.tallies["read"].examples == ["0", "1", "2"]
    assert found.tallies["read"].load("read").statuses == {"500": 100}

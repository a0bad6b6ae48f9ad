"""How many checks run at once follows what the target does: more where its requests take long, fewer where it limits their rate."""

from pathlib import Path

import pytest

from contracts.run import parse
from contracts.suite.plugin.workers.concurrency import Concurrency, Done
from contracts.suite.plugin.workers.work_order import NEAR
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite, run_with_plugin
from tests.suite.mutating_proxy import Passing, mutating


def test_a_rate_limit_takes_workers_off_and_calm_puts_them_back() -> None:
    concurrency = Concurrency(16, NEAR, lambda trip: 16)
    for waited, most in [(1, 8), (1, 4), (0, 4), *[(0, 4)] * 8, (0, 5), (2, 2), (1, 1), (1, 1)]:
        assert concurrency.after(Done(waited, [0.3] * 9)) == most


@pytest.mark.parametrize(
    ("took", "most"),
    [
        pytest.param([0.009] * 60, 3, id="a near target that is busy"),
        pytest.param([0.002] * 50 + [3.0] * 10, 3, id="a few slow ones"),
        pytest.param([0.002] * 25 + [0.3] * 35, 16, id="writes of 300 ms"),
        pytest.param([0.01] * 60, 12, id="10 ms a request"),
        pytest.param([0.3] * 20, 3, id="too few to tell"),
    ],
)
def test_more_checks_run_at_once_where_requests_take_longer_than_the_round_trip(
    took: list[float], most: int
) -> None:
    def wanted(trip: float) -> int:
        return min(16, round(trip * 1200))

    assert Concurrency(3, NEAR, wanted).after(Done(0, took)) == most


def test_a_server_that_is_slower_than_its_network_gets_more_workers_in_mid_run(
    suite: Suite, tmp_path: Path
) -> None:
    """A server whose writes take 300 ms was held by three processes, and had answered 56 of 629 checks after three minutes."""
    near = """
from contracts.suite.plugin.workers import parallel_run
parallel_run._round_trip = lambda settings: 0.001
parallel_run.workers_for = lambda work, trip, **_: 2 if trip < 0.01 else 5
"""
    with embedded_server("--fault", "latency:ms=30") as slow:
        code, run, told = run_with_plugin(suite, tmp_path, slow.url, near, "-k", "smoke")
    assert code == 0 and "2 checks at a time, at a round trip of 1 ms, later 5, as a request took" in told, (
        told
    )
    assert {check.grade for check in run.checks} == {"PASS"}


def test_an_item_that_a_colleague_makes_beside_a_refused_creation_is_not_made_by_it(
    suite: Suite, tmp_path: Path
) -> None:
    made: list[int] = []

    def beside(passing: Passing) -> Passing:
        if (passing.method, passing.status) == ("POST", 400) and not made:
            made.append(passing.send("POST", "/api/content/items", b'{"title": "of a colleague"}')[0])
        return passing

    out = tmp_path / "run.json"
    with embedded_server() as server, mutating(server.url, beside) as url:
        suite("--target", url, "-k", "failed-write-inert", "--run-out", str(out))
    run = parse(out.read_bytes(), name=out.name)
    assert made == [201]
    assert [(check.grade, check.reason) for check in run.checks] == [("PASS", "")]

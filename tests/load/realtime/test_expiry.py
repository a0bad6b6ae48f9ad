"""A storm in which every access token ends: against the reference server, whose clock can be moved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.run import Run
from contracts.verdict import Grade
from tests.fork_server import reference_server
from tests.load.realtime.test_storm import red, report, server


@pytest.fixture(scope="module")
def movable() -> Iterator[str]:
    with reference_server("--items", "5", "--control") as made:
        yield made.url


def grades(run: Run) -> dict[str, str]:
    return {verdict.check: verdict.grade.name for verdict in run.all_verdicts()}


def test_the_good_client_refreshes_once_and_comes_back(movable: str, tmp_path: Path) -> None:
    run = report(
        movable, tmp_path / "run.json", "--outage", "expiry=4", "--policy", "guide-fixed", scale="0.05"
    )
    assert red(run) == set()
    (result,) = run.reconnects
    assert (result.recovered, result.refreshes_per_client) == (8, {"1": 8})
    assert (result.fault, result.time_scale, result.title) == ("expiry", 0.05, "expiry, time x0.05")
    assert grades(run)["reconnect.refresh"] == "PASS"


def test_the_guides_client_knocks_with_a_dead_token_until_it_gives_up(movable: str, tmp_path: Path) -> None:
    run = report(
        movable, tmp_path / "run.json", "--outage", "expiry=4", "--policy", "guide-as-written", scale="0.05"
    )
    assert red(run) == set() and grades(run)["reconnect.expired"] == "PASS"
    (result,) = run.reconnects
    assert (result.recovered, result.given_up, result.refreshes_per_client) == (0, 8, {"0": 8})
    (finding,) = [finding for finding in run.findings if finding.id == "CF-15"]
    assert finding.number.startswith("0/8 back")
    assert "CF-2" not in {finding.id for finding in run.findings}  # they gave up for another reason


def test_a_target_that_takes_dead_tokens_fails(tmp_path: Path) -> None:
    with reference_server("--items", "5", "--control", "--fault", "ws-expired-accepted") as faulty:
        run = report(
            faulty.url,
            tmp_path / "run.json",
            "--outage",
            "expiry=4",
            "--policy",
            "guide-documented",
            scale="0.05",
        )
    assert grades(run)["reconnect.expired"] == "FAIL"


def test_without_a_clock_to_move_nothing_is_known(tmp_path: Path) -> None:
    with server() as host:
        run = report(host, tmp_path / "run.json", "--outage", "expiry=4", "--policy", "guide-fixed")
    assert run.grade is Grade.UNKNOWN and grades(run)["reconnect.storm"] == "UNKNOWN"
    assert "clock cannot be moved" in next(
        v.reason for v in run.all_verdicts() if v.check == "reconnect.storm"
    )

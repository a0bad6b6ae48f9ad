"""A storm in which every access token ends: against the reference server, whose clock can be moved."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.run import Run
from contracts.verdict import Grade
from tests.load.conftest import ROOT
from tests.load.realtime.test_storm import red, report, server
from tests.waiting import HANG


@contextmanager
def reference(*words: str) -> Iterator[str]:
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--items", "5", *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=HANG)


@pytest.fixture(scope="module")
def movable() -> Iterator[str]:
    with reference("--control") as host:
        yield host


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
    with reference("--control", "--fault", "ws-expired-accepted") as host:
        run = report(
            host, tmp_path / "run.json", "--outage", "expiry=4", "--policy", "guide-documented", scale="0.05"
        )
    assert grades(run)["reconnect.expired"] == "FAIL"


def test_without_a_clock_to_move_nothing_is_known(tmp_path: Path) -> None:
    with server() as host:
        run = report(host, tmp_path / "run.json", "--outage", "expiry=4", "--policy", "guide-fixed")
    assert run.grade is Grade.UNKNOWN and grades(run)["reconnect.storm"] == "UNKNOWN"
    assert "clock cannot be moved" in next(
        v.reason for v in run.all_verdicts() if v.check == "reconnect.storm"
    )

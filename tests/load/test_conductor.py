"""The conductor alone, with players that are functions: what it orders, what it adds up, whom it does not wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from contracts.spec import load
from load.engine.recorder import LoadRecorder
from load.runs.coordinator import Coordinator
from load.runs.run_config import RunConfig

SPEC = load()
THRESHOLDS = {op.id: round(op.objective.threshold_ms * 1e6) for op in SPEC}
Say = Callable[[str, str, dict[str, Any]], None]


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    with gevent.Timeout(20):
        yield


def report(count: int) -> dict[str, Any]:
    found = LoadRecorder(THRESHOLDS)
    for n in range(count):
        found.due("getContentItem", n)
        found.sent("getContentItem", due=n, sent=n)
        found.answered("getContentItem", due=n, sent=n, done=n + 1_000_000, status=200)
    return {"counts": found, "history": b""}


def execute(play: Callable[[Coordinator, str, str], None], gone: set[str]) -> Coordinator:
    """`play` is called for every order that a player gets."""
    order = RunConfig(scenario="smoke", seed=1, host="http://127.0.0.1:1", seconds=0.1)
    made = Coordinator(
        SPEC, order, tell=lambda worker, kind, data: play(made, worker, kind), gone=gone.__contains__,
        run_out=None, history_out=None,
    )  # fmt: skip
    made.execute(["a", "b"])
    return made


def good(coordinator: Coordinator, worker: str, kind: str) -> None:
    if kind == "prepare":
        coordinator.hear(worker, "ready", {})
    elif kind == "go":
        coordinator.hear(worker, "report", report(10))
        coordinator.hear(worker, "done", {"cpu": 0.1, "seconds": 0.1, "stopped": False})


def reasons(coordinator: Coordinator) -> str:
    assert coordinator.result is not None
    return " / ".join(verdict.reason for verdict in coordinator.result.all_verdicts())


def test_two_players_add_up() -> None:
    found = execute(good, set())
    assert (found.total.planned, found.total.done) == (20, 20)
    assert "went away" not in reasons(found)


def test_a_player_lost_in_the_run_costs_the_verdict() -> None:
    gone: set[str] = set()

    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        if kind == "go" and worker == "b":
            gone.add(worker)
        else:
            good(coordinator, worker, kind)

    found = execute(play, gone)
    assert found.code == 2
    assert "load process 2 went away" in reasons(found)


def test_a_player_lost_in_the_warm_up_ends_the_run() -> None:
    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        assert kind == "prepare"
        if worker == "a":
            coordinator.hear(worker, "ready", {})

    found = execute(play, {"b"})
    assert found.code == 2
    assert "1 of the load processes went away before the first arrival" in reasons(found)


@pytest.mark.parametrize(("reached", "code"), [(True, 1), (False, 69)])
def test_a_refused_warm_up_has_its_code(reached: bool, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        assert kind == "prepare"
        coordinator.hear(worker, "refused", {"line": "no", "reached": reached})

    assert execute(play, set()).code == code
    assert capsys.readouterr().err == "no\n"

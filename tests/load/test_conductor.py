"""The conductor alone, with players that are functions: what it orders, what it adds up, whom it does not wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from contracts.spec import load
from load.conductor import Conductor
from load.order import Order
from load.recorder import Recorder

SPEC = load()
THRESHOLDS = {op.id: round(op.objective.threshold_ms * 1e6) for op in SPEC}
Say = Callable[[str, str, dict[str, Any]], None]


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    with gevent.Timeout(20):
        yield


def report(count: int) -> dict[str, Any]:
    found = Recorder(THRESHOLDS)
    for n in range(count):
        found.due("getContentItem", n)
        found.sent("getContentItem", due=n, sent=n)
        found.answered("getContentItem", due=n, sent=n, done=n + 1_000_000, status=200)
    return {"counts": found, "history": b""}


def conduct(play: Callable[[Conductor, str, str], None], gone: set[str]) -> Conductor:
    """`play` is called for every order that a player gets."""
    order = Order(scenario="smoke", seed=1, host="http://127.0.0.1:1", seconds=0.1)
    made = Conductor(
        SPEC, order, tell=lambda player, kind, data: play(made, player, kind), gone=gone.__contains__,
        run_out=None, history_out=None,
    )  # fmt: skip
    made.conduct(["a", "b"])
    return made


def good(conductor: Conductor, player: str, kind: str) -> None:
    if kind == "prepare":
        conductor.hear(player, "ready", {})
    elif kind == "go":
        conductor.hear(player, "report", report(10))
        conductor.hear(player, "done", {"cpu": 0.1, "seconds": 0.1, "stopped": False})


def reasons(conductor: Conductor) -> str:
    assert conductor.result is not None
    return " / ".join(verdict.reason for verdict in conductor.result.all_verdicts())


def test_two_players_add_up() -> None:
    found = conduct(good, set())
    assert (found.total.planned, found.total.done) == (20, 20)
    assert "went away" not in reasons(found)


def test_a_player_lost_in_the_run_costs_the_verdict() -> None:
    gone: set[str] = set()

    def play(conductor: Conductor, player: str, kind: str) -> None:
        if kind == "go" and player == "b":
            gone.add(player)
        else:
            good(conductor, player, kind)

    found = conduct(play, gone)
    assert found.code == 2
    assert "load process 2 went away" in reasons(found)


def test_a_player_lost_in_the_warm_up_ends_the_run() -> None:
    def play(conductor: Conductor, player: str, kind: str) -> None:
        assert kind == "prepare"
        if player == "a":
            conductor.hear(player, "ready", {})

    found = conduct(play, {"b"})
    assert found.code == 2
    assert "1 of the load processes went away before the first arrival" in reasons(found)


@pytest.mark.parametrize(("reached", "code"), [(True, 1), (False, 69)])
def test_a_refused_warm_up_has_its_code(reached: bool, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    def play(conductor: Conductor, player: str, kind: str) -> None:
        assert kind == "prepare"
        conductor.hear(player, "refused", {"line": "no", "reached": reached})

    assert conduct(play, set()).code == code
    assert capsys.readouterr().err == "no\n"

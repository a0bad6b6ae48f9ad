"""The coordinator alone, with workers that are functions: what it orders, what it adds up, whom it does not wait for."""

import re
from collections.abc import Callable
from time import perf_counter_ns
from types import SimpleNamespace
from typing import Any

import gevent
import pytest

from contracts.history import Call, Outcome, encode
from contracts.verdict import Grade
from load.runs import coordinator as coordinator_module
from load.runs.clock_alignment import clock_identity
from load.runs.coordinator import Coordinator, Outputs
from load.runs.run_config import RunConfig
from tests.load.recorded import SPEC, recorded

Say = Callable[[str, str, dict[str, Any]], None]


def report(count: int) -> dict[str, Any]:
    return {"counts": recorded(count, took=1), "history": b""}


def execute(play: Callable[[Coordinator, str, str], None], gone: set[str]) -> Coordinator:
    """`play` is called for every order that a worker gets."""
    order = RunConfig(scenario="smoke", seed=1, host="http://127.0.0.1:1", seconds=0.1)
    made = Coordinator(
        SPEC, order, tell=lambda worker, kind, data: play(made, worker, kind), gone=gone.__contains__,
        outputs=Outputs(),
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


def test_two_workers_add_up() -> None:
    found = execute(good, set())
    assert (found.total.planned, found.total.done) == (20, 20)
    assert "lost" not in reasons(found)


def test_a_worker_lost_in_the_run_costs_the_verdict() -> None:
    gone: set[str] = set()

    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        if kind == "go" and worker == "b":
            gone.add(worker)
        else:
            good(coordinator, worker, kind)

    found = execute(play, gone)
    assert found.code == 2
    assert re.match(r"load process 2 of 2 was lost \d s after the start", reasons(found))


def test_a_worker_lost_in_the_warm_up_ends_the_run() -> None:
    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        assert kind == "prepare"
        if worker == "a":
            coordinator.hear(worker, "ready", {})

    found = execute(play, {"b"})
    assert found.code == 2
    assert "load process 2 of 2 was lost, before the first arrival" in reasons(found)


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        pytest.param({"a", "b"}, "load process 1 of 2 was lost; load process 2 of 2 was lost", id="Locust, for want of workers"),
        pytest.param({"b"}, "stopped", id="somebody, while one is there"),
        pytest.param(set(), "stopped", id="somebody"),
    ],
)  # fmt: skip
def test_who_ended_the_warm_up(lost: set[str], reason: str) -> None:
    """Locust ends a test whose last worker went missing, by the same event as somebody who stops it."""
    gone: set[str] = set()

    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        if (kind, worker) == ("prepare", "b"):
            gone.update(lost)
            coordinator.finish()

    assert f"{reason}, before the first arrival" in reasons(execute(play, gone))


@pytest.mark.parametrize("code", [1, 2, 69, 70])
def test_a_refused_warm_up_has_its_code(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        assert kind == "prepare"
        coordinator.hear(worker, "refused", {"line": "no", "code": code})

    assert execute(play, set()).code == code
    assert capsys.readouterr().err == "no\n"


def test_a_worker_that_fails_in_the_run_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays among the running ones, because it never says `done`."""
    monkeypatch.setattr(coordinator_module, "LAST_REPORTS", 0.0)

    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        if kind == "go" and worker == "b":
            coordinator.hear(worker, "refused", {"line": "the harness failed: KeyError", "code": 70})
        else:
            good(coordinator, worker, kind)

    with gevent.Timeout(20):
        assert execute(play, set()).code == 70


def call(client: str, item: str, version: int, sent: int, operation: str = "updateContentItem") -> bytes:
    return encode(
        Call(
            client=client, operation=operation, due=sent, sent=sent, done=sent + 10, outcome=Outcome.OK, status=200,
            facts={"item": item, "version": version, **({"base": version - 1} if version > 1 else {})},
        )
    )  # fmt: skip


def history(worker: str, *, hole: bool = False, twice: bool = False) -> bytes:
    """An item, made, changed twice and read; `hole` leaves out who made version 2, `twice` has two who did."""
    rows = [call(worker, f"i-{worker}", 1, 0, "createContentItem")]
    rows += [] if hole else [call(worker, f"i-{worker}", 2, 100)]
    rows += [call(worker, f"i-{worker}", 2, 150)] if twice else []
    return b"\n".join(
        [*rows, call(worker, f"i-{worker}", 3, 200), call(worker, f"i-{worker}", 3, 300, "getContentItem")]
    )


@pytest.mark.parametrize(
    ("good_one", "grade"),
    [
        pytest.param(history("a"), Grade.UNKNOWN, id="the others are honest"),
        pytest.param(history("a", twice=True), Grade.FAIL, id="what the others prove stands"),
    ],
)
def test_what_a_lost_worker_did_not_tell_is_no_fault_of_the_target(good_one: bytes, grade: Grade) -> None:
    gone: set[str] = set()

    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        if kind == "go" and worker == "b":
            coordinator.hear(worker, "report", {**report(5), "history": history("b", hole=True)})
            gone.add(worker)
        elif kind == "go":
            coordinator.hear(worker, "report", {**report(5), "history": good_one})
            coordinator.hear(worker, "done", {"cpu": 0.1, "seconds": 0.1, "stopped": False})
        else:
            good(coordinator, worker, kind)

    found = execute(play, gone)
    assert found.result is not None
    versions = {v.check: v.grade for v in found.result.all_verdicts()}["versions"]
    assert (versions, found.result.grade) == (grade, grade)
    doubts = [v.reason for v in found.result.all_verdicts() if v.grade is Grade.UNKNOWN]
    assert doubts[0].startswith("load process 2 of 2 was lost")


def test_a_task_that_died_costs_the_verdict() -> None:
    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        if kind == "go" and worker == "b":
            counts = report(5)["counts"]
            counts.died["AttributeError: 'NoneType' object has no attribute 'recvmsg'"] += 1
            coordinator.hear(worker, "report", {"counts": counts, "history": history("b", hole=True)})
            coordinator.hear(worker, "done", {"cpu": 0.1, "seconds": 0.1, "stopped": False})
        else:
            good(coordinator, worker, kind)

    found = execute(play, set())
    assert found.code == 2
    assert "a task of load process 2 died (AttributeError: 'NoneType'" in reasons(found)


@pytest.mark.parametrize(
    "apart", [pytest.param(0, id="one clock"), pytest.param(50_000 * 10**9, id="clocks 50,000 s apart")]
)
def test_clocks_of_two_hosts_make_no_order_that_nobody_saw(apart: int) -> None:
    """b's clock is far ahead; a's read of b's item came after b's write of it."""
    shared = "i-b"

    def play(coordinator: Coordinator, worker: str, kind: str) -> None:
        now = perf_counter_ns()
        if kind == "prepare":
            clock = clock_identity() if worker == "a" or not apart else "another host"
            coordinator.hear(worker, "ready", {"clock": clock})
        elif kind == "clock":
            theirs = now + apart if worker == "b" else now
            gevent.spawn(coordinator.hear, worker, "clock", {"asked": asked[-1], "theirs": theirs})
        elif kind == "go":
            if worker == "a":
                rows = [call("a", shared, 2, now + 2 * 10**9, "getContentItem")]
            else:
                rows = [
                    call("b", shared, 1, now + apart, "createContentItem"),
                    call("b", shared, 2, now + apart + 10**9),
                    call("b", shared, 3, now + apart + 3 * 10**9),
                ]
            coordinator.hear(worker, "report", {**report(5), "history": b"\n".join(rows)})
            coordinator.hear(worker, "done", {"cpu": 0.1, "seconds": 0.1, "stopped": False})

    asked: list[int] = []
    order = RunConfig(scenario="smoke", seed=1, host="http://127.0.0.1:1", seconds=0.1)

    def tell(worker: str, kind: str, data: dict[str, Any]) -> None:
        asked.append(data.get("asked", 0))
        play(made, worker, kind)

    made = Coordinator(SPEC, order, tell=tell, gone=lambda worker: False, outputs=Outputs())
    made.execute(["a", "b"])
    assert made.result is not None
    assert {v.check: v.grade for v in made.result.all_verdicts()}["versions"] is Grade.PASS


def test_a_report_after_the_end_changes_nothing() -> None:
    """A process that was not waited for any longer goes on and ships what it has."""
    found = execute(good, set())
    found.hear("a", "report", {"counts": recorded(10, took=1), "history": b"{}"})
    assert found.total.done == 20


def test_rates_are_those_of_the_plan_though_processes_report_every_3_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two processes with 100/s each report at moments of their own."""
    now, lines = [0.0], list[str]()

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    def wait(seconds: float) -> None:
        now[0] += 1.0
        for worker, offset in (("a", 1), ("b", 2)):
            if now[0] % 3 == offset:
                made.hear(worker, "report", report(300 if now[0] > 3 else 100 * offset))
        if now[0] == 16:
            for worker in ("a", "b"):
                made.hear(worker, "done", {"cpu": 0.1, "seconds": 16, "stopped": False})

    def tell(worker: str, kind: str, data: dict[str, Any]) -> None:
        if kind == "prepare":
            made.hear(worker, "ready", {})

    monkeypatch.setattr(coordinator_module, "time", Clock)
    order = RunConfig(scenario="steady", seed=1, host="http://127.0.0.1:1", seconds=15)
    made = Coordinator(SPEC, order, tell=tell, gone=lambda worker: False, outputs=Outputs())
    monkeypatch.setattr(made.line, "show", lines.append)
    moved = SimpleNamespace(wait=wait, clear=lambda: None, set=lambda: None)
    monkeypatch.setattr(made, "_moved", moved)
    made.execute(["a", "b"])
    planned = [float(line.split("planned ")[1].split(",")[0]) for line in lines if "planned" in line]
    assert len(planned) == 16 and set(planned[4:]) == {200.0}, planned

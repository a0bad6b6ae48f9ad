"""Several processes run the checks of one run: the same results as one process gives, whatever happens to one of them."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.suite.api.api import BUSY
from contracts.suite.api.capabilities import TOLD_BY
from contracts.suite.client.http_exchange import TOO_LONG_TO_READ
from contracts.suite.plugin.collection import every_test
from contracts.suite.plugin.failure_report import row
from contracts.suite.plugin.registry import FAMILIES, load
from contracts.suite.plugin.workers import parallel_run
from contracts.suite.plugin.workers.concurrency import Concurrency
from contracts.suite.plugin.workers.parallel_run import FAILED_AND_ENDED
from contracts.suite.plugin.workers.work_order import ALONE, NEAR, WorkOrder, arranged, cost, workers_for
from contracts.suite.plugin.workers.worker_pool import GRACE, HURRY, WorkerPool
from contracts.suite.world.suite_settings import settings
from tests.suite.conftest import Suite, run_with_plugin
from tests.suite.mutating_proxy import Passing, mutating

CHECKS = [check for check, _ in every_test()]
TWO = """
import os, signal, threading
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.plugin.workers import parallel_run
from contracts.suite.plugin.workers.worker_world import WORLD
parallel_run.workers_for = lambda *_, **__: 2
"""
NONE = Concurrency(0, NEAR, lambda trip: 0)
AT = """
def pytest_runtest_call(item):
    if item.name == "smoke.reaches[syncContent]":
        {0}
"""


@pytest.mark.parametrize("by_value", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_every_check_has_its_place_once(shared: bool, by_value: bool) -> None:
    order = arranged(CHECKS, shared=shared, by_value=by_value)
    assert sorted([*order.together, *order.alone]) == list(range(len(CHECKS)))
    assert [CHECKS[p].id.startswith("shape.") for p in order.alone] == sorted(
        CHECKS[p].id.startswith("shape.") for p in order.alone
    )
    assert not any(CHECKS[p].id.startswith("shape.") for p in order.together)
    apart = {CHECKS[p].id for p in order.alone if not CHECKS[p].id.startswith("shape.")}
    assert apart == (
        {c.id for c in CHECKS if c.id in ALONE or {"alone", "expiry"} & {*c.needs}} if shared else set()
    )


def test_little_time_begins_with_each_family_and_then_with_the_worst_harm() -> None:
    order = arranged(CHECKS, shared=True, by_value=True)
    assert {CHECKS[p].family for p in order.together[: len(FAMILIES)]} == set(FAMILIES)


@pytest.mark.parametrize(
    ("trip", "requests", "most", "workers"),
    [
        pytest.param(0.05, sum(map(cost, CHECKS)), 16, 16, id="50 ms, all"),
        pytest.param(0.05, sum(map(cost, CHECKS)), 4, 4, id="50 ms, all, --concurrency 4"),
        pytest.param(0.3, 100, 16, 8, id="300 ms, smoke"),
        pytest.param(0.0005, sum(map(cost, CHECKS)), 16, 3, id="near, all"),
        pytest.param(0.0005, 200, 16, 1, id="near, few"),
    ],
)
def test_the_round_trip_decides_how_many_run_at_once(
    trip: float, requests: int, most: int, workers: int
) -> None:
    assert workers_for(requests, trip, cores=2, most=most) == workers


@pytest.mark.parametrize(
    ("told", "least"),
    [
        pytest.param((), 0.0, id="nothing"),
        pytest.param(("--fault", "latency:ms=60"), 0.06, id="slow"),
        pytest.param(("--no-such-option",), 0.0, id="it does not start"),
    ],
)
def test_a_slow_embedded_server_is_as_far_as_it_answers(told: tuple[str, ...], least: float) -> None:
    trip = parallel_run._round_trip(replace(settings({}, {}), embedded=told))
    assert trip >= least and (trip == NEAR) == (not least)


def test_checks_of_the_whole_workspace_run_alone() -> None:
    """Whoever reads all that is there, or asks whether no other process uses the target."""
    whole = re.compile(r'\.quiet\(|has\("alone"\)|pass_grace\(')
    found = {
        c.id
        for c in load().values()
        if whole.search(inspect.getsource(c.function)) and "alone" not in c.needs
    }
    assert found <= ALONE <= set(load())


def _run(
    suite: Suite, folder: Path, server: str, text: str, *options: str
) -> tuple[int, Mapping[str, Any], str]:
    code, run, told = run_with_plugin(suite, folder, server, TWO + text, *options)
    return code, {check.operation: check for check in run.checks}, told


def test_two_workers_find_what_one_finds(suite: Suite, server: str, tmp_path: Path) -> None:
    code, two, told = _run(suite, tmp_path, server, "", "-v")
    assert code == 0 and "2 checks at a time" in told, told
    code, one, _ = _run(suite, tmp_path, server, "parallel_run.workers_for = lambda *_, **__: 1\n")
    assert code == 0
    assert {k: (c.grade, c.requests > 0) for k, c in two.items()} == {
        k: (c.grade, True) for k, c in one.items()
    }


@pytest.mark.parametrize(
    ("does", "options", "code", "grade", "told"),
    [
        pytest.param("os._exit(9)", (), 2, "UNKNOWN", "ended (exit code 9)", id="ends"),
        pytest.param("os.kill(os.getpid(), signal.SIGKILL)", (), 2, "UNKNOWN", "ended (signal 9)", id="is killed"),
        pytest.param("threading.Event().wait()", ("--budget", "3"), 2, "UNKNOWN", "--budget 3 s", id="hangs, and the time is over"),
        pytest.param(
            "if not item.config.stash[WORLD].world.capabilities.has('alone'): raise ContractViolation('peace', 'others')",
            (), 0, "ADVISORY", "it failed beside other checks and passed alone: syncContent: expected peace", id="is disturbed by other checks",
        ),
        pytest.param("raise ContractViolation('an answer', 'none')", (), 1, "FAIL", "expected an answer", id="fails alone too"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_check_in_a_worker(
    suite: Suite,
    server: str,
    tmp_path: Path,
    does: str,
    options: tuple[str, ...],
    code: int,
    grade: str,
    told: str,
) -> None:
    got, rows, text = _run(suite, tmp_path, server, AT.format(does), *options)
    made = rows["syncContent"]
    assert (got, made.grade) == (code, grade) and told in made.reason, text
    assert len(rows) == sum(check.id == "smoke.reaches" for check in CHECKS)
    assert sum(row.grade == "PASS" or told in row.reason for row in rows.values()) >= len(rows) - 1


@pytest.mark.parametrize(
    ("ends", "most"), [(KeyboardInterrupt, HURRY), (RuntimeError, GRACE)], ids=["a signal", "an error"]
)
def test_a_worker_that_does_not_end_is_not_waited_for_after_a_signal(
    ends: type[BaseException], most: float
) -> None:
    waits: list[float] = []

    def run_all(_: object) -> None:
        raise ends

    pipe = SimpleNamespace(send=lambda _: None, poll=lambda seconds: waits.append(seconds))
    process = SimpleNamespace(
        terminate=lambda: waits.append(0),
        join=waits.append,
        is_alive=lambda: True,
        kill=lambda: waits.append(-1),
    )
    nothing: Any = SimpleNamespace()
    pool = WorkerPool(
        nothing, NONE, merge=print, findings=list, lost=nothing, fits=nothing, until=0, disturbed=nothing
    )  # fmt: skip
    pool._workers, pool._run_all = [SimpleNamespace(pipe=pipe, process=process, place=1)], run_all  # type: ignore
    with pytest.raises(ends):
        pool.run(WorkOrder([], []))
    assert waits[0] == 0 and waits[-1] == -1
    assert most - 1 < max(waits) <= most


SLOW_END = f"""{TWO}
import multiprocessing
from contracts.suite.api.suite_world import World
from contracts.suite.plugin.workers import worker_pool
worker_pool.GRACE = 0.1
def archive(world):
    if multiprocessing.parent_process():
        threading.Event().wait()
World._archive_all = archive
"""
NO_END = f"""{TWO}
from contracts.suite.plugin.workers.suite_worker import SuiteWorker, WorkerEnd
send = SuiteWorker._send
SuiteWorker._send = lambda worker, message: os._exit(1) if isinstance(message, WorkerEnd) else send(worker, message)
"""


def test_what_a_worker_has_seen_counts_though_the_target_is_slow_to_archive(
    suite: Suite, server: str, tmp_path: Path
) -> None:
    code, run, told = run_with_plugin(suite, tmp_path, server, SLOW_END)
    assert code == 0, told
    requests = int(told.partition("contract coverage (")[2].partition(" requests")[0])
    assert requests >= sum(check.requests for check in run.checks) > 0


def test_counts_that_are_lost_are_unknown(suite: Suite, server: str, tmp_path: Path) -> None:
    code, run, told = run_with_plugin(suite, tmp_path, server, NO_END)
    assert code == 2 and {check.grade for check in run.checks} == {"PASS"}, told
    (verdict,) = run.verdicts
    assert (verdict.check, verdict.grade) == ("run.counts", "UNKNOWN")
    assert f"UNKNOWN: {verdict.reason}" in told and verdict.reason.startswith("2 of the processes")


DRAWN = """
import os, signal
from _pytest._code.code import ExceptionInfoFormatter as Drawing
drawn, before = [], Drawing.repr_traceback_entry
Drawing.repr_traceback_entry = lambda *given, **named: drawn.append(1) or before(*given, **named)
def pytest_runtest_call(item):
    os.kill(os.getpid(), signal.{})
def pytest_unconfigure():
    print("DRAWN", len(drawn))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_end_of_an_interrupted_run_draws_what_it_shows(
    suite: Suite, server: str, tmp_path: Path, name: str
) -> None:
    code, run, text = run_with_plugin(suite, tmp_path, server, DRAWN.format(name), "--concurrency", "1")
    assert code == 2 and "DRAWN 1\n" in text, text
    assert {check.grade for check in run.checks} == {"UNKNOWN"}


ALIKE = """
from _pytest._code import code as drawing
def refuse(*_, **__): raise RuntimeError("pytest draws a traceback that nobody sees")
drawing.ExceptionInfo.getrepr = refuse
def pytest_runtest_call(item):
    with open({0!r}, "a") as file:
        file.write(f"{{item.subject}} {{item.config.stash[WORLD].world.capabilities.has('alone')}}\\n")
    if item.subject != "login":
        raise ContractViolation("an answer", "none" if item.subject != "logout" else "another one")
"""


def test_a_cause_is_confirmed_once(suite: Suite, server: str, tmp_path: Path) -> None:
    """All failures of a target that answers nothing well are not had twice: each check runs once, and one for each cause again."""
    ran = tmp_path / "ran.txt"
    code, rows, text = _run(suite, tmp_path, server, ALIKE.format(str(ran)))
    assert code == 1, text
    assert [one for one, row in rows.items() if row.grade != "FAIL"] == ["login"]
    times = [line.split() for line in ran.read_text().splitlines()]
    assert sorted(one for one, alone in times if alone == "False") == sorted(rows)
    assert [one == "logout" for one, alone in times if alone == "True"] in ([True, False], [False, True])


HANGS = f"""{TWO}
def pytest_runtest_call(item):
    if item.subject == "syncContent":
        raise ContractViolation("an answer", "none")
    if item.subject == "getContentItem":
        threading.Event().wait()
"""


def test_a_failure_that_nobody_could_look_at_again_is_told(suite: Suite, server: str, tmp_path: Path) -> None:
    """It was told as a check that had not run."""
    code, rows, text = _run(suite, tmp_path, server, HANGS, "--budget", "4")
    made = rows["syncContent"]
    assert (code, made.grade) == (2, "UNKNOWN"), text
    assert f"{FAILED_AND_ENDED}syncContent: expected an answer; got none" in made.reason
    assert sum(row.grade == "UNKNOWN" for row in rows.values()) == 2


DEAR = f"""{TWO}
parallel_run.cost = lambda check: 10**9 if check.id == "smoke.reaches" and "syncContent" in check.over else 1
"""


def test_checks_too_long_for_the_rest_of_the_time_take_no_others_with_them(
    suite: Suite, server: str, tmp_path: Path
) -> None:
    """All that run alone at the end were left out with them: expired tokens, and what is wrong in the answers to any check."""
    only = ("-k", "smoke.reaches or shape.problems or metrics-count", "--budget", "600")
    _, run, text = run_with_plugin(suite, tmp_path, server, DEAR, *only)
    left = {check.id for check in run.checks if "left out for --budget" in check.reason}
    passed = {check.id for check in run.checks if check.grade == "PASS"}
    assert (left, passed) == ({"smoke.reaches"}, {"shape.problems", "http.metrics-count"}), text


NAMED = f"""{TWO}
def pytest_runtest_call(item):
    with open(r'{{}}', 'a') as file:
        print(item.check.id, file=file)
"""


def test_a_channel_that_does_not_open_is_told_first_and_needs_no_second_look(
    suite: Suite, server: str, tmp_path: Path
) -> None:
    """The probe before all checks saw the same, and a run that is ended at its time limit knew it and said UNKNOWN."""
    ran = tmp_path / "ran.txt"
    only = ("-k", "realtime.handshake or ended-session or smoke.reaches", "--ws-path", "/nowhere")
    code, run, text = run_with_plugin(suite, tmp_path, server, NAMED.format(str(ran)), *only)
    assert code == 1, text
    assert [check.id for check in run.checks if check.grade == "FAIL"] == ["realtime.handshake"]
    assert ran.read_text().split().count("realtime.handshake") == 1
    order = arranged(CHECKS, shared=True, by_value=False).together
    assert next(CHECKS[place].id for place in order if CHECKS[place].family != "smoke") in TOLD_BY


SHOWN = f"""{TWO}
def pytest_runtest_call(item):
    if item.check.id == "shape.problems":
        recorder = item.config.stash[WORLD].world.target.recorder
        with open(r'{{}}', 'w') as file:
            file.write(str(len(recorder.earlier)))
"""


def test_the_checks_that_run_last_know_what_all_workers_have_seen(
    suite: Suite, server: str, tmp_path: Path
) -> None:
    """Those of a target that workers share knew only what their own worker had seen."""

    def untrue(passing: Passing) -> Passing:
        return passing.with_json({**passing.json, "status": 410}) if passing.status == 404 else passing

    known = tmp_path / "known.txt"
    with mutating(server, untrue) as wrong:
        _, run, text = run_with_plugin(
            suite, tmp_path, wrong, SHOWN.format(known), "-k", "items.not-found or shape.problems"
        )
    assert "FAIL" in {check.grade for check in run.checks if check.id == "shape.problems"}, text
    assert int(known.read_text()) > 0


def test_a_check_that_others_disturbed_in_a_run_that_was_cut_short_says_so() -> None:
    """Its row said that it had not run."""
    nothing: Any = SimpleNamespace()
    pool = WorkerPool(
        nothing,
        NONE,
        merge=print,
        findings=list,
        lost=nothing,
        fits=nothing,
        until=0,
        disturbed=lambda _: True,
    )
    (check, subject), *_ = every_test()
    busy = row(check, subject, "UNKNOWN", reason=f"not checked: {BUSY}")
    worker: Any = SimpleNamespace(place=0, reports=[{"check": None}, {"check": busy}])
    pool._report(worker)
    assert pool.unconfirmed() == {0: busy}


@pytest.mark.parametrize(
    ("grade", "reason", "again"),
    [
        ("FAIL", "an item is missing", True),
        ("UNKNOWN", f"not checked: {BUSY}", True),
        ("UNKNOWN", f"not checked: an answer of 5,000,000 bytes {TOO_LONG_TO_READ}", True),
        ("UNKNOWN", "not checked: the account may not write", False),
        ("PASS", "", False),
    ],
)
def test_what_other_checks_may_have_caused_runs_again_alone(grade: Any, reason: str, again: bool) -> None:
    (check, subject), *_ = every_test()
    assert parallel_run._disturbed({"check": row(check, subject, grade, reason=reason)}, None) is again

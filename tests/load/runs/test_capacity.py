"""The search for a capacity: the rates it tries, what broke a trial, and what it says in the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest

from contracts.run import Run, parse
from load.engine.recorder import LoadRecorder
from load.results.run_outputs import Outputs
from load.runs.capacity_search.capacity import CapacitySearch, assess
from load.runs.capacity_search.rate_search import RateSearch, Trial
from load.runs.run_config import RunConfig
from tests.load.recorded import SPEC, recorded


@pytest.mark.parametrize(
    ("capacity", "start", "found"),
    [
        pytest.param(430, 50, (390, 430), id="above the start"),
        pytest.param(33, 50, (30, 33), id="below the start"),
        pytest.param(50, 50, (45, 50), id="at the start"),
        pytest.param(0.5, 50, None, id="none at all"),
        pytest.param(1e9, 50, (12_800, 12_800), id="beyond what is tried"),
    ],
)
def test_the_search_ends_within_a_tenth(capacity: float, start: float, found: tuple[int, int] | None) -> None:
    search = RateSearch(start=start)
    while (trial := search.next()) is not None:
        search.tell(trial, held=trial.rate <= capacity)
        assert len(search.trials) < 25
    if found is None:
        assert search.found is None
    else:
        assert search.found is not None and found[0] <= search.found <= found[1]
        assert search.trials[-1] == (Trial(search.found, True), True)


def test_what_is_not_confirmed_is_lowered_and_at_last_given_up() -> None:
    search = RateSearch(start=100)
    confirming = []
    while (trial := search.next()) is not None:
        search.tell(trial, held=not trial.confirms and trial.rate <= 100)
        confirming += [round(trial.rate)] if trial.confirms else []
    assert (search.found, search.held, confirming) == (None, 100, [100, 91, 83])


def counted(answered: int = 2000, *, errors: int = 0, operation: str = "login", **more: Any) -> LoadRecorder:
    """A second of load."""
    return recorded(answered, errors=errors, operation=operation, every=1000 / (answered + errors), **more)


def one_slow_operation() -> LoadRecorder:
    """Of all 5,000 answers 0.6 % were slow, but those are a tenth of one operation's."""
    found = counted(answered=4_700)
    found.merge(counted(answered=300, over=30, operation="bulkUpdateContent"))
    return found


@pytest.mark.parametrize(
    ("total", "cpu", "limit"),
    [
        pytest.param(counted(), 0.2, "", id="holds"),
        pytest.param(counted(over=5), 0.2, "", id="a few strays"),
        pytest.param(counted(), 0.97, "generator", id="our CPU"),
        pytest.param(counted(late=100), 0.2, "generator", id="we were late"),
        pytest.param(counted(errors=10), 0.2, "server", id="errors"),
        pytest.param(counted(took=190), 0.2, "server", id="answers after the end"),
        pytest.param(counted(dropped=60), 0.2, "server", id="nothing came back to send with"),
        pytest.param(counted(over=60), 0.2, "objective", id="3 % over"),
        pytest.param(counted(answered=100), 0.2, "samples", id="too few to show anything"),
        pytest.param(one_slow_operation(), 0.2, "objective", id="one operation for itself"),
    ],
)
def test_what_was_saturated(total: LoadRecorder, cpu: float, limit: str) -> None:
    found = assess(Trial(2000, False), total, cpu=cpu, seconds=1, spec=SPEC)
    assert found.limit == limit, found.reason


def searched(
    play: Callable[[CapacitySearch, str, dict[str, Any]], None], out: Path
) -> tuple[CapacitySearch, Run]:
    """A capacity run whose one player is a function of (course, kind, data)."""
    order = RunConfig(scenario="capacity", seed=1, host="http://127.0.0.1:1", rate=100, seconds=1)
    made: CapacitySearch = CapacitySearch(
        SPEC, order, tell=lambda worker, kind, data: play(made, kind, data), gone=lambda worker: False, outputs=Outputs(run=out),
        say=lambda line: None,
    )  # fmt: skip
    made.execute(["local"])
    return made, parse(out.read_bytes(), name=out.name)


class LoadWorker:
    """Answers as a target that takes so many a second."""

    def __init__(self, capacity: float, **beyond: Any) -> None:
        self.capacity = capacity
        self.beyond = beyond
        self.rate = 0.0

    def __call__(self, course: CapacitySearch, kind: str, data: dict[str, Any]) -> None:
        if kind == "prepare":
            self.rate = data["rate"]
            course.hear("local", "ready", {})
        elif kind == "go":
            good = self.rate <= self.capacity
            counts = counted(answered=max(400, round(self.rate)), **({} if good else self.beyond))
            course.hear("local", "report", {"counts": counts, "history": b""})
            cpu = 0.97 if not good and not self.beyond else 0.2
            course.hear("local", "done", {"cpu": cpu, "seconds": 1.0, "stopped": False})


@pytest.mark.parametrize(
    ("play", "grade", "told"),
    [
        pytest.param(LoadWorker(300, over=200), "PASS", "300/s; at 325/s ", id="objective"),
        pytest.param(LoadWorker(300, errors=50), "PASS", "300/s; at 325/s ", id="server"),
        pytest.param(
            LoadWorker(300),
            "UNKNOWN",
            "at least 300/s; at 325/s the load generator was saturated: a load process used 97% of a core",
            id="generator",
        ),
        pytest.param(LoadWorker(0, over=200), "FAIL", "no rate held; at 6/s login: ", id="none"),
        pytest.param(
            LoadWorker(0),
            "UNKNOWN",
            "the load generator itself was saturated at 100/s and 50/s",
            id="none, by our own fault",
        ),
    ],
)
def test_the_whole_search(play: LoadWorker, grade: str, told: str, tmp_path: Path) -> None:
    _, run = searched(play, tmp_path / "run.json")
    (verdict,) = [verdict for verdict in run.verdicts if verdict.check == "load.capacity"]
    assert (verdict.grade, told in verdict.reason) == (grade, True), verdict.reason
    assert len(verdict.evidence["trials"]) >= (2 if "itself" in told else 4)
    assert [load.scenario for load in run.loads] == (
        [] if "no rate" in told or "itself" in told else ["capacity"]
    )


def test_a_target_that_refuses_ends_the_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(course: CapacitySearch, kind: str, data: dict[str, Any]) -> None:
        course.hear("local", "refused", {"line": "no", "code": 69})

    course, run = searched(refuse, tmp_path / "run.json")
    assert (course.code, [verdict.grade for verdict in run.verdicts]) == (69, ["UNKNOWN"])
    assert capsys.readouterr().err == "no\n"


def test_a_stopped_search_says_so(tmp_path: Path) -> None:
    def stop(course: CapacitySearch, kind: str, data: dict[str, Any]) -> None:
        if kind == "prepare" and len(course.outcomes) == 2:
            gevent.spawn(course.finish)
        else:
            good(course, kind, data)

    good = LoadWorker(1e9)
    course, run = searched(stop, tmp_path / "run.json")
    assert (course.code, run.verdicts[0].reason) == (2, "stopped after 2 trials")

"""How the time of a gate is shared among its parts, and where it ends."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from contracts.command.exit_code import ExitCode, Stop
from reports.cli import main
from reports.commands.gate_command import decide
from reports.gate.plan import GatePlan, PartRequest
from tests.reports.gate.gate_harness import GateHarness, only_run, reasons


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param({}, {"contracts": 20, "load": 27, "reconnect": 11}, id="quick"),
        pytest.param({"budget": 51.0}, {"contracts": 20, "load": 20, "reconnect": 11}, id="the least"),
        pytest.param({"only": ("contracts", "load")}, {"contracts": 20, "load": 38}, id="what others do not need"),
        pytest.param(
            {"profile": "release"}, {"contracts": 40, "load": 189, "reconnect": 11}, id="more effort"
        ),
        pytest.param({"only": ("contracts",), "budget": 600.0}, {"contracts": 20}, id="nothing elastic"),
        pytest.param({"rate": 102.0}, {"contracts": 20, "load": 81, "reconnect": 11}, id="a third of the rate takes longer"),
        pytest.param({"rate": 40.0, "profile": "release"}, {"contracts": 40, "load": 207, "reconnect": 11}, id="a low rate in a longer profile"),
        pytest.param({"rate": 612.0}, {"contracts": 20, "load": 27, "reconnect": 11}, id="a higher rate"),
        pytest.param({"trip": 0.001}, {"contracts": 20, "load": 27, "reconnect": 11}, id="a near target"),
        pytest.param({"trip": 0.101}, {"contracts": 320, "load": 27, "reconnect": 11}, id="100 ms away"),
        pytest.param({"trip": 0.101, "rate": 102.0}, {"contracts": 320, "load": 81, "reconnect": 11}, id="100 ms away, a third of the rate"),
        pytest.param({"trip": 0.101, "profile": "nightly"}, {"contracts": 410, "load": 779, "reconnect": 11}, id="100 ms away, a long profile"),
        pytest.param({"trip": 0.101, "budget": 60.0}, {"contracts": 20, "load": 29, "reconnect": 11}, id="100 ms away, and no more time"),
        pytest.param({"rate": 102.0, "budget": 91.0}, {"contracts": 20, "load": 60, "reconnect": 11}, id="the least at a low rate"),
    ],
)  # fmt: skip
def test_the_load_takes_the_time_that_the_others_leave(
    told: dict[str, Any], expected: dict[str, int]
) -> None:
    plan = GatePlan(out=Path("x"), **told)
    assert {part.name: round(plan.expected(part)) for part in plan.parts if plan.chosen(part)} == expected


@pytest.mark.parametrize(("elapsed", "load"), [(5, 509), (20, 509), (300, 229), (510, 20), (558, 20)])
def test_the_load_does_not_take_what_the_contracts_have_used(elapsed: float, load: float) -> None:
    plan = GatePlan(out=Path("x"), budget=540.0)
    assert plan.expected(plan.parts[1], elapsed) == load
    assert plan.limit(plan.parts[1], elapsed) > load


def test_a_slow_target_costs_at_most_twice_the_budget_and_the_slack() -> None:
    plan, elapsed = GatePlan(out=Path("x")), 0.0
    limits = []
    for part in plan.parts:
        limits.append(plan.limit(part, elapsed))
        elapsed += limits[-1]
    assert limits == [178.0, 58.0, 0.0] and elapsed == 2 * plan.seconds + plan.slack


def test_a_part_without_any_time_left_is_never_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = GateHarness(tmp_path)
    monkeypatch.setattr(GatePlan, "limit", lambda _, part, elapsed: 60.0 if part.name == "contracts" else 0.0)
    plan = stage.plan(stage.part("contracts"), stage.part("load"))
    assert decide(plan) is ExitCode.UNKNOWN
    assert reasons(only_run(plan.out)) == {"part.load": "never started: the gate's time was over"}


@pytest.mark.parametrize(("rate", "option"), [(None, []), (50.0, ["--rate", "50"]), (0.5, ["--rate", "0.5"])])
def test_the_rate_is_that_of_the_load_alone(rate: float | None, option: list[str]) -> None:
    for part in GatePlan(out=Path("x")).parts:
        request = PartRequest(
            target="http://h", folder=Path("x"), name=part.name, seed=1, seconds=9, effort=1, owned=False, rate=rate
        )  # fmt: skip
        argv = part.argv(request)
        assert argv[-len(option) :] == option if part.rate and option else "--rate" not in argv


@pytest.mark.parametrize(
    ("limit", "option"), [(None, []), (178.0, ["--budget", "118s"]), (20.0, ["--budget", "1s"])]
)
def test_the_contracts_end_by_themselves_before_they_are_ended(
    limit: float | None, option: list[str]
) -> None:
    """They begin with what matters most then; without it, a slow target was held to 56 checks of 629, whichever came first."""
    for part in GatePlan(out=Path("x")).parts:
        request = PartRequest(
            target="http://h", folder=Path("x"), name=part.name, seed=1, seconds=9, effort=1, owned=False, limit=limit
        )  # fmt: skip
        argv = part.argv(request)
        assert (
            argv[-len(option) :] == option if part.name == "contracts" and option else "--budget" not in argv
        )


@pytest.mark.parametrize(
    ("rate", "wrong"),
    [("50", False), ("0.5", False), ("0", True), ("-1", True), ("nan", True), ("fast", True)],
)
def test_a_rate_is_a_number_above_zero(rate: str, wrong: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) if wrong else nullcontext() as stopped:
        assert main(["gate", f"--rate={rate}", "--budget=1s"]) == ExitCode.USAGE
    assert not wrong or stopped.value.code == ExitCode.USAGE
    assert ("is no number of requests a second" in capsys.readouterr().err) == wrong


def test_a_budget_that_is_too_short_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Stop) as stopped:
        decide(GatePlan(out=tmp_path / "out", budget=50.0))
    assert stopped.value.code is ExitCode.USAGE
    assert "--budget 50 s is too short: contracts 20 s, load 20 s" in stopped.value.line
    assert not (tmp_path / "out").exists()

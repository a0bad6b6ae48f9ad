"""The gate on a stage: whatever happens to a part, to the server or to the gate itself, the report tells it."""

import itertools
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.command.exit_code import ExitCode, Stop
from contracts.run import VerdictRecord, parse
from contracts.verdict import Grade
from reports.commands.gate_command import decide
from reports.formats.archive import FORMATS
from reports.gate import gate_run
from tests.reports import sample_runs
from tests.reports.gate.gate_harness import SERVER, GateHarness, alive, only_run, reasons

SLEEP = "time.sleep(60)"
DEAF = "signal.signal(signal.SIGINT, signal.SIG_IGN); done(); time.sleep(60)"


@pytest.fixture
def stage(tmp_path: Path) -> GateHarness:
    return GateHarness(tmp_path)


class Quiet:
    """Progress that nobody reads; `at_tick` runs once, when a part is seen to be running."""

    def __init__(self, *at_tick: signal.Signals) -> None:
        self.left = list(at_tick)
        self.lines: list[str] = []

    def start(self, name: str, expected: float) -> None:
        self.lines.append(f"{name} started")

    def tick(self, name: str, seconds: float, said: str) -> None:
        if self.left and "ready" in said:
            os.kill(os.getpid(), self.left.pop(0))

    def end(self, name: str, told: str) -> None:
        self.lines.append(f"{name} {told}")

    def close(self) -> None:
        self.lines.append("closed")


class Ready(Quiet):
    """Sends its signal as soon as the part has said anything."""

    def tick(self, name: str, seconds: float, said: str) -> None:
        super().tick(name, seconds, f"ready {said}" if said else "")


def test_passes_writes_everything_and_leaves_no_process(
    stage: GateHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = stage.plan(
        stage.part("contracts"),
        stage.part("load", run=sample_runs.run(loads=[sample_runs.load()], spec=None), holds="loads"),
    )
    assert decide(plan) is ExitCode.PASS
    folder = only_run(plan.out)
    assert {path.name for path in folder.iterdir()} == {*FORMATS, "logs", "parts"}
    assert (plan.out / "index.html").exists()
    run = parse((folder / "run.json").read_bytes(), name="run.json")
    assert [(part.name, part.ended, part.exit_code) for part in run.parts] == [
        ("contracts", "finished", 0),
        ("load", "finished", 0),
    ]
    assert run.target.startswith("http://127.0.0.1:")
    assert len(run.checks) == len(sample_runs.checks()) and len(run.loads) == 1
    assert not alive(stage.server_pid)
    shown = capsys.readouterr()
    assert shown.out.startswith(" PASS ")
    assert shown.err.splitlines()[0] == "contracts: started, 0.1 s or more"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("print('boom'); sys.exit(3)", ("exit code 3", "wrote no result", "it said: boom"), id="dies"),
        pytest.param("os.kill(os.getpid(), signal.SIGKILL)", ("killed by SIGKILL",), id="is killed"),
        pytest.param("pass", ("wrote no result",), id="ends without a word"),
        pytest.param("open(run_out, 'w').write('{\"started\"')", ("cannot be used: load.json is not a run",), id="half a file"),
        pytest.param("done(); sys.exit(3)", ("exit code 3",), id="dies after it wrote"),
        pytest.param("done(); sys.exit(1)", ("exit code 1, but no verdict that it wrote says why",), id="a lost failure"),
    ],
)  # fmt: skip
def test_a_part_that_fails_is_unknown_and_costs_no_other(
    stage: GateHarness, script: str, said: tuple[str, ...]
) -> None:
    plan = stage.plan(stage.part("contracts"), stage.part("load", script), stage.part("reconnect"))
    assert decide(plan) is ExitCode.UNKNOWN
    folder = only_run(plan.out)
    told = reasons(folder)["part.load"]
    assert all(words in told for words in said), told
    run = parse((folder / "run.json").read_bytes(), name="run.json")
    assert len(run.checks) >= 2 * len(sample_runs.checks())
    assert not alive(stage.server_pid)


def test_a_part_that_does_not_exist_is_unknown(stage: GateHarness) -> None:
    part = replace(stage.part("load"), argv=lambda order: ["/nonexistent/program"])
    plan = stage.plan(stage.part("contracts"), part)
    assert decide(plan) is ExitCode.UNKNOWN
    assert reasons(only_run(plan.out))["part.load"] == "did not start: No such file or directory"


@pytest.mark.parametrize(
    ("holds", "run", "said"),
    [
        pytest.param(
            "loads",
            sample_runs.run(checks=sample_runs.checks(), spec=None),
            "its result holds no loads",
            id="empty result",
        ),
        pytest.param(
            "checks",
            sample_runs.run(
                checks=sample_runs.checks(), spec=sample_runs.SPEC.model_copy(update={"digest": "other"})
            ),
            "does not belong to this run",
            id="another openapi.yaml",
        ),
    ],
)
def test_a_result_that_cannot_be_believed_is_unknown(
    stage: GateHarness, holds: str, run: object, said: str
) -> None:
    plan = stage.plan(stage.part("contracts"), stage.part("load", run=run, holds=holds))  # type: ignore[arg-type]
    assert decide(plan) is ExitCode.UNKNOWN
    assert said in reasons(only_run(plan.out))["part.load"]


def test_a_failure_that_a_part_recorded_is_a_fail(stage: GateHarness) -> None:
    red = sample_runs.run(checks=sample_runs.checks(red={"versions.one-winner": 1}), spec=None)
    plan = stage.plan(stage.part("contracts", "done(); sys.exit(1)", run=red))
    assert decide(plan) is ExitCode.FAIL
    assert list(reasons(only_run(plan.out))) == ["versions.one-winner"]


@pytest.mark.parametrize(
    ("check", "grade", "goes_on"),
    [
        ("run.target-answer", "FAIL", False),
        ("run.target", "UNKNOWN", False),
        ("run.account", "UNKNOWN", False),
        ("run.not-modelled", "ADVISORY", True),
    ],
)
def test_a_target_that_one_part_gave_up_costs_no_other_its_time(
    stage: GateHarness, check: str, grade: str, goes_on: bool
) -> None:
    told = VerdictRecord.model_validate({"check": check, "grade": grade, "reason": "silence"})
    ended = sample_runs.run(checks=sample_runs.checks(), spec=None).model_copy(update={"verdicts": [told]})
    plan = stage.plan(stage.part("contracts", run=ended), stage.part("load"))
    decide(plan)
    assert (reasons(only_run(plan.out)).get("part.load") is None) is goes_on
    if not goes_on:
        assert reasons(only_run(plan.out))["part.load"] == f"never started: see {check}"


@pytest.mark.parametrize("script", [pytest.param(SLEEP, id="sleeps"), pytest.param(DEAF, id="will not end")])
def test_a_part_that_overruns_is_ended(stage: GateHarness, script: str) -> None:
    plan = stage.hasty(stage.part("contracts", script))
    assert decide(plan) is ExitCode.UNKNOWN
    assert "overran its time" in reasons(only_run(plan.out))["part.contracts"]


def test_what_a_part_started_ends_with_it(stage: GateHarness) -> None:
    child = stage.folder / "child.pid"
    script = f"""
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path({str(child)!r}).write_text(str(child.pid))
done()
os._exit(0)
"""
    assert decide(stage.plan(stage.part("contracts", script))) is ExitCode.PASS
    assert child.exists() and not alive(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_still_reports(stage: GateHarness, number: signal.Signals) -> None:
    late = "signal.signal(signal.SIGINT, lambda *_: (done(), sys.exit(0))); print('ready'); " + SLEEP
    plan = stage.plan(stage.part("contracts"), stage.part("load", late), stage.part("reconnect"))
    before = signal.getsignal(number)
    progress = Quiet(number)
    assert decide(plan, progress) is ExitCode.UNKNOWN
    folder = only_run(plan.out)
    told = reasons(folder)
    assert told["part.load"].startswith(f"interrupted by {number.name} after")
    assert told["part.reconnect"] == "never started: the gate was interrupted"
    run = parse((folder / "run.json").read_bytes(), name="run.json")
    assert [part.ended for part in run.parts] == ["finished", "interrupted", "skipped"]
    # What the part wrote when it was asked to end is kept.
    assert len(run.checks) == 2 * len(sample_runs.checks())
    assert set(FORMATS) <= {path.name for path in folder.iterdir()}
    assert not alive(stage.server_pid)
    assert signal.getsignal(number) is before
    assert progress.lines[-1] == "closed"


def test_a_second_interrupt_waits_for_nobody(stage: GateHarness) -> None:
    plan = replace(
        stage.plan(
            stage.part("contracts", "signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready'); " + SLEEP)
        ),
        grace=50.0,
    )

    class Twice(Quiet):
        def tick(self, name: str, seconds: float, said: str) -> None:
            if "ready" in said:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)

    assert decide(plan, Twice()) is ExitCode.UNKNOWN
    folder = only_run(plan.out)
    assert reasons(folder)["part.contracts"].startswith("interrupted by SIGINT")
    run = parse((folder / "run.json").read_bytes(), name="run.json")
    assert run.parts[0].seconds < plan.grace


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        pytest.param(
            "os.kill(int(open(server_pid).read()), signal.SIGKILL); " + SLEEP,
            ExitCode.UNKNOWN,
            "ended from outside by SIGKILL",
            id="killed from outside",
        ),
        pytest.param("crash_server(); " + SLEEP, ExitCode.FAIL, "ended with exit code 7", id="ends itself"),
        pytest.param(
            "os.kill(int(open(server_pid).read()), signal.SIGSEGV); " + SLEEP,
            ExitCode.FAIL,
            "ended by SIGSEGV",
            id="crashes",
        ),
        pytest.param(
            "crash_server(); done()", ExitCode.FAIL, "ended with exit code 7", id="after the part's work"
        ),
    ],
)
def test_a_vanished_server_is_told(stage: GateHarness, script: str, code: ExitCode, said: str) -> None:
    plan = stage.plan(stage.part("contracts", script), stage.part("load"))
    assert decide(plan) is code
    told = reasons(only_run(plan.out))
    assert told["run.target-vanished"].startswith("the target vanished during contracts: the embedded server")
    assert said in told["run.target-vanished"]
    assert told["part.load"] == "never started: the target vanished"


@pytest.mark.parametrize(("looks", "grade"), [(3, Grade.FAIL), (10**6, Grade.UNKNOWN)])
def test_a_server_that_ends_while_it_is_asked_is_told_by_its_end(
    looks: int, grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its socket closes before its exit code is known."""
    now = itertools.count()
    monkeypatch.setattr(gate_run.time, "sleep", lambda _: None)
    monkeypatch.setattr(gate_run.time, "monotonic", lambda: next(now) * 0.1)
    monkeypatch.setattr(
        gate_run, "_probe", lambda *_: SimpleNamespace(silent="Connection refused", broken="")
    )
    asked = itertools.count(1)
    server = SimpleNamespace(
        url="u", ended=lambda: (Grade.FAIL, "it ended") if next(asked) > looks else (Grade.PASS, "")
    )
    runner: Any = SimpleNamespace(plan=SimpleNamespace(target=""), server=server, interrupt=None)
    told: list[Any] = []
    state: Any = SimpleNamespace(stopped="", stop=lambda *words: told.append(words))
    gate_run._check_target(runner, state)
    assert told[0][1] is grade


def test_requests_that_a_vanished_server_did_not_answer_are_no_failure(stage: GateHarness) -> None:
    """Killed from outside, 8 of 188 requests failed: whose fault that is nobody knows. A crash is another matter."""
    lost = sample_runs.run(loads=[sample_runs.load(failing="login")], spec=None)
    assert [v.check for v in lost.all_verdicts() if v.grade == Grade.FAIL] == ["objective"]
    kill = "done(); os.kill(int(open(server_pid).read()), signal.{}); " + SLEEP
    for number, code in (("SIGKILL", ExitCode.UNKNOWN), ("SIGSEGV", ExitCode.FAIL)):
        plan = stage.plan(stage.part("load", kill.format(number), holds="loads", run=lost))
        plan = replace(plan, out=plan.out / number)
        assert decide(plan) is code
        told = reasons(only_run(plan.out))["objective"]
        assert told.endswith("; the target vanished meanwhile") is (code is ExitCode.UNKNOWN)


def test_a_vanished_remote_target_is_told(stage: GateHarness) -> None:
    argv = [sys.executable, "-c", SERVER, str(stage.server_pid)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        plan = replace(
            stage.plan(stage.part("contracts", "crash_server(); done()"), stage.part("load")), target=url
        )
        try:
            assert decide(plan) is ExitCode.UNKNOWN
        finally:
            server.kill()
    told = reasons(only_run(plan.out))
    assert "does not answer any more" in told["run.target-vanished"]
    assert told["part.load"] == "never started: the target vanished"


@pytest.mark.parametrize(
    ("red", "code"),
    [
        pytest.param({}, ExitCode.INTERNAL, id="a pass"),
        pytest.param({"sync.replay": 1}, ExitCode.FAIL, id="a fail"),
    ],
)
def test_a_report_that_cannot_be_written(
    stage: GateHarness, red: dict[str, int], code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    # A directory where the file belongs: the rename fails for every user, on every file system.
    block = "(pathlib.Path(run_out).parent.parent / 'report.html').mkdir(); done()"
    plan = stage.plan(
        stage.part("contracts", block, run=sample_runs.run(checks=sample_runs.checks(red=red), spec=None))
    )
    assert decide(plan) is code
    shown = capsys.readouterr()
    assert "could not write report.html in " in shown.err and ": Is a directory; " in shown.err
    assert shown.out.startswith(f" {'PASS' if not red else 'FAIL'} ")
    names = {path.name for path in only_run(plan.out).iterdir()}
    assert set(FORMATS) <= names and not [name for name in names if name.startswith(".")]


def test_credentials_travel_by_environment_and_reach_no_file(stage: GateHarness) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    # The script is itself a command line, so it may not spell out what must not be found on one.
    script = f"""
secret, token = "-".join(["s3cret", "word"]), ".".join({token.split(".")!r})
assert os.environ["TCHAT_EMAIL"] == "me@example.org" and os.environ["TCHAT_PASSWORD"] == secret
assert not any(secret in word for word in sys.argv)
print("logged in with", secret, "Bearer", token)
sys.exit(3)
"""
    plan = replace(
        stage.plan(stage.part("contracts", script)), email="me@example.org", password="s3cret-word"
    )
    assert decide(plan) is ExitCode.UNKNOWN
    folder = only_run(plan.out)
    told = reasons(folder)["part.contracts"]
    assert "exit code 3" in told and "logged in with <secret> Bearer <token>" in told
    for name in FORMATS:
        written = (folder / name).read_text()
        assert "s3cret-word" not in written and token not in written, name
    log = (folder / "logs" / "contracts.log").read_text()
    assert log == "logged in with <secret> Bearer <token>\n"
    assert "s3cret-word" not in repr(plan)


def test_the_logs_keep_no_secret(stage: GateHarness) -> None:
    """Not of a server that writes until it ends, and not of a gate that is interrupted."""
    part = stage.part("contracts", 'done(); print("s3cret-" + "word", flush=True); time.sleep(60)')
    told = Ready(signal.SIGINT)
    assert decide(replace(stage.plan(part), password="s3cret-word"), told) is ExitCode.UNKNOWN
    logs = only_run(stage.folder / "out") / "logs"
    log = (logs / "contracts.log").read_text()
    assert log.startswith("<secret>\n") and "s3cret-word" not in log
    assert {path.name for path in logs.iterdir()} == {"contracts.log", "server.log"}


def test_left_out_parts_are_named(stage: GateHarness) -> None:
    plan = replace(
        stage.plan(stage.part("contracts"), stage.part("load", "sys.exit(3)")), only=("contracts",)
    )
    assert decide(plan) is ExitCode.PASS
    assert reasons(only_run(plan.out)) == {"part.load": "left out by --only"}


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        pytest.param({"target": "http://127.0.0.1:1"}, ExitCode.UNREACHABLE, "http://127.0.0.1:1 does not answer: Connection refused", id="nobody"),
        pytest.param({"target": "http://api.example.org"}, ExitCode.USAGE, "--i-own-this-target", id="somebody else's"),
        pytest.param(
            {"server": lambda seed: [sys.executable, "-c", "print('no port left'); exit(1)"]},
            ExitCode.INTERNAL,
            "did not start; it said: no port left",
            id="no server",
        ),
    ],
)  # fmt: skip
def test_stops_before_any_part(stage: GateHarness, change: dict[str, Any], code: ExitCode, said: str) -> None:
    plan = replace(stage.plan(stage.part("contracts", "sys.exit(3)")), **change)
    with pytest.raises(Stop) as stopped:
        decide(plan)
    assert stopped.value.code is code
    assert said in stopped.value.line and "\n" not in stopped.value.line
    assert not list(plan.out.glob("*/parts")) if plan.out.exists() else True


def test_a_folder_that_cannot_be_made_is_a_usage_error(stage: GateHarness) -> None:
    blocked = stage.folder / "file"
    blocked.write_text("")
    with pytest.raises(Stop) as stopped:
        decide(replace(stage.plan(), out=blocked))
    assert stopped.value.code is ExitCode.USAGE


def test_two_runs_in_one_second_keep_apart(stage: GateHarness) -> None:
    plan = stage.plan(stage.part("contracts"))
    assert decide(plan) is ExitCode.PASS
    assert decide(plan) is ExitCode.PASS
    assert len([path for path in plan.out.iterdir() if path.is_dir()]) == 2

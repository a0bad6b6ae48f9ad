"""A disk that is full: one line says so, the verdict is printed all the same, and no file is left half written."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.command import atomic_file
from contracts.command.exit_code import ExitCode
from contracts.run import Run
from load.results import run_builder
from load.results.history_file import HistoryFile
from reports.cli import main
from reports.commands.gate_command import decide
from tests.reports import sample_runs
from tests.reports.gate.gate_harness import GateHarness, only_run


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written so far is there, and nothing more can be: the moment that leaves half a file behind."""
    monkeypatch.setattr(atomic_file.os, "fsync", full)


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize(
    ("made", "code", "word"),
    [
        pytest.param(sample_runs.run(checks=sample_runs.checks(), spec=None), ExitCode.INTERNAL, "PASS", id="a pass"),
        pytest.param(
            sample_runs.run(verdicts=[sample_runs.died("load", "too short")], checks=sample_runs.checks(), spec=None),
            ExitCode.INTERNAL,
            "UNKNOWN",
            id="unknown",
        ),
        pytest.param(
            sample_runs.run(checks=sample_runs.checks(red={"sync.replay": 1}), spec=None), ExitCode.FAIL, "FAIL", id="a fail"
        ),
    ],
)  # fmt: skip
def test_the_gate_on_a_full_disk(
    tmp_path: Path, made: Run, code: ExitCode, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = GateHarness(tmp_path)
    plan = stage.plan(stage.part("contracts", run=made))
    assert decide(plan) is code
    shown = capsys.readouterr()
    assert shown.out.startswith(f" {word} ")
    (line,) = [line for line in shown.err.splitlines() if line.startswith("reports: ")]
    assert "could not write run.json, verdict.json, " in line and " and report.html in " in line
    assert line.endswith(": No space left on device; mend that, or choose another place with --out")
    assert sorted(path.name for path in only_run(plan.out).iterdir()) == ["logs", "parts"]
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("name", ["a file", "/proc"])  # in the latter not even root can make a folder
def test_a_place_where_nothing_can_be_written_is_one_line(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    (tmp_path / "a file").touch()
    assert main(["gate", "--only", "contracts", "--out", str(out)]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert f"cannot write into {out}: " in told and told.count("\n") == 1


@pytest.mark.usefixtures("full_disk")
def test_rendering_on_a_full_disk_keeps_what_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, old = tmp_path / "run.json", tmp_path / "report.html"
    run.write_text(sample_runs.passing().model_dump_json())
    before = run.read_text()
    old.write_text("the report of yesterday")
    assert main(["render", str(run)]) == ExitCode.INTERNAL
    assert (run.read_text(), old.read_text()) == (before, "the report of yesterday")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "run.json"]
    assert capsys.readouterr().err.count("\n") == 1


def test_a_log_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = GateHarness(tmp_path)
    plan = stage.plan(stage.part("contracts"))
    real: Callable[..., object] = Path.open

    def refuse(path: Path, *how: object, **more: object) -> object:
        return full() if path.suffix == ".log" and "wb" in how else real(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(
        Exception, match=r"the embedded server did not start: .*No space left on device"
    ) as told:
        decide(plan)
    assert getattr(told.value, "code", None) is ExitCode.INTERNAL
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("part", ["run", "history"])
def test_a_load_run_on_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(os, "replace", full)
    spool = HistoryFile()
    spool.add(b"{}")
    try:
        with pytest.raises(OSError, match="No space left"):
            run_builder.save(tmp_path / "run.json", sample_runs.empty()) if part == "run" else spool.save(
                tmp_path / "h.ndjson"
            )
    finally:
        spool.close()
    assert list(tmp_path.iterdir()) == []

"""The files of a result: that one cannot be written takes none of the others away."""

from contextlib import closing
from pathlib import Path

import pytest

from load.results.history_file import HistoryFile
from load.results.run_outputs import Outputs
from tests.reports import sample_runs


def test_what_cannot_be_written_takes_nothing_else_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "a file"
    gone.touch()
    outputs = Outputs(
        run=gone / "run.json", history=tmp_path / "calls.ndjson", samples=gone / "samples.csv.gz", report=tmp_path
    )  # fmt: skip
    run = sample_runs.run(load=sample_runs.load())
    with closing(HistoryFile()) as history:
        assert outputs.write(run, history) is False
    assert {path.name for path in tmp_path.iterdir()} >= {"calls.ndjson", "run.json", "report.html"}
    assert capsys.readouterr().err.splitlines() == [
        f"cannot write --run-out {gone}/run.json: File exists",
        f"cannot write --samples {gone}/samples.csv.gz: File exists",
    ]

"""No file that a user hands to `reports` ends in a traceback, or in a code that is not in the table.

`TCHAT_MUTATIONS=100000` reads so many of each kind and renders a sixth of them; by default it is few enough for every run of the tests.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.command.exit_code import ExitCode
from contracts.run import Run, RunError, parse
from reports.baseline.baseline_file import BaselineError, keep
from reports.baseline.baseline_file import read as read_baseline
from reports.cli import main
from reports.decision.policy import PolicyError
from reports.decision.policy import read as read_policy
from reports.page import history_page
from tests import mutations
from tests.reports import sample_runs
from tests.reports.baseline.windowed_runs import run as windowed

CODES = {ExitCode.PASS, ExitCode.FAIL, ExitCode.UNKNOWN, ExitCode.USAGE}
POLICY = (Path(__file__).parents[2] / "reports" / "policy.example.yaml").read_bytes()


def small(run: Run) -> Run:
    """Little enough that a mutation hits something, and a page takes little time."""
    loads = [
        load.model_copy(
            update={"operations": load.operations[:2], "windows": load.windows[:8], "heat": load.heat[:1]}
        )
        for load in run.loads
    ]
    return run.model_copy(
        update={"checks": run.checks[-6:], "coverage": run.coverage[:4], "loads": loads, "races": run.races[:1], "reconnects": run.reconnects[:1]}
    )  # fmt: skip


@cache
def documents() -> list[Any]:
    return [
        json.loads(small(sample_runs.RUNS[name]()).model_dump_json())
        for name in ("fail", "pass", "interrupted")
    ]


@pytest.fixture
def many() -> int:
    return mutations.COUNT // 6


def test_run_json(tmp_path: Path, many: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What the reader takes, every renderer can show."""
    rng = random.Random(1)
    path, shown = tmp_path / "run.json", 0
    for number in range(many):
        path.write_bytes(mutations.of_json(rng.choice(documents()), rng))
        code = main(["render", str(path), "--out", str(tmp_path / "out")])
        said = capsys.readouterr()
        assert code in CODES, (number, said.err, path.read_bytes()[:2000])
        assert "a bug" not in said.err, (number, said.err, path.read_bytes()[:3000])
        assert "Traceback" not in said.err and "\x1b" not in said.out + said.err, number
        shown += code is not ExitCode.USAGE
    assert shown > many / 10


def test_reading_alone(tmp_path: Path) -> None:
    rng = random.Random(2)
    runs, baseline = documents(), json.loads(keep(small(windowed(1))).model_dump_json())
    readers: list[tuple[Callable[[], bytes], Callable[[Path], object], type[Exception]]] = [
        (lambda: mutations.of_json(rng.choice(runs), rng), lambda path: parse(path.read_bytes(), name="r"), RunError),
        (lambda: mutations.of_json(baseline, rng), read_baseline, BaselineError),
        (lambda: mutations.of_bytes(POLICY, rng), read_policy, PolicyError),
    ]  # fmt: skip
    path = tmp_path / "file"
    for number in range(mutations.COUNT * len(readers)):
        make, read, refusal = readers[number % len(readers)]
        path.write_bytes(make())
        told = ""
        try:
            read(path)
        except refusal as error:
            told = str(error)
        assert "\n" not in told, (number, told)


def test_baselines_in_use(tmp_path: Path, many: int, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(3)
    now, kept = tmp_path / "run.json", tmp_path / "kept.json"
    now.write_text(windowed(2).model_dump_json())
    baseline = json.loads(keep(windowed(1)).model_dump_json())
    for number in range(many // 12):
        kept.write_bytes(mutations.of_json(baseline, rng))
        code = main(["render", str(now), "--out", str(tmp_path / "out"), "--baseline", str(kept)])
        assert code in CODES, (number, capsys.readouterr().err)


def test_what_lies_about_is_passed_over(tmp_path: Path, many: int) -> None:
    """Verdicts of other runs: a report is made without them."""
    rng = random.Random(4)
    out = tmp_path / "out"
    main(["render", str(_written(tmp_path, sample_runs.failing())), "--out", str(out / "one")])
    verdict = json.loads((out / "one" / "verdict.json").read_bytes())
    for _ in range(many):
        (out / "one" / "verdict.json").write_bytes(mutations.of_json(verdict, rng))
        assert history_page.write(out) == []


def _written(folder: Path, run: Run) -> Path:
    path = folder / "run.json"
    path.write_text(run.model_dump_json())
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            {"loads": [{"operations": [{"latency": {"bits": 0}}]}]}, "0 bits are not the 10", id="bits"
        ),
        pytest.param({"loads": [{"operations": [{"answered": -1}]}]}, "answered: ", id="a negative count"),
        pytest.param({"started": "yesterday"}, "started: ", id="no time"),
        pytest.param({"checks": None}, "checks: ", id="null"),
        pytest.param({"checks": [{"seconds": float("nan")}]}, "checks/0/seconds: ", id="NaN"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    change: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def put(into: object, new: object) -> object:
        if isinstance(new, dict) and isinstance(into, dict):
            return {**into, **{name: put(into.get(name), value) for name, value in new.items()}}
        if isinstance(new, list) and isinstance(into, list):
            return [put(into[0], new[0]), *into[1:]]
        return new

    path = tmp_path / "run.json"
    path.write_text(json.dumps(put(documents()[0], change)))
    assert main(["render", str(path)]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert f"{path} is not a run: " in told and said in told and told.count("\n") == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace(b'"format":1', b'"format":1,"new":{"a":[1]}', 1), id="a new field"),
        pytest.param(lambda text: text.replace(b'"id":', b'"novel":1,"id":'), id="a new field in a check"),
        pytest.param(lambda text: text.replace(b"Z\"", b"\"", 1), id="a naive stamp beside a zoned one"),
    ],
)  # fmt: skip
def test_what_does_no_harm_is_taken(spoil: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(spoil(sample_runs.passing().model_dump_json().encode()))
    assert main(["render", str(path)]) == ExitCode.PASS


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_is_not_utf_8(encoding: str, tmp_path: Path) -> None:
    path = _written(tmp_path, sample_runs.failing())
    argv = [sys.executable, "-m", "reports", "render", str(path), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        argv, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (ExitCode.FAIL, b"")
    assert b"the release is blocked" in done.stdout

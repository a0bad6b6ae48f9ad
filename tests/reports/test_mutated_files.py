"""The other files that a user hands us, with one thing broken at random: read, or refused in one line that names the file.

Documents and overlays have `tests/contracts/spec/source/test_mutated_documents.py`. `TCHAT_MUTATIONS=100000` for the full size. What a reader
takes is used too: histories are judged, policies decide, baselines are compared, and one run in a hundred is rendered by the command.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from contracts import spec
from contracts.checkers import judge
from contracts.command.exit_code import ExitCode
from contracts.history import Call, HistoryError, Outcome, encode
from contracts.history import read as read_history
from contracts.run import RunError, parse
from load.scenarios import access_log, scenario_reader
from load.scenarios.arrival_plan import PlanError
from reports.baseline import baseline_file, baseline_verdicts
from reports.cli import main
from reports.decision import decide as decisions
from reports.decision import policy
from tests.mutations import COUNT, mutated
from tests.reports import sample_runs
from tests.reports.baseline import windowed_runs

TODAY = date(2026, 1, 1)
RUN = sample_runs.run(checks=sample_runs.checks(red={"items.create": 1}))
WINDOWED = windowed_runs.run(1)
Reader = Callable[[bytes, Path], None]


def _history() -> bytes:
    facts = {"item": "a", "version": 1, "base": 0, "at": "2026-01-01T00:00:00Z"}
    calls = [
        Call(client=f"c{n % 2}", operation=operation, due=n * 10, sent=n * 10 + 1, done=n * 10 + 8, outcome=Outcome.OK, facts=facts)
        for n, operation in enumerate(("createContentItem", "updateContentItem", "getContentItem", "syncContent", "socket.event"))
    ]  # fmt: skip
    return b"\n".join(map(encode, calls))


def histories(text: bytes, path: Path) -> None:
    judge(list(read_history(text.splitlines())))


def policies(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    decisions.decide(RUN, policy.read(path), TODAY)


def runs(text: bytes, path: Path) -> None:
    decisions.decide(parse(text, name=str(path)), policy.ReleasePolicy(), TODAY)


def baselines(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    found = baseline_file.read(path)
    if len(text) % 20 == 0:  # the statistics of one comparison take longer than reading a hundred files
        baseline_verdicts.verdicts([found], WINDOWED, seed=1)


def scenarios(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    scenario_reader.read(path, spec.load())


def access_logs(text: bytes, path: Path) -> None:
    access_log.read(text, spec=spec.load(), name=str(path))


REFUSALS = (HistoryError, policy.PolicyError, RunError, baseline_file.BaselineError, PlanError)
SCENARIO = b"""\
name: mix
load:
  - name: all
    mix: {getContentItem: 3, updateContentItem: 1, browse: 1}
    stages: [{rate: 5, for: 10s}, {from: 5, to: 9, for: 5s}]
journeys: {browse: {think: 1s, steps: [createContentItem, getContentItem]}}
thresholds: {getContentItem: {errors: 1%}}
"""
LOG = (
    b'127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /api/content/items?page=1 HTTP/1.1" 200 17 "-" "x"\n'
    b'127.0.0.1 - - [01/Jan/2026:00:00:01 +0000] "PUT /api/content/items/a HTTP/1.1" 200 17 "-" "x"\n'
)
EXAMPLE = Path("reports/policy.example.yaml")
READERS: list[tuple[Reader, Callable[[], bytes], str]] = [
    (histories, _history, "calls.ndjson"),
    (policies, EXAMPLE.read_bytes, "policy.yaml"),
    (runs, lambda: RUN.model_dump_json().encode(), "run.json"),
    (baselines, lambda: baseline_file.keep(WINDOWED).model_dump_json().encode(), "baseline.json"),
    (scenarios, lambda: SCENARIO, "mix.yaml"),
    (access_logs, lambda: LOG, "access.log"),
]


@pytest.mark.parametrize(("reader", "right", "name"), READERS, ids=[row[0].__name__ for row in READERS])
def test_a_mutated_file_is_read_or_refused_in_one_line(
    reader: Reader, right: Callable[[], bytes], name: str, tmp_path: Path
) -> None:
    rng, path, text = random.Random(name), tmp_path / name, right()
    reader(text, path)  # what is broken below is right as it is
    refused = 0
    for _ in range(COUNT):
        broken = mutated(rng, text)
        try:
            reader(broken, path)
        except REFUSALS as error:
            refused += 1
            line = str(error)
            assert "\n" not in line and len(line) < 2000 and (name in line or reader is histories), line
        except Exception as error:
            error.add_note(repr(broken[:2000]))
            raise
    assert refused


def test_the_commands_end_with_a_code_of_the_table_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(3)
    files = {name: (tmp_path / name, right()) for _, right, name in READERS}
    (run, whole), (chosen, rules), (kept, base) = (
        files[name] for name in ("run.json", "policy.yaml", "baseline.json")
    )
    commands: list[tuple[Path, bytes, list[str]]] = [
        (run, whole, ["render", str(run), "--out", str(tmp_path / "out")]),
        (run, whole, ["merge", str(run), "-o", str(tmp_path / "merged.json")]),
        (run, whole, ["baseline", "keep", str(run), "-o", str(tmp_path / "kept.json")]),
        (run, whole, ["accept", str(run), "-o", str(tmp_path / "accepted.yaml"), "--owner", "me", "--expires", "2099-01-01"]),
        (chosen, rules, ["render", str(run), "--out", str(tmp_path / "out"), "--policy", str(chosen)]),
        (kept, base, ["render", str(run), "--out", str(tmp_path / "out"), "--baseline", str(kept)]),
    ]  # fmt: skip
    for _ in range(max(4, COUNT // 100)):
        for path, right, command in commands:
            run.write_bytes(whole)
            path.write_bytes(mutated(rng, right))
            code = main(command)
            said = capsys.readouterr().err
            known = code in (ExitCode.PASS, ExitCode.FAIL, ExitCode.UNKNOWN, ExitCode.USAGE)
            assert known and "Traceback" not in said, (command, said, path.read_bytes()[:2000])
            assert code != ExitCode.USAGE or said.count("\n") == 1, said

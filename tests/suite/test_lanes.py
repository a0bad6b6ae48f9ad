"""A race of the suite leaves its history in the run: the failed ones with the calls to blame, else one example."""

import json
from pathlib import Path

import pytest

from contracts.run import parse
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite


@pytest.mark.parametrize(
    ("fault", "grade"), [pytest.param("", "PASS", id="clean"), pytest.param("lost-update", "FAIL", id="lost-update")]
)  # fmt: skip
def test_the_run_holds_the_history(suite: Suite, tmp_path: Path, fault: str, grade: str) -> None:
    out = tmp_path / "run.json"
    with embedded_server(*(("--fault", fault) if fault else ())) as embedded:
        done = suite(
            "-k", "races.one-winner or races.counter", "--target", embedded.url, "--run-out", str(out)
        )
    assert done.returncode == (1 if fault else 0), done.stdout
    run = parse(out.read_bytes(), name="run.json")
    assert {record.grade for record in run.races} == {grade}
    assert [record.check for record in run.races] == (
        ["races.counter", "races.one-winner"] if fault else ["races.one-winner"]
    )
    for record in run.races:
        saved = Path(record.judge.split()[-1])
        assert saved.read_bytes().count(b"\n") == record.total >= len(record.calls)
        assert bool(record.findings) is bool(fault)
    if fault:
        assert done.stdout.count("  history   python -m contracts judge ") == 2
        counter, winner = run.races
        # This check found the breach before it came to judge; the checkers explain it all the same.
        assert counter.reason.startswith("expected the counter = 36")
        for record in (counter, winner):
            rules = {finding.rule for finding in record.findings}
            assert "same-base" in rules or "wrong-base" in rules
            blamed = {record.calls[index].operation for index in record.findings[0].calls}
            assert blamed == {"updateContentItem"}
    assert "eyJ" not in json.dumps([record.model_dump() for record in run.races])

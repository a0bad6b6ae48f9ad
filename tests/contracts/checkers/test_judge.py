"""All checkers at once, and the command that judges a saved history again."""

import io
import json
from pathlib import Path

import pytest

from contracts.__main__ import main
from contracts.checkers import CHECKERS, judge
from contracts.history import History, encode
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered, history

CLEAN = "a: |-create v1-| |-update v2-| |-read v2-|"
STALE = "a: |-create v1-| |-update v2-| |-read v1-|"


def saved(folder: Path, calls: History) -> str:
    path = folder / "history.ndjson"
    path.write_bytes(b"".join(encode(call) + b"\n" for call in calls))
    return str(path)


def test_one_verdict_a_check_in_order() -> None:
    verdicts = judge(history(CLEAN))
    assert [verdict.check for verdict in verdicts] == list(CHECKERS)
    graded = {verdict.check: verdict.grade for verdict in verdicts}
    assert graded == {
        "versions": Grade.PASS,
        "lost-update": Grade.PASS,
        "bulk": Grade.UNKNOWN,
        "sync": Grade.UNKNOWN,
        "sessions": Grade.UNKNOWN,
        "events": Grade.UNKNOWN,
        "coverage": Grade.PASS,
    }
    assert all(verdict.reason for verdict in verdicts if verdict.grade is not Grade.PASS)


def test_an_empty_history_never_passes() -> None:
    assert {verdict.grade for verdict in judge(())} == {Grade.UNKNOWN}


def test_a_history_that_breaks_a_checker_is_unknown() -> None:
    (verdict,) = judge((answered("getContentItem", item=[], version=1),), checks=["versions"])
    assert verdict.grade is Grade.UNKNOWN
    assert "bug in the harness" in verdict.reason


def test_operations_that_must_succeed() -> None:
    (verdict,) = judge(history(CLEAN), checks=["coverage"], operations=["syncContent"])
    assert verdict.grade is Grade.UNKNOWN and "syncContent (never tried)" in verdict.reason


@pytest.mark.parametrize(
    ("drawing", "only", "code", "printed"),
    [
        pytest.param(CLEAN, "versions,lost-update", 0, "PASS     versions", id="pass"),
        pytest.param(STALE, "versions,lost-update", 1, "FAIL     versions", id="fail"),
        pytest.param(CLEAN, ",".join(CHECKERS), 2, "UNKNOWN  sync", id="unknown"),
    ],
)
def test_the_exit_code_is_the_worst_grade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], drawing: str, only: str, code: int, printed: str
) -> None:
    assert main(["judge", saved(tmp_path, history(drawing)), "--only", only]) == code
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(only.split(","))
    assert any(line.startswith(printed) for line in lines)


def test_the_worst_verdict_stands_last_and_json_has_the_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["judge", saved(tmp_path, history(STALE)), "--json"])
    verdicts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert verdicts[-1]["grade"] == "FAIL"
    assert verdicts[-1]["evidence"]["first"][0]["calls"][1]["facts"]["version"] == 1


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = b"\n".join(encode(call) for call in history(CLEAN))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["judge", "-", "--only", "versions"]) == 0
    assert "PASS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(b"{}\n", "line 1 is not a call", id="not-a-call"),
        pytest.param(encode(history(CLEAN)[0]) + b"\nnonsense\n", "line 2 is not a call", id="second-line"),
        pytest.param(None, "cannot read", id="no-file"),
    ],
)
def test_a_bad_file_is_one_line_and_64(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes | None, told: str
) -> None:
    path = tmp_path / "history.ndjson"
    if text is not None:
        path.write_bytes(text)
    assert main(["judge", str(path)]) == 64
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["jugde", "x"], ["judge"], ["judge", "x", "--only", "verions"], ["judge", "x", "--only", ","]],
)
def test_a_wrong_call_is_one_line_and_64(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 64
    assert capsys.readouterr().err.count("\n") == 1


T = "2026-01-01T00:00:00.00000{}Z"


def test_what_others_write_is_left_out_of_lists_where_it_is_said_whose_the_items_are() -> None:
    rows = [["theirs", 2, T.format(5)], ["i", 1, T.format(1)]]
    later = [["theirs", 1, T.format(4)], ["i", 1, T.format(1)]]
    shown = (
        answered("createContentItem", 0, item="i", version=1),
        answered("getContentItems", 10, items=rows),
        answered("getContentItems", 20, items=later),
    )
    assert judge(shown, checks=("versions",))[0].grade is Grade.FAIL
    assert judge(shown, checks=("versions",), known={"i"})[0].grade is Grade.PASS

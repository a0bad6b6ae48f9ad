"""The command: which benchmarks run, what is written, and the exit code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench import __main__ as command
from tests.bench.programs.installed import Unmeasured
from tests.bench.result import Grid, Limit, Result, Row, unpacked
from tests.bench.setting import Cores, Setting

KEPT = Row("fast", 30.0, "/s", 0.3, Limit("at least", 0.2, "nginx"), (20.0, 40.0), "note")
LOST = Row("slow", 10.0, "/s", 0.1, Limit("at least", 0.2, "nginx"))
LARGE = Row("large", 200.0, "MiB", limit=Limit("at most", 150.0))
PLAIN = Row("seen", 5.0, "/s")
GRID = Grid("Answers", ("law", "ours"), (("409", "yes | no"),))


def bench(*rows: Row) -> Callable[[Setting], Result]:
    return lambda setting: Result("Title", "About it.", rows, [GRID])


def lacking(setting: Setting) -> Result:
    """Needs what is not there."""
    raise Unmeasured("wrk is not installed (apt install wrk)")


def failing(setting: Setting) -> Result:
    raise AssertionError("is not asked for")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    monkeypatch.setattr(Cores, "claim", lambda self: None)

    def with_benches(benches: dict[str, Any], *words: str) -> int:
        monkeypatch.setattr(command, "BENCHES", benches)
        return command.main([*words, "--out", str(tmp_path)])

    return with_benches


@pytest.mark.parametrize(
    ("bench", "code"),
    [
        pytest.param(bench(KEPT, PLAIN), 0, id="every promise is kept"),
        pytest.param(bench(KEPT, LOST), 1, id="a ratio is missed"),
        pytest.param(bench(KEPT, LARGE), 1, id="a number is missed"),
        pytest.param(lacking, 2, id="a tool is missing"),
        pytest.param(bench(LOST, Row("x", None, "")), 1, id="a miss outweighs what was not measured"),
    ],
)
def test_the_exit_code(run: Callable[..., int], bench: Any, code: int) -> None:
    assert run({"one": bench}) == code


def test_a_missing_tool_is_a_row(run: Callable[..., int], tmp_path: Path) -> None:
    run({"one": lacking})
    text = (tmp_path / "bench.md").read_text("utf-8")
    assert "not measured" in text
    assert "wrk is not installed (apt install wrk)" in text
    assert "Needs what is not there." in text


def test_one_alone_leaves_what_the_others_measured(run: Callable[..., int], tmp_path: Path) -> None:
    run({"one": bench(KEPT), "two": bench(PLAIN)})
    assert run({"one": bench(LOST), "two": failing}, "--only", "one") == 1
    kept = json.loads((tmp_path / "bench.json").read_text("utf-8"))["benches"]
    assert [kept["one"]["rows"][0]["what"], kept["two"]["rows"][0]["what"]] == ["slow", "seen"]
    text = (tmp_path / "bench.md").read_text("utf-8")
    assert "slow" in text
    assert "seen" in text


def test_a_trial_never_replaces_a_measurement(run: Callable[..., int], tmp_path: Path) -> None:
    run({"one": bench(KEPT)})
    run({"one": bench(LOST)}, "--quick")
    assert {path.name for path in tmp_path.iterdir()} == {
        "bench.md", "bench.json", "bench-quick.md", "bench-quick.json",
    }  # fmt: skip
    assert "slow" not in (tmp_path / "bench.md").read_text("utf-8")


def test_the_page_is_a_table_whose_columns_stand_in_line(run: Callable[..., int], tmp_path: Path) -> None:
    run({"one": bench(KEPT, LOST, LARGE, PLAIN)})
    lines = (tmp_path / "bench.md").read_text("utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ")]
    assert len({len(line) for line in table[:6]}) == 1
    assert "| fast  | 30     | /s   | 20 to 40   | 0.3   | at least 0.2 x nginx | yes | note |" in table
    assert "| slow  | 10     | /s   |            | 0.1   | at least 0.2 x nginx | NO  |      |" in table
    assert "| 409 | yes \\| no |" in table


def test_a_result_comes_back_from_json() -> None:
    result = Result("Title", "About it.", (KEPT, LARGE, PLAIN), (GRID,))
    text = json.dumps(result.packed())
    again = unpacked(json.loads(text))
    assert (again.rows, again.title, again.about) == (result.rows, result.title, result.about)
    assert json.dumps(again.packed()) == text


@pytest.mark.parametrize("words", [["--only", "nothing"], ["--slow"], ["word"]], ids=str)
def test_a_wrong_word_is_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(words)
    assert stopped.value.code == command.USAGE


def test_the_real_benches_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(command.BENCHES)
    assert all(len(line.split()) > 3 for line in listed), (
        "each function says in its docstring what it measures"
    )

"""The command line: exit codes, files made again from files, and no traceback for a user's mistake."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from contracts.command.exit_code import MEANING, ExitCode
from contracts.network.output_console import OutputConsole
from contracts.network.printable import CONTROL
from contracts.run import parse
from reports.cli import main
from reports.formats.archive import FORMATS
from tests.reports import sample_runs


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, Path]:
    found = {}
    for name, make in sample_runs.RUNS.items():
        found[name] = tmp_path / f"{name}.json"
        found[name].write_text(make().model_dump_json())
    found["wrong"] = tmp_path / "wrong.json"
    found["wrong"].write_text('{"format": 1}')
    found["policy"] = tmp_path / "policy.yaml"
    found["policy"].write_text("format: 1\neffects: {UNKNOWN: warn}\n")
    found["typo"] = tmp_path / "typo.yaml"
    found["typo"].write_text("format: 1\neffect: {UNKNOWN: warn}\n")
    return found


@pytest.mark.parametrize(
    ("name", "extra", "code"),
    [
        pytest.param("pass", [], ExitCode.PASS, id="pass"),
        pytest.param("fail", [], ExitCode.FAIL, id="fail"),
        pytest.param("unknown", [], ExitCode.UNKNOWN, id="unknown"),
        pytest.param("interrupted", [], ExitCode.UNKNOWN, id="interrupted"),
        pytest.param("empty", [], ExitCode.UNKNOWN, id="empty"),
        pytest.param("unknown", ["--policy", "policy"], ExitCode.PASS, id="by another policy"),
        pytest.param("wrong", [], ExitCode.USAGE, id="not a run"),
        pytest.param("missing", [], ExitCode.USAGE, id="no file"),
        pytest.param("pass", ["--policy", "typo"], ExitCode.USAGE, id="not a policy"),
        pytest.param("pass", ["--policy", "missing"], ExitCode.USAGE, id="no policy"),
    ],
)
def test_renders_again(
    runs: dict[str, Path], tmp_path: Path, name: str, extra: list[str], code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    def path(word: str) -> str:
        return word if word.startswith("-") else str(runs.get(word, tmp_path / word))

    out = tmp_path / "out"
    assert main(["render", path(name), "--out", str(out), *map(path, extra)]) == code
    shown = capsys.readouterr()
    if code is ExitCode.USAGE:
        assert shown.err.startswith("reports: ") and shown.err.count("\n") == 1
    else:
        assert {file.name for file in out.iterdir()} == set(FORMATS)
        assert parse((out / "run.json").read_bytes(), name="") == parse(runs[name].read_bytes(), name="")


def test_merges_parts(runs: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "whole.json"
    assert main(["merge", str(runs["interrupted"]), str(runs["pass"]), "-o", str(out)]) == ExitCode.PASS
    whole = parse(out.read_bytes(), name="whole.json")
    assert len(whole.checks) == 20 + len(sample_runs.checks())
    assert len(whole.parts) == 6


def test_refuses_to_merge_what_does_not_belong_together(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.json"
    spec = sample_runs.SPEC.model_copy(update={"digest": "other"})
    other.write_text(sample_runs.run(spec=spec).model_dump_json())
    out = tmp_path / "whole.json"
    assert main(["merge", str(runs["pass"]), str(other), "-o", str(out)]) == ExitCode.USAGE
    assert "different versions of openapi.yaml" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "required: COMMAND", id="no command"),
        pytest.param(["gate", "--nonsense"], "--nonsense", id="unknown option"),
        pytest.param(["gate", "--budget", "soon"], "'soon' is not a time like", id="no time"),
        pytest.param(["gate", "--budget", "0s"], "'0s' is not a time like", id="no time at all"),
        pytest.param(["gate", "--profile", "slow"], "invalid choice: 'slow'", id="no profile"),
        pytest.param(["gate", "--only", "loads"], "'loads' is no part; the parts are contracts, load, reconnect", id="no part"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    told = capsys.readouterr().err
    assert stopped.value.code == ExitCode.USAGE
    assert said in told and told.count("\n") == 1


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param("localhost:8000", "is not an http(s) URL", id="no scheme"),
        pytest.param("ftp://localhost", "is not an http(s) URL", id="another scheme"),
        pytest.param("http://[::1", "is not an http(s) URL", id="broken"),
        pytest.param("http://me:pw@localhost:1", "TCHAT_PASSWORD", id="a password in it"),
        pytest.param("https://api.tchat.com", "--i-own-this-target", id="not ours"),
        pytest.param("http://127.0.0.1.example.org", "--i-own-this-target", id="looks like loopback"),
    ],
)
def test_a_target_that_may_not_be_tested(target: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "--target", target]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert said in told and "pw@" not in told


def test_help_tells_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert all(f"{code.value} {meaning}" in told for code, meaning in MEANING.items())


@pytest.mark.parametrize(
    ("name", "code"), [("pass", ExitCode.PASS), ("fail", ExitCode.FAIL), ("unknown", ExitCode.UNKNOWN)]
)
def test_a_reader_that_has_had_enough_changes_no_verdict(
    runs: dict[str, Path], tmp_path: Path, name: str, code: ExitCode
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    argv = [sys.executable, "-m", "reports", "render", str(runs[name]), "--out", str(tmp_path / "out")]
    done = subprocess.run(argv, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        pytest.param(">&-", ExitCode.PASS, "", id="closed"),
        pytest.param("> /dev/full", ExitCode.INTERNAL, "reports: the output cannot be written: No space left on device\n", id="full"),
    ],
)  # fmt: skip
def test_a_diff_whose_words_go_nowhere(output: str, code: ExitCode, said: str) -> None:
    words = f'"$0" -m reports diff openapi.yaml openapi.yaml {output}'
    done = subprocess.run(
        ["bash", "-c", words, sys.executable], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, said)


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_controls_the_terminal(text: str) -> None:
    """Whatever part of a run it comes from; the styles of ours are still there."""
    told = io.StringIO()
    OutputConsole(file=told, force_terminal=True, width=200, _environ={}).print(Text(text, style="bold red"))
    ours = re.sub(r"\x1b\[[0-9;]*m", "", told.getvalue())
    assert CONTROL.search(ours.replace("\n", "")) is None


def test_our_own_styles_stay() -> None:
    told = io.StringIO()
    OutputConsole(file=told, force_terminal=True, width=200, _environ={}).print(
        Text("a\x1b]52;c;QQ==", style="bold")
    )
    assert told.getvalue() == "\x1b[1ma\\x1b]52;c;QQ==\x1b[0m\n"

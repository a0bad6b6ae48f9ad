"""Ends of runs: stock Locust's own exit codes 1 and 2 and its output say nothing of the target, and nothing is left on it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from contracts.history import OK, read

Locust = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        pytest.param(("NoSuchUser",), "there is no user class NoSuchUser", id="a user class that is not there"),
        pytest.param(("-u", "many"), "argument -u/--users", id="a word for a number"),
        pytest.param(("--no-such-option",), "unrecognized arguments: --no-such-option", id="an option that is none"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_64(server: int, locust: Locust, words: tuple[str, ...], line: str) -> None:
    code, _, err = locust("--host", f"http://127.0.0.1:{server}", *words)
    assert code == ExitCode.USAGE and line in err and err.count("\n") == 1, err


def test_load_processes_that_do_not_come_are_unknown(server: int, locust: Locust) -> None:
    code, _, err = locust(
        "--host",
        f"http://127.0.0.1:{server}",
        "--master",
        "--expect-workers",
        "2",
        "--expect-workers-max-wait",
        "1",
    )
    assert code == ExitCode.UNKNOWN
    assert (
        "locust: 0 of 2 load processes came within 1 s: nothing was sent, nothing is known of the target"
        in err
    )


def test_json_is_all_that_stands_on_the_output(server: int, locust: Locust) -> None:
    code, out, err = locust(
        "--host",
        f"http://127.0.0.1:{server}",
        "--scenario",
        "smoke",
        "--rate",
        "20",
        "--duration",
        "1",
        "--json",
    )
    assert isinstance(json.loads(out), list) and code in (ExitCode.PASS, ExitCode.UNKNOWN)
    assert "smoke: " in err and "verdicts pass" in err, "our own table goes to standard error"


@pytest.mark.parametrize(
    ("scenario", "more", "kept"),
    [
        ("smoke", (), False), ("write-fanout", (), False), ("sockets", (), False), ("web", ("--think", "0.05"), False),
        ("write-fanout", ("--keep-data",), True),
    ],
)  # fmt: skip
def test_what_a_run_has_made_is_archived_unless_it_shall_be_kept(
    scenario: str, more: tuple[str, ...], kept: bool, server: int, locust: Locust, tmp_path: Path
) -> None:
    calls = tmp_path / "history.ndjson"
    locust(
        "--host", f"http://127.0.0.1:{server}", "--scenario", scenario, "--duration", "1",
        "--history-out", str(calls), *more,
    )  # fmt: skip
    history = [call for call in read(calls.read_bytes().splitlines()) if call.outcome is OK]
    made = {call.facts["item"] for call in history if call.operation == "createContentItem"}
    archived = {item for call in history for kind, item, _ in call.facts.get("ops", ()) if kind == "archive"}
    archived |= {call.facts["item"] for call in history if call.operation == "archiveContent"}
    assert made and bool(made - archived) is kept, sorted(made - archived)


@pytest.mark.parametrize(
    ("words", "told"),
    [(("smoke",), False), (("smoke", "--processes", "2"), False), (("web",), True)],
    ids=["a plan", "two processes", "people"],
)
def test_the_log_says_nothing_that_is_not_true_of_the_run(
    server: int, locust: Locust, words: tuple[str, ...], told: bool
) -> None:
    """Locust knows no limit of the time, and of a plan no user that is one."""
    _, _, err = locust(
        "--host", f"http://127.0.0.1:{server}", "-L", "INFO", "--duration", "2", "--scenario", *words
    )
    assert "Starting Locust" in err
    assert "No run time limit set" not in err
    assert ("Ramping to" in err) is told
    assert "spawn" not in err.lower() or told

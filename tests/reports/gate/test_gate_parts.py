"""Small pieces: progress, the files on disk, the first contact with a target, last words, doctests."""

import doctest
import importlib
import io
import pkgutil
import socket
from pathlib import Path

import pytest
from rich.console import Console

import reports
from contracts.command import atomic_file
from reports.bounded_http import HttpBounds
from reports.gate import target_probe
from reports.gate.process_output import LENGTH, how_far, last_words, scrub, tail
from reports.gate.progress import LineProgress, LiveProgress, progress_on

MODULES = [
    module.name
    for module in pkgutil.walk_packages(reports.__path__, "reports.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    atomic_file.write(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_file.write(path, "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("run.json", "old")]


@pytest.mark.parametrize(
    ("terminal", "kind"),
    [pytest.param(True, LiveProgress, id="terminal"), pytest.param(False, LineProgress, id="pipe")],
)
def test_tells_what_it_does(terminal: bool, kind: type) -> None:
    out = io.StringIO()
    told = progress_on(Console(file=out, force_terminal=terminal, width=100))
    assert isinstance(told, kind)
    told.start("load", 50.0)
    told.tick("load", 12.0, "[3/9] running")
    told.end("load", "finished after 50 s")
    told.end("reconnect", "never started")
    told.close()
    written = out.getvalue()
    assert "load" in written and "finished after 50 s" in written and "never started" in written


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:8000", True),
        ("http://localhost:8000", True),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.nip.io", False),
    ],
)
def test_knows_this_machine(url: str, local: bool) -> None:
    assert target_probe.is_loopback(url) is local


def test_a_port_that_is_not_http_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.close()
        contact = target_probe.probe(f"http://127.0.0.1:{port}", HttpBounds())
    assert "refused" in contact.silent


def test_last_words_are_the_end_and_short(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x\n" * 100_000 + "the end\r\n" + "y" * 2000 + "\n")
    told = last_words(tail(log), ())
    assert told.startswith("…") and len(told) == LENGTH + 1
    assert last_words(tail(tmp_path / "none"), ()) == ""


@pytest.mark.parametrize(
    ("log", "far"),
    [
        pytest.param("..s..F [ 11%]\n.....", "11%", id="pytest"),
        pytest.param("....", "....", id="nothing yet"),
        pytest.param("x [ 3%]\nx [100%]\nFAIL", "100%", id="the last one"),
        pytest.param("12 s of 30 s", "12 s of 30 s", id="others"),
    ],
)
def test_how_far_a_part_is(log: str, far: str) -> None:
    assert how_far(log, ()) == far


def test_a_log_that_cannot_be_rewritten_is_emptied(tmp_path: Path) -> None:
    log = tmp_path / "load.log"
    log.write_text("hunter2\n")
    (tmp_path / ".load.log.clean").mkdir()
    scrub(log, ("hunter2",))
    assert log.read_text() == ""
    scrub(tmp_path / "none.log", ())
    assert sorted(path.name for path in tmp_path.iterdir()) == [".load.log.clean", "load.log"]

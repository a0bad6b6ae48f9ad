"""The server's log as the suite reads it: a check where there is one, told as not checked where there is none."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.run import parse
from tests.suite.conftest import Suite
from tests.waiting import HANG, until

URL = re.compile(r"http://[\d.:]+")


@contextmanager
def logging(log: Path, *options: str) -> Iterator[str]:
    """A server that writes to a file, which somebody has written to before."""
    log.write_text("authorization: Bearer from.another.run\n")
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--items", "5", *options]
    with log.open("ab") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        until(lambda: URL.search(log.read_text()) or process.poll() is not None)
        found = URL.search(log.read_text())
        assert found, log.read_text()
        yield found[0]
    finally:
        process.terminate()
        process.wait(HANG)


@pytest.mark.parametrize(
    ("options", "given", "grade"),
    [
        pytest.param((), True, "PASS", id="clean"),
        pytest.param(("--fault", "token-in-log"), True, "FAIL", id="with tokens"),
        pytest.param(("--fault", "token-in-log"), False, "UNKNOWN", id="out of reach"),
    ],
)
def test_a_log_is_searched_for_secrets(
    suite: Suite, tmp_path: Path, options: tuple[str, ...], given: bool, grade: str
) -> None:
    log, out = tmp_path / "server.log", tmp_path / "run.json"
    with logging(log, *options) as url:
        words = ["--server-log", str(log)] if given else []
        suite("--target", url, "-k", "auth.log-secrets", "--run-out", str(out), *words)
    (made,) = [
        check for check in parse(out.read_text(), name=out.name).checks if check.id == "auth.log-secrets"
    ]
    assert made.grade == grade
    assert "eyJ" not in json.dumps(made.model_dump(mode="json"))


def test_a_log_that_cannot_be_read_is_the_callers_mistake(suite: Suite, tmp_path: Path) -> None:
    done = suite("--server-log", str(tmp_path / "none.log"), "-k", "auth.log-secrets")
    assert done.returncode == 64 and "--server-log" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        pytest.param("--server granian --gzip", 0, "1 passed", id="another server"),
        pytest.param("--nonsense", 70, "unrecognized arguments: --nonsense", id="unknown option"),
    ],
)
def test_the_embedded_server_takes_options(suite: Suite, options: str, code: int, told: str) -> None:
    done = suite(f"--embedded={options}", "-k", "smoke.both-mounts")
    assert (done.returncode, told in done.stdout + done.stderr) == (code, True), done.stdout

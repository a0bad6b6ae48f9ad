"""Each command of ours does its work where nothing is that only Linux has, and on Windows says that it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.run import parse
from contracts.verdict import Grade
from tests.fork_server import reference_server
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
DARWIN = Path(__file__).parent
SYSTEM = "import os,resource,sys;print(sys.platform,hasattr(os,'fdatasync'),resource.getrlimit(resource.RLIMIT_NOFILE)[0],os.path.exists('/proc/self'))"
LOCUST = "-m locust -f load/locustfile.py -L ERROR --headless"
CLIENTS = 140
"""More than half as many as a process may have files open at its start: the proxy has two sockets for each."""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(DARWIN), str(ROOT)))}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=HANG, env=environment
    )


def test_it_is_another_system() -> None:
    assert _run("-c", SYSTEM).stdout == "darwin False 256 False\n"


def test_the_suite_starts_its_server_and_judges_it(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    done = _run("-m", "pytest", "-q", "contracts", "-m", "smoke", "--run-out", str(out))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert {check.grade for check in parse(out.read_bytes(), name="run").checks} == {"PASS"}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(f"{LOCUST} --scenario smoke --rate 85 --duration 1", id="locust"),
        pytest.param(
            f"-m load.realtime --clients {CLIENTS} --policy guide-fixed --outage kill=1 --time-scale 0.05",
            id="reconnect",
        ),
    ],
)
def test_load_has_a_verdict(words: str, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with reference_server("--items", "50") as server:
        done = _run(*words.split(), "--host", server.url, "--run-out", str(out))
    verdicts = {(one.check, one.grade) for one in parse(out.read_bytes(), name="run").all_verdicts()}
    assert done.returncode in (0, 2) and verdicts, done.stdout + done.stderr
    assert Grade.FAIL not in {grade for _, grade in verdicts} and "Traceback" not in done.stderr, verdicts


def test_our_own_tests_say_that_they_need_linux() -> None:
    done = _run("-m", "pytest", "-q", "tests/darwin")
    assert done.returncode == 64 and "our own tests need Linux" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "module", ["contracts.conftest", "load.locustfile", "mock_server.__main__", "reports.cli"]
)
def test_windows_is_told_at_once(module: str) -> None:
    chosen_when_built = "asyncio, gevent.monkey, gevent.socket, gevent.subprocess, locust"
    program = f"import {chosen_when_built}, sys; sys.platform = 'win32'; sys.modules['resource'] = sys.modules['fcntl'] = None; import {module}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=HANG
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (64, "", 1), done.stderr
    assert "Windows is not supported" in done.stderr

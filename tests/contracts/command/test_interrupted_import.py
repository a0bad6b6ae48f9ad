"""Ctrl-C while a command still imports: it ends as by the signal and prints nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Import:
    def find_spec(self, name, *_):
        if name == "contracts.spec":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Import())
"""
"""Who starts the tests in the background of a shell hands on that SIGINT is ignored."""


@pytest.mark.parametrize(
    "words",
    [
        ["-m", "mock_server"],
        ["-m", "reports", "gate"],
        ["-m", "load.realtime"],
        ["-m", "load.client"],
        ["-m", "pytest", "contracts", "-p", "no:cacheprovider"],
        ["-m", "locust", "-f", "load/locustfile.py", "--headless"],
    ],
    ids=" ".join,
)
def test_an_interrupted_import_prints_nothing(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, *words], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")

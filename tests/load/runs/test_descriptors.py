"""The limit of open files: a load with more sockets than this process may open is refused in one line before the first request."""

import subprocess
import sys

import pytest

from tests.load.conftest import ROOT
from tests.waiting import HANG

LOCUST = "-m locust -f load/locustfile.py -L ERROR --headless --host http://127.0.0.1:1 --clients 1000"


@pytest.mark.parametrize(
    ("words", "sockets"),
    [
        (f"{LOCUST} --scenario sockets", "1,000"),
        (f"{LOCUST} --scenario reconnect", "1,000"),
        (f"{LOCUST} --scenario write-fanout", "3,000"),
        ("-m load.realtime --host http://127.0.0.1:1 --clients 1000", "1,000"),
    ],
)
def test_more_sockets_than_the_limit_of_open_files_are_refused(words: str, sockets: str) -> None:
    command = ["bash", "-c", f'ulimit -n 600; exec "$0" {words}', sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stderr.count("\n")) == (64, 1), done.stderr
    assert f"{sockets} sockets of one process need" in done.stderr
    assert "it may have 600 (ulimit -Hn)" in done.stderr


def test_the_reference_server_holds_more_sockets_than_a_shell_allows() -> None:
    program = (
        "import resource, mock_server.__main__ as m; m.main(['--fault', 'none-such']);"
        "soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE); print(soft == hard, hard)"
    )
    command = ["bash", "-c", f'ulimit -Sn 200; ulimit -Hn 700; exec "$0" -c "{program}"', sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANG)
    assert done.stdout == "True 700\n", done.stderr

"""The limit of open files: a load with more sockets than this process may open is refused in one line before the first request."""

import resource
import subprocess
import sys

import pytest

from contracts.network.descriptors import allow_descriptors
from tests.load.conftest import ROOT
from tests.waiting import HANG

LOCUST = "-m locust -f load/locustfile.py -L ERROR --headless --host http://127.0.0.1:1 --clients 1000"


@pytest.mark.parametrize(
    ("words", "sockets"),
    [
        (f"{LOCUST} --scenario sockets", "1,000"),
        (f"{LOCUST} --scenario reconnect", "2,000"),
        (f"{LOCUST} --scenario write-fanout", "3,000"),
        ("-m load.realtime --host http://127.0.0.1:1 --clients 1000", "2,000"),
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


@pytest.mark.parametrize(
    ("soft", "hard", "most", "sockets", "after"),
    [
        pytest.param(256, 4096, 4096, 0, 4096, id="to the hard limit"),
        pytest.param(256, 4096, 4096, 3996, 4096, id="as many as there may be"),
        pytest.param(256, 4096, 4096, 3997, "3,997 sockets of one process need 4,097", id="one more"),
        pytest.param(256, resource.RLIM_INFINITY, 10_240, 0, 10_240, id="macOS, none asked for"),
        pytest.param(256, resource.RLIM_INFINITY, 245_760, 1000, 61_440, id="macOS, more than is needed"),
        pytest.param(256, resource.RLIM_INFINITY, 5000, 1000, 1100, id="what is needed, and no more"),
        pytest.param(20_000, resource.RLIM_INFINITY, 20_000, 0, 20_000, id="never lower"),
        pytest.param(256, resource.RLIM_INFINITY, 10_240, 20_000, "it may have 10,240", id="macOS, more than the system has"),
        pytest.param(64, 64, 64, 0, 64, id="hardly any, and no sockets asked for"),
    ],
)  # fmt: skip
def test_the_soft_limit_is_raised_as_far_as_the_system_allows(
    soft: int, hard: int, most: int, sockets: int, after: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = [soft, hard]

    def change(_: int, wanted: tuple[int, int]) -> None:
        if wanted[0] == resource.RLIM_INFINITY or wanted[0] > most:
            raise ValueError("current limit exceeds maximum limit")
        limits[:] = wanted

    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", change)
    if isinstance(after, str):
        with pytest.raises(ValueError, match=after):
            allow_descriptors(sockets)
    else:
        allow_descriptors(sockets)
        assert limits == [after, hard]

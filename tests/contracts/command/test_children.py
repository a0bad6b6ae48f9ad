"""What our programs start ends with them, also where they are killed with SIGKILL: the kind, by the programs that start servers."""

import socket
import subprocess
import sys

import pytest

from tests.waiting import HANG, until

STARTERS = {
    "the fault proxy of load.realtime": (
        "from load.proxy.process import ProxyProcess; "
        "print(ProxyProcess.start(upstream=('127.0.0.1', 1)).listen[1], flush=True); input()"
    ),
    "the embedded server of the suite": (
        "from contracts.suite.world.embedded_server import EmbeddedServer; "
        "print(EmbeddedServer(1).url.rpartition(':')[2], flush=True); input()"
    ),
}


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=HANG).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False  # somebody is there, and nobody behind it
    return False


@pytest.mark.parametrize("name", STARTERS)
def test_it_ends_with_who_started_it(name: str) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTERS[name]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None and starter.stdin is not None
    with starter.stdout, starter.stdin:
        port = int(starter.stdout.readline())
        assert not refused(port)
        starter.kill()
        starter.wait()
    until(lambda: refused(port))


def test_workers_of_the_mock_end_with_their_parent(tmp_path: object) -> None:
    argv = [
        sys.executable,
        "-m",
        "mock_server",
        "--port",
        "0",
        "--workers",
        "2",
        "--items",
        "5",
        "--db",
        f"{tmp_path}/x.db",
    ]
    parent = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        line = parent.stdout.readline()
        port = int(line.split("http://127.0.0.1:")[1].split("/")[0].split()[0])
        assert not refused(port)
        parent.kill()
        parent.wait()
    until(lambda: refused(port))

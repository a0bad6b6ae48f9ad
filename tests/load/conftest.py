"""A reference server in a process of its own, and Locust in another: importing Locust would patch this one."""

import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest

from tests.fork_server import ForkedCommand, command, reference_server
from tests.load.scripted import OPEN
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """The port of a running reference server."""
    with reference_server("--items", "50") as made:
        yield made.port


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """What waits in gevent's loop does so for a while only; pools that a test has left open are closed."""
    with gevent.Timeout(HANG):
        yield
    while OPEN:
        OPEN.pop().close()


def free_port() -> int:
    """One that nobody has, and nobody is given who asks for any: the system hands out those from 32768 on (RFC 6056: 49152)."""
    for _ in range(1000):
        port = secrets.randbelow(12_000) + 20_000
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no free port between 20000 and 32000")


@pytest.fixture(scope="session")
def start() -> Callable[..., ForkedCommand]:
    """Start Locust with our file, as a user would, in a process group of its own."""

    def begin(*words: str, **environment: str) -> ForkedCommand:
        told = ("-f", "load/locustfile.py", "-L", "ERROR", *words)
        return command("locust", *told, environment={**os.environ, **environment})

    return begin


@pytest.fixture(scope="session")
def locust(start: Callable[..., ForkedCommand]) -> Callable[..., tuple[int, str, str]]:
    """Run it to its end: (exit code, stdout, stderr)."""

    def run(*words: str, **environment: str) -> tuple[int, str, str]:
        process = start("--headless", *words, **environment)
        out, err = process.communicate(timeout=HANG)
        return process.wait(), out, err

    return run

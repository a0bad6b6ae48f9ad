"""A reference server in a process of its own, and Locust in another: importing Locust would patch this one."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """The port of a running reference server."""
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--items", "50"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found, "the reference server did not say where it is"
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(HANG)
        process.stdout.close()


def free_port() -> int:
    """One that nobody has, and nobody is given who asks for any: the system hands out those from 32768 on (RFC 6056: 49152)."""
    for _ in range(1000):
        port = secrets.randbelow(12_000) + 20_000
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no free port between 20000 and 32000")


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start Locust with our file, as a user would, in a process group of its own."""

    def begin(*words: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "locust", "-f", "load/locustfile.py", "-L", "ERROR", *words]
        return subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    return begin


@pytest.fixture(scope="session")
def locust(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    """Run it to its end: (exit code, stdout, stderr)."""

    def run(*words: str, **environment: str) -> tuple[int, str, str]:
        process = start("--headless", *words, **environment)
        out, err = process.communicate(timeout=HANG)
        return process.returncode, out, err

    return run

"""A program that runs beside the bench: started on its core, waited for until it answers, ended with its block."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.programs.installed import Unmeasured

PATIENCE = 120.0
"""Seconds that a start may take: 200,000 items are planted in less."""


@dataclass(frozen=True, slots=True)
class Child:
    """`seconds` is from the start of the process until it answered a request."""

    url: str
    pid: int
    seconds: float

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def processor(self) -> float:
        """Seconds of processor time that it has used; 0 where the system does not tell."""
        try:
            words = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        except FileNotFoundError:
            return 0.0
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> int:
        """Bytes of memory that are its own or shared, and in RAM."""
        try:
            words = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()
        except FileNotFoundError:
            told = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, check=True)
            return int(told.stdout) * 1024
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Child]:
    """The process of `command` once it answers on `port`; Unmeasured with the end of its log where it does not."""
    began = time.perf_counter()
    with log.open("wb") as told:
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=told, stderr=told
        )  # fmt: skip
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                raise Unmeasured(f"{log.stem} does not start: {' '.join(last) or 'it says nothing'}")
            time.sleep(0.005)
        yield Child(f"http://127.0.0.1:{port}", process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    """Whether a request gets an answer. A port that takes connections proves nothing: a server may listen before it is ready."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            probe.settimeout(PATIENCE)
            probe.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return probe.recv(1) != b""
    except OSError:
        return False

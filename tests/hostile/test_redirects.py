"""A redirect is an answer: no client of ours follows one, whatever its status, to a host that nobody named.

RFC 9110 (15.4) lets a client follow it and send the request again, with its token and its body: to whomever the target says.
"""

import itertools
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fork_server import command
from tests.hostile.behaviours import HostileBehaviour, Kind, moved
from tests.hostile.entry_points import ENVIRONMENT
from tests.hostile.honest import honest_server
from tests.hostile.hostile_server import serving

STATUSES = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectedClient:
    """A command of ours, where it meets redirects, its exit code, and words that it says of them."""

    program: str
    words: Callable[[str, Path], list[str]]
    code: int
    told: str
    kind: Kind = "http"
    at_once: bool = False


def suite(url: str, out: Path, family: str = "smoke") -> list[str]:
    return ["contracts", "-m", family, "--target", url, "-p", "no:cacheprovider"]


def locust(url: str, out: Path) -> list[str]:
    started = ["-f", "load/locustfile.py", "--host", url, "--headless"]
    return [*started, "--scenario", "steady", "--rate", "5", "--duration", "2"]


def realtime(url: str, out: Path) -> list[str]:
    return ["--host", url, "--clients", "3", "--outage", "kill=3", "--policy", "guide-documented"]


CLIENTS = {
    "suite": RedirectedClient(program="pytest", words=suite, code=1, told=" is not documented; documented are 201"),
    "suite, login": RedirectedClient(program="pytest", words=suite, code=2, told="answers", at_once=True),
    "suite, socket": RedirectedClient(program="pytest", words=lambda url, out: suite(url, out, "realtime"), code=1, told="with a good token; got 30", kind="socket"),
    "st": RedirectedClient(
        program="schemathesis.cli", code=1, told="30",
        words=lambda url, out: ["run", "openapi.yaml", "--url", f"{url}/api", "--max-examples", "1", "--phases", "examples", "--report-dir", str(out)],
    ),
    "locust": RedirectedClient(program="locust", words=locust, code=1, told="30"),
    "load.realtime": RedirectedClient(program="load.realtime", words=realtime, code=1, told="30"),
    "load.realtime, handshake": RedirectedClient(program="load.realtime", words=realtime, code=1, told="30", kind="socket"),
    "load.client": RedirectedClient(
        program="load.client", code=1, told="30", words=lambda url, out: ["--host", url, "--no-findings", "--persona", "web", "--profile", "guide-exact"],
    ),
    **{
        f"diff, {status}": RedirectedClient(program="reports", words=lambda url, out: ["diff", "openapi.yaml", f"{url}/openapi.yaml"], code=69, told=str(status))
        for status in STATUSES
    },
}  # fmt: skip


@contextmanager
def another_host() -> Iterator[tuple[str, list[bytes]]]:
    """A URL that nobody names but the target, and what came there."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        came.append(connection.recv(65536))

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.2:{listener.getsockname()[1]}/a", came


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[str, int]]:
    with honest_server() as address:
        yield address


@pytest.mark.parametrize("name", CLIENTS)
def test_no_client_follows_a_redirect(name: str, upstream: tuple[str, int], tmp_path: Path) -> None:
    client = CLIENTS[name]
    statuses = [status for status in STATUSES if str(status) in name] or STATUSES
    with another_host() as (place, came):
        places = [place, place.replace("http:", "ws:")] if client.kind == "socket" else [place]
        each = itertools.cycle([moved(status, each.encode()) for each in places for status in statuses])
        behaviour = HostileBehaviour(
            name="redirects", kind=client.kind, start=lambda: next(each), at_once=client.at_once
        )  # fmt: skip
        with serving(behaviour, upstream, tmp_path) as url:
            process = command(
                client.program, *client.words(url, tmp_path), environment={**os.environ, **ENVIRONMENT.get(name, {})}
            )  # fmt: skip
            done = process.completed()
    said = done.stdout + done.stderr
    assert came == []
    assert done.returncode == client.code, said
    assert client.told in said, said

"""The server as a process: its one line, its exit codes, its durability, its workers."""

import json
import os
import signal
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from contracts.spec import load
from contracts.spec.document import OVERLAY_VARIABLE
from mock_server import __main__ as program
from mock_server.build import ServerOptions, build, lifetimes
from mock_server.servers.serve import SERVERS
from mock_server.store.sqlite.database import Database
from tests.fork_server import command, reference_server
from tests.waiting import HANG

CREDENTIALS = {"email": "demo@tchat.com", "password": "demo-password"}


def login(client: httpx.Client) -> str:
    token: str = client.post("/api/auth/login", json=CREDENTIALS).json()["tokens"]["accessToken"]
    client.headers["authorization"] = f"Bearer {token}"
    return token


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    return command("mock_server", *arguments).completed()


@pytest.mark.parametrize("by", SERVERS)
def test_it_stops_cleanly_on_sigterm_and_logs_no_token(by: str) -> None:
    with reference_server("--server", by) as server:
        with httpx.Client(base_url=server.url) as client:
            token = login(client)
            assert client.get("/content/items").status_code == 200
            with connect(f"{server.url.replace('http', 'ws')}/ws?token={token}", legacy=True) as peer:
                peer.ping().wait(HANG)
        server.process.send_signal(signal.SIGTERM)
        output, errors = server.process.communicate(timeout=HANG)
        assert server.process.returncode == 0
        assert output.count("\n") == 1 and server.url in output and errors == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--port", "99999"], "99999 is not a port", id="port out of range"),
        pytest.param(["--items", "-1"], "-1 is negative", id="negative items"),
        pytest.param(["--rate-limit", "-3"], "-3 is not a number of requests", id="negative rate"),
        pytest.param(["--rate-limit", "nan"], "nan is not a number of requests", id="no rate"),
        pytest.param(
            ["--cors-origin", "localhost:3000"], "'localhost:3000' is not an origin", id="no scheme"
        ),
        pytest.param(["--cors-origin", "http://localhost:3000/"], "is not an origin", id="a path"),
        pytest.param(["--cors-origin", "*"], "'*' is not an origin", id="any origin"),
        pytest.param(["--nonsense"], "unrecognized arguments: --nonsense", id="unknown option"),
        pytest.param(
            ["--db", "/nonexistent/x.db", "--port", "0"], "cannot use the database", id="no such folder"
        ),
        pytest.param(["--workers", "2", "--port", "0"], "it needs --db FILE", id="workers without a file"),
    ],
)
def test_a_wrong_option_is_one_line_and_64(arguments: list[str], message: str) -> None:
    done = started(*arguments)
    assert done.returncode == 64
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_bug_of_ours_at_the_start_is_one_line_and_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> object:
        raise LookupError("operations and handlers differ")

    monkeypatch.setattr(program, "listen", broken)
    assert program.main(["--port", "0"]) == 70
    error = capsys.readouterr().err
    assert "a bug of the harness, not of the target: LookupError" in error and error.count("\n") == 1


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        ({"target": "$.paths['/content/categories'].get", "update": {"security": []}}, "getContentCategories: 401 without a token"),
        ({"target": "$", "update": {"x-dialect": {"tokens": {"rotates": False}}}}, "a refresh without rotation"),
    ],
)  # fmt: skip
def test_what_of_a_document_the_mock_cannot_serve_is_one_line_at_its_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    edit: dict[str, object],
    line: str,
) -> None:
    overlay = tmp_path / "overlay.json"
    info = {"title": "t", "version": "1"}
    overlay.write_text(json.dumps({"overlay": "1.1.0", "info": info, "actions": [edit]}))
    monkeypatch.setenv(OVERLAY_VARIABLE, str(overlay))
    build(ServerOptions(items=1, lifetimes=lifetimes(load()))).database.close()
    told = capsys.readouterr().err
    assert line in told and told.count("\n") == 1


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = started("--port", str(taken.getsockname()[1]))
    assert done.returncode == 64
    assert "cannot listen on 127.0.0.1" in done.stderr


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one" * 20)
    done = started("--db", str(path), "--port", "0")
    assert done.returncode == 64
    assert "cannot use the database" in done.stderr


def test_a_start_that_was_cut_off_before_the_world_was_there_is_made_good(tmp_path: Path) -> None:
    path = str(tmp_path / "world.db")
    Database(path).close()  # the tables are there, the seed and its rows are not
    with (
        reference_server("--db", path, "--items", "3") as server,
        httpx.Client(base_url=server.url) as client,
    ):
        login(client)
        assert client.get("/content/items/item-000003").status_code == 200


def test_kill_9_loses_no_acknowledged_write_and_halves_none(tmp_path: Path) -> None:
    """50 writers are cut off in the middle; what was answered is there, whole, and tokens still work."""
    database = str(tmp_path / "world.db")
    acknowledged: dict[str, int] = {}
    enough = threading.Event()

    with reference_server("--db", database, "--items", "50") as server:
        with httpx.Client(base_url=server.url) as client:
            token = login(client)

        def write(number: int) -> None:
            with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as client:
                made = client.post("/content/items", json={"title": f"w{number}"}).json()["data"]
                acknowledged[made["id"]] = 1
                while True:
                    body = {"version": acknowledged[made["id"]], "title": f"w{number}", "tags": ["t"]}
                    answer = client.put(f"/content/items/{made['id']}", json=body)
                    acknowledged[made["id"]] = answer.json()["data"]["version"]
                    if sum(acknowledged.values()) > 300:
                        enough.set()

        def until_it_dies(number: int) -> None:
            try:
                write(number)
            except (httpx.HTTPError, OSError):
                return

        with ThreadPoolExecutor(50) as pool:
            for number in range(50):
                pool.submit(until_it_dies, number)
            assert enough.wait(60)
            os.kill(server.process.pid, signal.SIGKILL)

    with reference_server("--db", database, "--check-answers") as server:
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            assert client.get("/auth/verify").status_code == 200
            for item, version in acknowledged.items():
                now = client.get(f"/content/items/{item}").json()["data"]
                assert version <= now["version"] <= version + 1  # one write may have lost its answer
                history = client.get(f"/content/items/{item}/versions?limit=100").json()["data"]
                assert [entry["version"] for entry in history][:5] == list(range(now["version"], 0, -1))[:5]
                assert history[0]["snapshot"] == now


@pytest.mark.parametrize("by", SERVERS)
def test_workers_share_one_file_and_its_events(tmp_path: Path, by: str) -> None:
    file = str(tmp_path / "world.db")
    with reference_server("--db", file, "--workers", "2", "--items", "20", "--server", by) as server:
        with httpx.Client(base_url=server.url) as client:
            token = login(client)
        sockets = [
            connect(f"{server.url.replace('http', 'ws')}/ws?token={token}", legacy=True) for _ in range(8)
        ]
        headers = {"authorization": f"Bearer {token}"}

        def race(number: int) -> int:
            # A connection each, so that the kernel spreads them over the workers.
            with httpx.Client(base_url=server.url, headers=headers) as client:
                body = {"version": 2, "title": f"writer {number}"}
                return client.put("/content/items/welcome", json=body).status_code

        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(race, range(16)))
        assert sorted(statuses) == [200] + [409] * 15
        for peer in sockets:
            event = str(peer.recv(timeout=HANG))
            if "heartbeat" in event:  # on a slow machine one is due before
                event = str(peer.recv(timeout=HANG))
            assert '"version":3' in event
            peer.close()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait() == 0

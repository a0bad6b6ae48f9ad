"""Whole runs: stock Locust with our file against a server, one process and several, good ends and bad ones."""

from __future__ import annotations

import csv
import gzip
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.history import read
from contracts.run import Run, parse
from contracts.spec import load
from tests.fork_server import ForkedCommand, reference_server
from tests.load.relay import Relay
from tests.waiting import HANG, until

Locust = Callable[..., tuple[int, str, str]]
Start = Callable[..., ForkedCommand]
SPEC = load()
IN_RUN = "POST /api/metrics"
"""A request that no warm-up sends: once it was seen, the run has begun."""


def operations(requests: Counter[str]) -> Counter[str]:
    """Requests on the wire by operationId."""
    counts: Counter[str] = Counter()
    for line, count in requests.items():
        method, path = line.split(" ")
        operation = SPEC.match(method, path.removeprefix("/api"))[0]
        assert operation is not None, line
        counts[operation.id] += count
    return counts


def result(path: Path) -> Run:
    return parse(path.read_bytes(), name=path.name)


@pytest.mark.parametrize(
    "processes", [pytest.param((), id="one"), pytest.param(("--processes", "2"), id="two")]
)
def test_client_and_server_count_the_same_to_the_request(
    processes: tuple[str, ...], server: int, locust: Locust, tmp_path: Path
) -> None:
    out, calls = tmp_path / "run.json", tmp_path / "history.ndjson"
    with Relay(server) as relay:
        code, _, err = locust(
            "--host", relay.url, "--scenario", "smoke", "--rate", "170", "--duration", "2",
            "--run-out", str(out), "--history-out", str(calls), *processes,
        )  # fmt: skip
        served = operations(relay.requests)
    assert (code, err) == (0, "")
    run = result(out)
    (loaded,) = run.loads
    assert {row.operation for row in loaded.operations} == {operation.id for operation in SPEC}
    assert all(row.answered == 20 and not row.errors for row in loaded.operations)
    assert (loaded.generator.planned, loaded.generator.sent) == (340, 340)
    history = Counter(call.operation for call in read(calls.read_bytes().splitlines()))
    assert history == served
    (ledger,) = [verdict for verdict in loaded.verdicts if verdict.check == "ledger"]
    assert ledger.evidence["upkeep"] + 340 == served.total()
    assert (
        sum(window.planned for window in loaded.windows)
        == sum(window.done for window in loaded.windows)
        == 340
    )


def test_logins_by_code_are_planned_counted_and_reconciled(
    server: int, locust: Locust, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    _, _, err = locust(
        "--host", f"http://127.0.0.1:{server}", "--scenario", "login-burst", "--flow", "pkce", "--rate", "8", "--duration", "1",
        "--run-out", str(out),
    )  # fmt: skip
    failed = {verdict.check for verdict in result(out).all_verdicts() if verdict.grade == "FAIL"}
    assert err == "" and failed <= {"objective"}, "too few for the objective, and the server may be slow here"
    (loaded,) = result(out).loads
    rows = {row.operation: row for row in loaded.operations}
    assert "login" not in rows
    assert rows["signIn"].answered == rows["exchangeToken"].answered >= 200
    assert not any(row.errors for row in rows.values())
    assert [v.grade for v in loaded.verdicts if v.check == "ledger"] == ["PASS"]


@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
def test_report_and_samples_of_a_run(server: int, locust: Locust, tmp_path: Path, ending: str) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    folder, rows, calls = tmp_path / "report", tmp_path / f"rows.{ending}", tmp_path / "history.ndjson"
    code, out, err = locust(
        "--host", f"http://127.0.0.1:{server}", "--scenario", "smoke", "--rate", "170", "--duration", "1",
        "--report", str(folder), "--samples", str(rows), "--history-out", str(calls),
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert f"report: {folder / 'report.html'}" in out
    assert "<html" in (folder / "report.html").read_text("utf-8")
    assert result(folder / "run.json").command == "load smoke"
    if ending == "parquet":
        found = pytest.importorskip("pyarrow.parquet").read_table(rows).to_pylist()
    else:
        found = list(csv.DictReader(gzip.decompress(rows.read_bytes()).decode().splitlines()))
    history = [*read(calls.read_bytes().splitlines())]
    assert [(row["operation"], int(row["due"])) for row in found] == [(c.operation, c.due) for c in history]
    assert {int(row["latency"]) for row in found} == {call.latency for call in history}


def test_no_secret_is_written_anywhere(server: int, locust: Locust, tmp_path: Path) -> None:
    files = [tmp_path / "run.json", tmp_path / "history.ndjson"]
    words = ("--scenario", "smoke", "--rate", "85", "--duration", "1", "--run-out", str(files[0]))
    code, out, err = locust("--host", f"http://127.0.0.1:{server}", *words, "--history-out", str(files[1]))
    assert code == 0
    text = out + err + "".join(file.read_text() for file in files)
    assert not re.search(r"ey[\w-]{10,}\.[\w-]{10,}\.", text)
    assert "demo-password" not in text


def test_refused_credentials_are_one_line_and_nobodys_known_mistake(
    server: int, locust: Locust, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    host = f"http://127.0.0.1:{server}"
    code, _, err = locust("--host", host, "--run-out", str(out), TCHAT_EMAIL="nobody@tchat.com")
    assert code == 2
    assert "refuses to log in nobody@tchat.com (401)" in err and err.count("\n") == 1
    assert [verdict.check for verdict in result(out).verdicts] == ["warm-up"]


@pytest.mark.parametrize(
    "processes", [pytest.param((), id="one"), pytest.param(("--processes", "2"), id="two")]
)
def test_an_interrupted_run_says_what_it_knows(
    processes: tuple[str, ...], server: int, start: Start, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    with Relay(server) as relay:
        process = start(
            "--headless", "--host", relay.url, "--scenario", "steady", "--run-out", str(out), *processes
        )
        until(lambda: relay.requests[IN_RUN] >= 5)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=HANG)
        served = relay.requests.total()
    run = result(out)
    (loaded,) = run.loads
    assert process.returncode == 2  # too few samples for any objective
    assert [verdict.check for verdict in run.verdicts] == ["run"]
    (ledger,) = [verdict for verdict in loaded.verdicts if verdict.check == "ledger"]
    assert ledger.grade == "PASS", ledger.reason
    assert loaded.generator.sent + ledger.evidence["upkeep"] == served


def test_a_target_that_vanishes_gives_errors_and_no_hang(start: Start, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with reference_server("--items", "5") as target, Relay(target.port) as relay:
        process = start(
            "--headless",
            "--host",
            relay.url,
            "--scenario",
            "steady",
            "--duration",
            "4",
            "--run-out",
            str(out),
        )
        until(lambda: relay.requests[IN_RUN] >= 2)
        target.process.kill()
        target.process.wait()
        process.communicate(timeout=HANG)
    assert process.returncode == 1
    (loaded,) = result(out).loads
    assert sum(row.errors for row in loaded.operations) > 50
    verdicts = [verdict.grade for verdict in loaded.verdicts if verdict.check == "objective"]
    assert verdicts.count("FAIL") > 10


def test_a_saved_history_can_be_replayed(server: int, locust: Locust, tmp_path: Path) -> None:
    first, out = tmp_path / "history.ndjson", tmp_path / "run.json"
    host = f"http://127.0.0.1:{server}"
    assert locust(
        "--host", host, "--scenario", "smoke", "--rate", "85", "--duration", "1", "--history-out", str(first)
    )[0] == 0  # fmt: skip
    wanted = Counter(call.operation for call in read(first.read_bytes().splitlines()))
    locust("--host", host, "--scenario", f"replay:{first}", "--run-out", str(out))
    (loaded,) = result(out).loads
    assert {row.operation: row.answered for row in loaded.operations} == wanted


def test_a_port_where_nobody_speaks_http(locust: Locust) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        pipe = subprocess.Popen([sys.executable, "-c", SHOUTER, str(port)], stdin=subprocess.PIPE, pass_fds=(listener.fileno(),), env={**os.environ, "FD": str(listener.fileno())})  # fmt: skip
        try:
            code, _, err = locust("--host", f"http://127.0.0.1:{port}")
        finally:
            pipe.kill()
            pipe.communicate()
    assert code == 1
    assert "not-http" in err


SHOUTER = """
import os, socket
listener = socket.socket(fileno=int(os.environ["FD"]))
while True:
    peer, _ = listener.accept()
    peer.recv(65536)
    peer.sendall(b"SSH-2.0-nobody\\r\\n")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_run_is_unknown_whoever_stopped_it(
    number: signal.Signals, server: int, start: Start, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    with Relay(server) as relay:
        process = start(
            "--headless",
            "--host",
            relay.url,
            "--scenario",
            "soak",
            "--duration",
            "1e7",
            "--run-out",
            str(out),
        )
        until(lambda: relay.requests[IN_RUN] >= 1)
        process.send_signal(number)
        _, err = process.communicate(timeout=HANG)
    assert (process.returncode, "Traceback" in err) == (2, False)
    assert any(v.check == "run" and v.reason.startswith("stopped after") for v in result(out).all_verdicts())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("--rate", "1e9"), "1,000,000,000 a second for", id="rate"),
        pytest.param(("--duration", "1e12"), "100,000,000,000,000 arrivals", id="duration"),
        pytest.param(("--scenario", "web", "-u", "1000000000"), "1,000,000,000 people are too many", id="people"),
        pytest.param(("-T", "read"), "an arrival plan has none", id="tags of an arrival plan"),
        pytest.param(("--scenario", "web", "--tags", "nonexistent"), "no task of WebUser is left", id="a tag that is none"),
        pytest.param(("--samples", "rows.xlsx"), "has to end with .csv.gz or .parquet", id="samples of another kind"),
        pytest.param(("--scenario", "capacity", "--samples", "a.csv.gz"), "keeps no history", id="samples of none"),
        pytest.param(("--abort-on-fail", "2"), "is not a share", id="a share over 1"),
    ],
)  # fmt: skip
def test_what_is_not_done_is_refused_before_the_first_request(
    words: tuple[str, ...], told: str, server: int, locust: Locust
) -> None:
    with Relay(server) as relay:
        code, _, err = locust("--host", relay.url, *words)
    assert (code, told in err, relay.requests.total()) == (64, True, 0), err


def test_every_option_has_an_environment_variable(server: int, locust: Locust, tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    locust(
        "--host", f"http://127.0.0.1:{server}", LOCUST_SCENARIO="smoke", LOCUST_RATE="34", LOCUST_DURATION="1",
        LOCUST_SEED="9", LOCUST_RUN_OUT=str(out),
    )  # fmt: skip
    (loaded,) = result(out).loads
    assert loaded.plan == "even 34/s for 1 s, seed 9"


def test_the_help_of_the_package_has_our_options() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "load", "--help"], capture_output=True, text=True, timeout=HANG, check=True
    )
    assert {"--scenario", "--abort-on-fail", "--headless"} <= set(re.findall(r"--[a-z-]+", done.stdout))

"""Whatever a target does to the gate's own requests costs a bounded time and memory, and is told as what it is."""

import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode, Stop
from contracts.network.unreachable import advice
from reports import bounded_http
from reports.bounded_http import BrokenAnswer, HttpBounds, UnansweredRequest, exchange
from reports.commands.gate_command import decide
from tests.reports.gate.gate_harness import GateHarness, only_run, reasons
from tests.reports.gate.hostile_server import BEHAVIOURS, hostile
from tests.waiting import HANG

BOUNDS = HttpBounds(seconds=0.5, mebibytes=1)
SILENT = {"silence", "a closed door"}
"""These never begin an answer: the target cannot be reached, which is exit code 69 and no FAIL."""


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_one_request_is_bounded(name: str) -> None:
    tracemalloc.start()
    try:
        with hostile(BEHAVIOURS[name]) as port:
            began = time.monotonic()
            with pytest.raises(UnansweredRequest if name in SILENT else BrokenAnswer):
                exchange("GET", f"http://127.0.0.1:{port}/", BOUNDS)
            took = time.monotonic() - began
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < 20 * BOUNDS.seconds  # a busy machine; without the deadline most of them never end
    assert peak < 20 * 1024 * 1024


@pytest.mark.parametrize("name", ["silence", "a dripping head", "a gzip bomb", "a body without end"])
def test_the_gate_says_so(name: str, tmp_path: Path) -> None:
    stage = GateHarness(tmp_path)
    with hostile(BEHAVIOURS[name]) as port:
        plan = replace(stage.plan(stage.part("contracts")), target=f"http://127.0.0.1:{port}", http=BOUNDS)
        if name in SILENT:
            with pytest.raises(Stop, match=r"no answer within 0\.5 s") as stopped:
                decide(plan)
            assert stopped.value.code is ExitCode.UNREACHABLE
            return
        assert decide(plan) is ExitCode.FAIL
    told = reasons(only_run(plan.out))
    assert told["run.target-answer"].startswith("GET / ")
    assert told["part.contracts"] == "never started: the target does not end its answers"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_waiting(number: signal.Signals, tmp_path: Path) -> None:
    asked = threading.Event()

    def hang(connection: object, over: threading.Event) -> None:
        asked.set()
        over.wait()

    with hostile(hang) as port:
        argv = [
            sys.executable, "-m", "reports", "gate", "--target", f"http://127.0.0.1:{port}", "--out", str(tmp_path),
        ]  # fmt: skip
        gate = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert asked.wait(HANG)
            os.kill(gate.pid, number)
            began = time.monotonic()
            assert gate.wait(HANG) == ExitCode.UNKNOWN
            assert time.monotonic() - began < HttpBounds().seconds / 2
        finally:
            gate.kill()
            gate.wait()


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate", "--cacert"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "--client-cert"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)", "http://tchat.example"),
        ("no answer within 10 s", "right host and port"),
    ],
)  # fmt: skip
def test_the_advice_fits_the_error(why: str, told: str) -> None:
    assert told in advice("https://tchat.example", why)
    assert "start it" not in advice("https://tchat.example", why)


@pytest.mark.parametrize(("excepted", "told"), [("", "called directly"), ("tchat.example", "right host")])
def test_the_advice_tells_that_no_proxy_counts(
    excepted: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", excepted)
    assert told in advice("https://tchat.example", "no answer within 10 s")


@pytest.mark.parametrize("proxied", [True, False])
def test_a_proxy_counts_for_documents_and_not_for_targets(
    proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def connect(host: str, *_: object) -> None:
        asked.append(host)
        raise OSError("nobody is asked in this test")

    monkeypatch.setattr(bounded_http, "connected", connect)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    with pytest.raises(UnansweredRequest):
        exchange("GET", "http://tchat.example/", HttpBounds(proxied=proxied))
    assert asked == ["proxy.example" if proxied else "tchat.example"]

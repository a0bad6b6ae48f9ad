"""A short load run with one fault on: the verdicts of speed, errors and history that no single request can give.

The plan is the gate's mix at the rate of the smoke run, so that a few minutes see all of them. What strikes rarely by
default is made to strike as often as so few requests need (GIVEN); the table tells the parameters. The fault is
switched on at the first arrival: one that is on from the start would only keep the run from beginning. Locust runs in a
process of its own, because importing it patches the process.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from contracts.run import Run, parse
from contracts.suite.world.embedded_server import EmbeddedServer
from mock_server.faults.fault import Fault
from tests.power.cell import Cell, Outcome
from tests.power.runs.fault_bench import SEED, steer
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[3]
SCENARIO, RATE, SECONDS, LIMIT = "gate", 34, 8, 90

# What the run's preparation asks for, before the first arrival.
WARM_UP = frozenset(
    {"login", "getContentCategories", "createContentItem", "getContentVersions", "updateContentItem", ""}
)

# At their defaults these strike too few of some 270 requests to prove anything.
GIVEN = {
    "latency-tail": "latency-tail:rate=0.1",
    "latency-growth": "latency-growth:us=3000",
    "stall": "stall:every=60",
    "outage": "outage:every=60,length=6",
    "outage-without-retry-after": "outage-without-retry-after:every=60,length=6",
}


def probe(fault: Fault, check: str, folder: Path, *options: str) -> Cell:
    """`red` where a verdict of this name is FAIL; `unknown` where none is and one could not tell."""
    given = GIVEN.get(fault.name, fault.name)
    began = time.perf_counter()
    made, complaint = _load(given, folder / f"power-{fault.name}.json", options)
    seconds = time.perf_counter() - began
    outcome: Outcome = "unknown"
    told, requests, where = complaint, 0, ""
    if made is not None:
        requests = sum(load.generator.sent for load in made.loads)
        found = [
            v
            for v in (*(v for load in made.loads for v in load.verdicts), *made.verdicts)
            if v.check == check
        ]
        red = [v for v in found if v.grade == "FAIL"]
        unsure = [v for v in found if v.grade == "UNKNOWN"]
        outcome = "red" if red else "unknown" if unsure or not found else "missed"
        first = next(iter((*red, *unsure, *found)), None)
        told = first.reason if first else f"the run gave no verdict {check}"
        where = f"{check}[{first.subject}]" if first and first.subject else check
    return Cell(
        fault=fault.name, family=fault.family, check=check, given=given, outcome=outcome, told=told[:300], test=where,
        provoked=f"load run: {SCENARIO}, {RATE}/s for {SECONDS} s", requests=requests, seconds=seconds,
    )  # fmt: skip


def innocent(folder: Path, *options: str) -> list[str]:
    """The same load run with no fault on: what of it was red."""
    made, complaint = _load("", folder / "power-clean.json", options)
    if made is None:
        return [complaint]
    found = (*(v for load in made.loads for v in load.verdicts), *made.verdicts)
    return [f"{v.check}[{v.subject}]: {v.reason}" for v in found if v.grade == "FAIL"]


def _load(given: str, out: Path, options: Sequence[str]) -> tuple[Run | None, str]:
    server = EmbeddedServer(SEED, options)
    command = [
        sys.executable, "-m", "locust", "-f", "load/locustfile.py", "-L", "ERROR", "--host", server.url, "--headless",
        "--scenario", SCENARIO, "--rate", str(RATE), "--duration", str(SECONDS), "--run-out", str(out), "--seed", str(SEED),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_arrivals(server.url, process)
        steer(server.url, "PUT", "/faults", {"faults": [given] if given else []})
        process.wait(LIMIT)
        return parse(out.read_text("utf-8"), name=out.name), ""
    except subprocess.TimeoutExpired:
        return None, f"the load run did not end within {LIMIT} s"
    except OSError:
        return None, f"the load run left no result (exit code {process.returncode})"
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(HANG)
        server.stop()
        out.unlink(missing_ok=True)


def _await_arrivals(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server has served what only the plan asks for, or the run is over."""
    until = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < until:
        served = steer(url, "GET", "/journal")["served"]
        if {row["operation"] for row in served} - WARM_UP:
            return
        time.sleep(0.05)

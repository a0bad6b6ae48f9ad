"""Load from many processes and from two clocks: are the totals exact, and is an honest server still honest?"""

import subprocess
import sys
from pathlib import Path
from shutil import which
from socket import create_server
from statistics import median

from contracts.history import read
from contracts.run import LoadResult, Run, parse
from contracts.verdict import Grade
from load.runs.run_config import RunConfig
from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ROOT, ours
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

WORKERS, APART = 50, 50_000
LOCUST = [sys.executable, "-m", "locust", "-f", "load/locustfile.py", "-L", "ERROR"]
CLOCK = ["unshare", "--time", "--monotonic", str(APART), "--boottime", str(APART), "--fork"]
MS = 1e6


def distributed(setting: Setting) -> Result:
    """Fifty load processes, and two whose clocks are 50,000 s apart: totals, verdicts, order and latency."""
    workers, rate, seconds = (4, 40, 4) if setting.quick else (WORKERS, 500, 20)
    rows = _totals(setting, workers, rate, seconds)
    try:
        rows += _two_clocks(setting, rate=100, seconds=seconds)
    except Unmeasured as reason:
        rows.append(Row("two clocks", None, "verdicts", note=str(reason)))
    about = (
        f"{workers} processes of one run, scaled to the cores of one machine ({rate} requests/s together, where 50 machines would send 200/s"
        f" each): what is claimed is that the totals are exact. Two clocks: a worker in a time namespace {APART:,} s ahead."
    )  # fmt: skip
    return Result("Distributed", about, rows)


def _totals(setting: Setting, workers: int, rate: int, seconds: int) -> list[Row]:
    setting.say(f"distributed: {workers} workers")
    out = setting.folder / "many.run"
    with ours(setting, items=50) as server:
        words = [
            "--host",
            server.url,
            "--scenario",
            "steady",
            "--rate",
            str(rate),
            "--duration",
            str(seconds),
        ]
        subprocess.run(
            [*LOCUST, "--headless", "--processes", str(workers), *words, "--run-out", str(out)], cwd=ROOT, capture_output=True, check=False
        )  # fmt: skip
    run, load = _result(out)
    plan = RunConfig(scenario="steady", seed=1, host="", rate=rate, seconds=seconds).plan()
    due = sum(1 for _ in plan.arrivals())
    counted = sum(row.answered + row.errors for row in load.operations)
    by_second = sum(window.done for window in load.windows)
    ledger = [
        verdict.reason for verdict in load.verdicts if verdict.check == "ledger" and verdict.grade != "PASS"
    ]
    return [
        Row(f"{workers} workers: arrivals of the plan that were not sent", due - load.generator.sent, "requests", None, Limit("at most", 0), None, f"{due} planned"),
        Row(f"{workers} workers: sent and not counted as answer or error", load.generator.sent - counted, "requests", None, Limit("at most", 0), None, "; ".join(ledger)),
        Row(f"{workers} workers: totals by operation and by second apart", abs(counted - by_second), "requests", None, Limit("at most", 0)),
        _failed(f"{workers} workers", run),
    ]  # fmt: skip


def _two_clocks(setting: Setting, *, rate: int, seconds: int) -> list[Row]:
    if which("unshare") is None or subprocess.run([*CLOCK, "true"], capture_output=True).returncode:
        raise Unmeasured("no time namespace can be made here: unshare(1) as root, and Linux 5.6")
    setting.say("distributed: two clocks")
    out, calls = setting.folder / "clocks.run", setting.folder / "clocks.ndjson"
    with create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with ours(setting, items=50) as server:
        words = [
            "--host",
            server.url,
            "--scenario",
            "steady",
            "--rate",
            str(rate),
            "--duration",
            str(seconds),
        ]
        worker = [*LOCUST, "--worker", "--master-port", port]
        workers = [subprocess.Popen(command, cwd=ROOT) for command in (worker, [*CLOCK, *worker])]
        subprocess.run(
            [*LOCUST, "--headless", "--master", "--expect-workers", "2", "--master-bind-port", port, *words,
             "--run-out", str(out), "--history-out", str(calls)],
            cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        for process in workers:
            process.wait()
    run, _ = _result(out)
    history = list(read(calls.read_bytes().splitlines()))
    shares = [[call for call in history if call.client.startswith(f"w{n}.")] for n in range(2)]
    begins = [min(call.sent for call in share) for share in shares]
    latencies = [median(call.latency for call in share if call.latency is not None) / MS for share in shares]
    return [
        _failed("two clocks", run),
        Row("two clocks: first calls of the two workers apart", abs(begins[0] - begins[1]) / 1e9, "s", None, Limit("at most", 10), None, f"their clocks are {APART:,} s apart"),
        Row("two clocks: median latency of the two workers apart", abs(latencies[0] - latencies[1]), "ms", None, Limit("at most", 2), None, f"{latencies[0]:.2f} and {latencies[1]:.2f} ms, with what is not known of the clocks"),
    ]  # fmt: skip


def _failed(what: str, run: Run) -> Row:
    wrong = [
        v.check
        for v in run.all_verdicts()
        if v.grade is Grade.FAIL and v.check not in ("objective", "answers")
    ]
    return Row(
        f"{what}: verdicts of count, order and meaning that fail an honest server", len(wrong), "verdicts", None, Limit("at most", 0), None, ", ".join(wrong)
    )  # fmt: skip


def _result(out: Path) -> tuple[Run, LoadResult]:
    try:
        run = parse(out.read_bytes(), name=out.name)
        (load,) = run.loads
    except (OSError, ValueError) as error:
        raise Unmeasured(f"the run left no result: {error}") from None
    return run, load

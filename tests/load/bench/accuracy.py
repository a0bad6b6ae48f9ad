"""Is what we report what happened? Real Locust runs against targets of known latency; the truth beside it.

    python -m tests.load.bench.accuracy [SECONDS]

`spread` and `edge`: the truth is the list of delays that the target measured of itself. `stall`: the truth is computed from the pauses of
the target and the due times of the plan, both on the machine's one monotonic clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from contracts.history import read
from contracts.run import parse

ROOT = Path(__file__).resolve().parents[3]
RATE = 200
MS = 1_000_000


def run(rule: str, seconds: float, folder: Path) -> None:
    log, out, calls, plan = (folder / f"{rule}.{name}" for name in ("log", "run", "calls", "plan"))
    step = 1_000_000_000 // RATE
    plan.write_text(
        "".join(
            json.dumps({"due": n * step, "operation": "getContentItem"}) + "\n"
            for n in range(round(seconds * RATE))
        )
    )
    target = subprocess.Popen(
        [sys.executable, "-m", "tests.load.bench.target", rule, str(log)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert target.stdout is not None
    port = target.stdout.readline().strip()
    subprocess.run(
        [sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless", "-L", "ERROR",
         "--host", f"http://127.0.0.1:{port}", "--scenario", f"replay:{plan}",
         "--run-out", str(out), "--history-out", str(calls)],
        cwd=ROOT, stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    target.communicate("")
    report(rule, json.loads(log.read_text()), out, calls)


def report(rule: str, log: dict[str, list[int]], out: Path, calls: Path) -> None:
    (loaded,) = parse(out.read_bytes(), name=out.name).loads
    row = next(row for row in loaded.operations if row.operation == "getContentItem")
    if rule == "stall":
        dues = [
            call.due for call in read(calls.read_bytes().splitlines()) if call.operation == "getContentItem"
        ]
        stalls = [(stall[0], stall[1]) for stall in log["stalls"]]  # type: ignore[index]
        truth = sorted(_stalled(due, stalls) for due in dues)
    else:
        truth = sorted(log["delays"])
    latency, service = row.latency.unpack(), row.service.unpack()
    print(f"{rule}: {len(truth)} requests, {row.answered} answered, {row.errors} errors")
    print("          p50      p95      p99    p99.9      max ms    over 200 ms")
    ranks = (0.5, 0.95, 0.99, 0.999, 1.0)
    true = [truth[max(0, -(-round(q * 1000 * len(truth)) // 1000) - 1)] for q in ranks]
    for name, values, over in (
        ("truth", true, sum(value > 200 * MS for value in truth)),
        ("due", [latency.quantile(q) or 0 for q in ranks], row.over),
        ("sent", [service.quantile(q) or 0 for q in ranks], row.over_service),
    ):
        print(
            f"{name:6}"
            + "".join(f"{value / MS:9.2f}" for value in values)
            + f"    {over} = {over / len(truth):.3%}"
        )


def _stalled(due: int, stalls: list[tuple[int, int]]) -> int:
    """20 ms, or until the pause ends in which it, or its answer, would have fallen."""
    done = due + 20 * MS
    for began, ended in stalls:
        if began <= due < ended:
            return ended - due + 20 * MS
        if began <= done < ended:
            return ended - due
    return done - due


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("spread", "edge", "stall"):
            run(name, length, Path(scratch))

"""Thousands of clients in one generator: an outage, and everybody back with nothing lost."""

import subprocess
import sys

from contracts.run import parse
from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ROOT, ours
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

CLIENTS = 5_000


def storm(setting: Setting) -> Result:
    """A reconnect storm of 5,000 sockets under guide-fixed: clients back, acknowledged writes lost, verdicts not PASS."""
    clients, outage, scale = (50, "kill=3", "0.1") if setting.quick else (CLIENTS, "kill=13", "1")
    out = setting.folder / "storm.run"
    setting.say(f"storm: {clients} clients")
    with ours(setting, items=50) as server:
        # Not pinned: the fault proxy is a process of its own, and would share the generator's core.
        done = subprocess.run(
            [sys.executable, "-m", "load.realtime", "--host", server.url, "--clients", str(clients), "--policy", "guide-fixed",
             "--outage", outage, "--time-scale", scale, "--run-out", str(out)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    try:
        run = parse(out.read_bytes(), name=out.name)
        (result,) = run.reconnects
    except (OSError, ValueError) as error:
        last = (done.stderr.strip() or str(error)).splitlines()[-1]
        raise Unmeasured(f"the storm left no result: {last}") from None
    wrong = [verdict for verdict in run.all_verdicts() if verdict.grade]
    lost = result.events_missed - result.events_recovered_by_sync
    slowest = (result.recovery.unpack().maximum or 0) / 1e9
    rows = [
        Row("clients back", result.recovered, "clients", None, Limit("at least", clients), None, f"the last {slowest:.1f} s after the return"),
        Row("acknowledged writes lost", lost, "events", None, Limit("at most", 0), None, f"{result.events_missed} missed and brought by sync"),
        Row("verdicts that are not PASS", len(wrong), "verdicts", None, Limit("at most", 0), None, "; ".join(v.check for v in wrong)),
    ]  # fmt: skip
    about = (
        f"`python -m load.realtime --clients {clients} --policy guide-fixed --outage {outage} --time-scale {scale}`: one generator process,"
        " the fault proxy and the reference server."
    )  # fmt: skip
    return Result("Reconnect storm", about, rows)

"""How fast a recorded history is judged: all checkers over the calls of a real run, with and without the rows of its lists."""

import statistics
import subprocess
import sys
import time

from contracts.checkers import judge
from contracts.command.collector_pause import uncollected
from contracts.history import Call, History, read
from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ROOT, ours
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

CALLS = 300_000
CHECKS = ("versions", "lost-update", "bulk", "sync", "sessions", "coverage")


def judging(setting: Setting) -> Result:
    """Calls a second that all checkers together judge, out of a recorded run of the gate's mix."""
    history = _recorded(setting, 2 if setting.quick else 30)
    single = tuple(call for call in history if "items" not in call.facts)
    listed = sum(len(call.facts.get("items", ())) for call in history)
    rows = [
        _row(setting, "calls about one item", single, Limit("at least", CALLS)),
        _row(setting, f"with lists, {listed / len(history):.1f} rows a call", history, None),
    ]
    about = (
        f"{len(history):,} calls of the scenario `gate`, recorded against the reference server, judged in memory by {', '.join(CHECKS)};"
        " processor time, the median of the rounds."
    )  # fmt: skip
    return Result("Judging", about, rows)


def _row(setting: Setting, what: str, history: History, limit: Limit | None) -> Row:
    rates = []
    rounds = setting.rounds * 5  # a twentieth of a second each
    for turn in range(rounds):
        setting.say(f"judging: {what}, round {turn + 1} of {rounds}")
        began = time.process_time()
        judge(history, checks=CHECKS)
        rates.append(len(history) / (time.process_time() - began))
    return Row(what, statistics.median(rates), "calls/s", None, limit, (min(rates), max(rates)))


def _recorded(setting: Setting, seconds: int) -> tuple[Call, ...]:
    out = setting.folder / "history.ndjson"
    with ours(setting, items=200) as server:
        setting.say("judging: recording a run")
        subprocess.run(
            [*setting.cores.pin_generator(), sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless", "-L", "ERROR",
             "--host", server.url, "--scenario", "gate", "--rate", "500", "--duration", str(seconds), "--history-out", str(out)],
            cwd=ROOT, stdout=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    if not out.is_file():
        raise Unmeasured("the run left no history")
    with uncollected():
        return tuple(read(out.read_bytes().splitlines()))

"""Is what we report what happened? Real runs at 200 arrivals/s against targets of known latency, Locust and k6 beside us."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns

from contracts.history import read
from contracts.run import parse
from tests.bench.load.true_latency import CLOSE, MS, RANKS, Seen, of, off, stalled
from tests.bench.programs import k6
from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ROOT
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

RATE = 200
PER_CENT = 1.0
PATH = "/api/content/items/x"


def accuracy(setting: Setting) -> Result:
    """p50 to p99.9 and the share over 200 ms, as reported by us, by Locust's own statistics and by k6, against the truth."""
    seconds = 4.0 if setting.quick else 30.0
    rows: list[Row] = []
    for rule in ("spread", "stall"):
        for who, measure in (("ours", _ours), ("Locust", _locust), ("k6", _k6)):
            setting.say(f"accuracy: {rule}, {who}")
            promised = Limit("at most", PER_CENT) if who == "ours" else None
            try:
                seen, true = measure(setting, rule, seconds)
            except Unmeasured as reason:
                rows.append(Row(f"{rule}: {who}", None, "% off", note=str(reason)))
                continue
            rows += _compared(f"{rule}: {who}", seen, true, promised)
    setting.say("accuracy: edge")
    seen, true = _ours(setting, "edge", seconds)
    assert seen.over is not None and true.over is not None
    planned = seen.count // 2
    note = f"{seen.over} of {seen.count} counted over 200 ms, {true.over} were ({true.over - planned} of them by a late generator)"
    if true.close:
        note += f"; {true.close} were within {CLOSE / MS:g} ms of it, which nobody can tell"
    wrong = max(0, abs(seen.over - true.over) - true.close)
    rows.append(
        Row("edge: 195 to 205 ms on the wrong side of 200", wrong, "answers", None, Limit("at most", 0), None, note)
    )  # fmt: skip
    about = (
        f"{RATE} arrivals/s for {seconds:g} s each, one after another. Spread: 95 % of the answers after 20 ms, 4 % after 150, 1 % after"
        " 203; the truth is the server's, from the first byte received to the last byte sent. Stall: 20 ms, and every 10 s the"
        " server is away for 1 s; the truth is from the due time of an arrival to the last byte sent; for the others, who keep no"
        " due times, it is calculated. Edge: 195, 197, 199, 201, 203 and 205 ms in turn; the truth as with the stall."
    )  # fmt: skip
    return Result("Accuracy", about, rows)


def _compared(what: str, seen: Seen, true: Seen, promised: Limit | None) -> list[Row]:
    rows = [
        Row(
            f"{what} {name}", off(seen.percentiles[name], true.percentiles[name]), "% off", None, promised, None,
            f"{seen.percentiles[name] / MS:.2f} ms, truth {true.percentiles[name] / MS:.2f} ms",
        )
        for name in RANKS
    ]  # fmt: skip
    if seen.share is not None and true.share:
        told = f"{seen.share:.2%}, truth {true.share:.2%}"
        rows.append(
            Row(f"{what} share over 200 ms", off(seen.share, true.share), "% off", None, promised, None, told)
        )
    return rows


@dataclass(slots=True)
class Known:
    port: int
    log: Path
    began: int = 0

    def truth(self, rule: str, seconds: float, dues: list[int] | None = None) -> Seen:
        """Of the whole run; without due times the arrivals are taken to have come evenly from the beginning."""
        told = json.loads(self.log.read_text("utf-8"))
        if rule == "spread":
            return of(last - first for first, last in told["truth"])
        if dues is not None and len(dues) == len(told["truth"]):
            # Of those that it kept waiting it may read a later one first; they are answered within the same millisecond.
            return of(last - due for due, (_, last) in zip(sorted(dues), told["truth"], strict=True))
        stalls = [(began, ended) for began, ended in told["stalls"]]
        if dues is None:
            first = min((came for came, _ in told["truth"]), default=self.began)
            dues = [first + round(n * 1e9 / RATE) for n in range(round(seconds * RATE))]
        return of(stalled(due, stalls) for due in dues)


@contextmanager
def _known(setting: Setting, rule: str) -> Iterator[Known]:
    """The truth can be read after the block."""
    log = setting.folder / f"{rule}.log"
    target = subprocess.Popen(
        [*setting.cores.pin_server(), sys.executable, "-m", "tests.bench.load.known_latency_server", rule, str(log)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert target.stdout is not None
    try:
        line = target.stdout.readline().strip()
        if not line:
            raise Unmeasured("the target of known latency does not start")
        yield Known(int(line), log, perf_counter_ns())
    finally:
        target.communicate("")


def _ours(setting: Setting, rule: str, seconds: float) -> tuple[Seen, Seen]:
    out, calls, plan = (setting.folder / name for name in ("ours.run", "ours.calls", "ours.plan"))
    step = 1_000_000_000 // RATE
    lines = (
        json.dumps({"due": n * step, "operation": "getContentItem"}) for n in range(round(seconds * RATE))
    )
    plan.write_text("\n".join(lines), "utf-8")
    with _known(setting, rule) as known:
        subprocess.run(
            [*setting.cores.pin_generator(), sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless", "-L", "ERROR",
             "--host", f"http://127.0.0.1:{known.port}", "--scenario", f"replay:{plan}", "--run-out", str(out), "--history-out", str(calls)],
            cwd=ROOT, stdout=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    try:
        (loaded,) = parse(out.read_bytes(), name=out.name).loads
    except (OSError, ValueError) as error:
        raise Unmeasured(f"our own run left no result: {error}") from None
    row = next(row for row in loaded.operations if row.operation == "getContentItem")
    histogram = row.latency.unpack()
    seen = Seen(
        {name: histogram.quantile(rank) or 0.0 for name, rank in RANKS.items()}, row.over, row.answered
    )
    dues = [call.due for call in read(calls.read_bytes().splitlines()) if call.operation == "getContentItem"]
    return seen, known.truth(rule, seconds, dues)


def _locust(setting: Setting, rule: str, seconds: float) -> tuple[Seen, Seen]:
    """Locust as it comes: users of FastHttpUser that share the rate, and its own percentiles."""
    with _known(setting, rule) as known:
        done = subprocess.run(
            [*setting.cores.pin_generator(), sys.executable, "-m", "tests.bench.load.sending_loops", "locust-rate", f"http://127.0.0.1:{known.port}{PATH}", str(RATE), str(seconds)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise Unmeasured(f"Locust's own loop failed: {(done.stderr.strip() or '?').splitlines()[-1]}")
    told = json.loads(done.stdout)
    percentiles = {name: told[name] * MS for name in RANKS}
    return Seen(percentiles, told["over"], told["count"]), known.truth(rule, seconds)


def _k6(setting: Setting, rule: str, seconds: float) -> tuple[Seen, Seen]:
    """Of k6's trend, which keeps every sample; it has no count over a limit without a threshold of one's own."""
    with _known(setting, rule) as known:
        metrics = k6.at_rate(setting, f"http://127.0.0.1:{known.port}{PATH}", RATE, seconds)
    values = metrics["http_req_duration"]["values"]
    names = {"p50": "p(50)", "p95": "p(95)", "p99": "p(99)", "p99.9": "p(99.9)"}
    seen = Seen({name: values[told] * MS for name, told in names.items()}, None, int(values["count"]))
    return seen, known.truth(rule, seconds)

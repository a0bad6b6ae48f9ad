"""What a larger document costs: ours, and ours ten times under other paths, through reading, collection, the gate's contracts and its page."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from contracts.spec import Spec, load, parse
from contracts.spec.document import own_path
from reports.gate.plan import ROOT
from tests.bench.programs.installed import Unmeasured
from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting

TIMES, MEGABYTES = 10, 2.0


def operations(setting: Setting) -> Result:
    """Reading, collecting and judging a document of 170 operations over ours of 17, and its report page."""
    overlay = setting.folder / "ten-times.json"
    text = json.dumps(ten_times(load().document)).encode()
    overlay.write_bytes(text)
    asked = ["--overlay", str(overlay)]
    rows = [
        _row(setting, "document read", _read, lambda: _read(text)),
        _row(setting, "checks collected", lambda: _collected([]), lambda: _collected(asked)),
    ]
    out = setting.folder / "gate"
    setting.say("operations: the contracts of the gate")
    small = _taken(lambda: _gate([], out / "ours"))
    large = _taken(lambda: _gate(asked, out / "ten"))
    page = max(path.stat().st_size for path in (out / "ten").glob("*/report.html")) / 1e6
    rows += [
        Row("gate, contracts alone", large, "s", large / small, Limit("at most", TIMES, "ours")),
        Row("report page", page, "MB", None, Limit("at most", MEGABYTES)),
    ]
    about = f"Our document {TIMES} times under other paths, by an overlay; ratio: over our document alone, on the same machine."
    return Result("Operations", about, rows)


def ten_times(document: Any) -> dict[str, Any]:
    """The overlay. Links are left out: they name operations, and a copy's would lead to the original."""
    paths = {}
    for number in range(1, TIMES):
        for path, item in document["paths"].items():
            copy = deepcopy(item)
            for operation in (
                said for said in copy.values() if isinstance(said, dict) and "operationId" in said
            ):
                operation["operationId"] += f"Copy{number}"
                operation.pop("x-oauth", None)  # a role has one operation
                for response in operation["responses"].values():
                    response.pop("links", None)
            paths[f"/copy{number}{path}"] = copy
    actions = [{"target": "$.paths", "update": paths}]
    return {"overlay": "1.0.0", "info": {"title": "Ten times", "version": "1"}, "actions": actions}


def _row(setting: Setting, what: str, small: Callable[[], object], large: Callable[[], object]) -> Row:
    ratios, seconds = [], []
    for turn in range(setting.rounds):
        setting.say(f"operations: {what} ({turn + 1} of {setting.rounds})")
        one, ten = _taken(small), _taken(large)
        ratios.append(ten / one)
        seconds.append(ten)
    spread = (min(seconds), max(seconds))
    return Row(
        what,
        statistics.median(seconds),
        "s",
        statistics.median(ratios),
        Limit("at most", TIMES, "ours"),
        spread,
    )


def _taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _read(overlay: bytes = b"") -> Spec:
    own = own_path()
    told = [("ten-times.json", overlay)] if overlay else []
    return parse(own.read_bytes(), name=own.name, folder=own.parent, overlays=told)


def _collected(asked: list[str]) -> None:
    _run("pytest", "contracts", "--collect-only", "-q", *asked)


def _gate(asked: list[str], out: Path) -> None:
    _run("reports", "gate", "--only", "contracts", "--budget", "10m", "--out", str(out), *asked)


def _run(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 2):  # a cell that random requests to a copy never reached is UNKNOWN
        last = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise Unmeasured(f"{' '.join(words[:2])} ended with {done.returncode}: {last}")

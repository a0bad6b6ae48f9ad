"""`python -m tests.bench`: every benchmark once, a table each; writes reports/out/bench.md and bench.json.

A benchmark is a function `(Setting) -> Result` and one line of BENCHES. A Result has a title, a sentence about what was measured,
and rows: what, value, unit, ratio, limit, note (`tests.bench.result`). What keeps it from a number (a tool that
is not installed, a server that does not start) it raises as `tests.bench.programs.installed.Unmeasured`: that is a row without a value and the
reason, not a crash. It runs here, in one process with the others: what patches the interpreter
(Locust, gevent) belongs into a process that the benchmark starts.

Exit code 0 where every promise is kept, 1 where one is not, 2 where one could not be measured, 64 for a wrong option.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from tests.bench.analysis.judging import judging
from tests.bench.analysis.operations import operations
from tests.bench.analysis.rendering import rendering
from tests.bench.load.accuracy import accuracy
from tests.bench.load.distributed import distributed
from tests.bench.load.generator import generator
from tests.bench.load.memory import memory
from tests.bench.load.storm import storm
from tests.bench.machine import machine, raise_open_files
from tests.bench.markdown import markdown
from tests.bench.peers.comparison import peers
from tests.bench.programs.installed import Unmeasured
from tests.bench.result import Result, Row, unpacked
from tests.bench.server.growth import growth
from tests.bench.server.selfcheck import selfcheck
from tests.bench.server.soak import soak
from tests.bench.server.sockets import sockets
from tests.bench.server.throughput import throughput
from tests.bench.setting import Setting, cores

Bench = Callable[[Setting], Result]
BENCHES: dict[str, Bench] = {
    "throughput": throughput,
    "peers": peers,
    "growth": growth,
    "selfcheck": selfcheck,
    "sockets": sockets,
    "soak": soak,
    "accuracy": accuracy,
    "generator": generator,
    "memory": memory,
    "judging": judging,
    "distributed": distributed,
    "storm": storm,
    "rendering": rendering,
    "operations": operations,
}

OUT = Path(__file__).resolve().parents[2] / "reports" / "out"
USAGE, INTERRUPTED = 64, 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; --help lists the options\n")


def parser() -> argparse.ArgumentParser:
    p = _Parser(prog="python -m tests.bench", description="How fast, how large, how accurate; against peers.")
    p.add_argument("--only", action="append", choices=BENCHES, metavar="NAME", help="only this (repeatable)")
    p.add_argument(
        "--quick", action="store_true", help="one short round: does it run? Its numbers prove nothing"
    )
    p.add_argument("--list", action="store_true", help="name the benchmarks and end")
    p.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where bench.md and bench.json go")
    p.add_argument("--cache", type=Path, default=_cache(), metavar="DIR", help="where npm packages are kept")
    return p


def main(words: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(words)
    if chosen.list:
        for name, bench in BENCHES.items():
            print(f"{name:12} {(bench.__doc__ or '').partition(chr(10))[0]}")
        return 0
    raise_open_files()
    pinned = cores()
    pinned.claim()
    stem = "bench-quick" if chosen.quick else "bench"  # a trial never replaces a measurement
    kept = _kept(chosen.out / f"{stem}.json")
    results = []
    for name in chosen.only or BENCHES:
        try:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                setting = Setting(Path(folder), chosen.cache, chosen.quick, pinned)
                began = time.perf_counter()
                result = run(name, BENCHES[name], setting)
        except KeyboardInterrupt:
            print("\ninterrupted: the benchmarks before this one are written", file=sys.stderr)
            return INTERRUPTED
        setting.say("")
        print(markdown(result), flush=True)
        results.append(result)
        kept[name] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - began, 1),
            "machine": machine(pinned),
            **result.packed(),
        }
        _write(chosen.out / f"{stem}.json", json.dumps({"format": 1, "benches": kept}, indent=1))
        _write(chosen.out / f"{stem}.md", document(kept))
    print(chosen.out / f"{stem}.md")
    if any(result.missed for result in results):
        return 1
    return 2 if any(result.unmeasured for result in results) else 0


def run(name: str, bench: Bench, setting: Setting) -> Result:
    """The benchmark's result, or one row that says what it lacks."""
    setting.say(name)
    try:
        return bench(setting)
    except Unmeasured as reason:
        about = (bench.__doc__ or "").partition("\n")[0]
        return Result(name, about, [Row(name, None, "", note=str(reason))])


def document(kept: dict[str, Any]) -> str:
    """All benchmarks that are on file, each with when and where it was measured, in the order of BENCHES."""
    parts = ["# Benchmarks\n"]
    order = [name for name in BENCHES if name in kept]
    for name in [*order, *(name for name in kept if name not in order)]:
        entry = kept[name]
        told = f"Measured {entry['at']} in {entry['seconds']:.0f} s: {entry['machine']}.\n"
        parts += [markdown(unpacked(entry)), told]
    return "\n".join(parts)


def _kept(path: Path) -> dict[str, Any]:
    """What earlier runs measured: `--only` replaces its own part."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(document["benches"]) if document.get("format") == 1 else {}


def _write(path: Path, text: str) -> None:
    """To a temporary name, then renamed: a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _cache() -> Path:
    """Outside the repository, so that a clean checkout does not download again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tchat-bench"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it has started ends with it
    sys.exit(main())

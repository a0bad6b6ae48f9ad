"""`python -m tests.hostile`: every entry point against every behaviour, as a table. Hours for all; `--entry`, `--only`, `--kind` choose."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.entry_points import ENTRY_POINTS, OPEN_SOCKETS
from tests.hostile.honest import honest_server
from tests.hostile.hostile_server import certificate
from tests.hostile.measurement import HostileOutcome, measured


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument(
        "--entry", action="append", choices=list(ENTRY_POINTS), help="may be repeated (default: all)"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="behaviours whose name has this text")
    parser.add_argument("--kind", choices=["http", "tls", "socket"], help="behaviours of one kind")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth behaviour")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at once (default 1)")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="keep there what was printed where a bound broke"
    )
    chosen = parser.parse_args()
    listed = [one for one in BEHAVIOURS if chosen.only in one.name and chosen.kind in (None, one.kind)][
        :: chosen.every
    ]
    found: list[HostileOutcome] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        honest_server() as upstream,
        ThreadPoolExecutor(chosen.jobs) as pool,
    ):
        pem = certificate(Path(folder))
        pairs = [
            (entry, behaviour)
            for entry in chosen.entry or ENTRY_POINTS
            for behaviour in listed
            if behaviour.kind != "socket" or entry in OPEN_SOCKETS
        ]
        for outcome in pool.map(lambda pair: measured(pair[0], pair[1], upstream, pem), pairs):
            found.append(outcome)
            print(row(outcome), flush=True)
            if outcome.broken and chosen.output:
                chosen.output.mkdir(parents=True, exist_ok=True)
                name = f"{outcome.entry} {outcome.behaviour}.txt".replace(" ", "-").replace("/", "-")
                (chosen.output / name).write_bytes(outcome.output)
    print("\n".join(table(found)))
    return any(outcome.broken for outcome in found)


def table(found: list[HostileOutcome]) -> list[str]:
    """As it stands in tests/README.md: a row for each command."""
    lines = [
        "| command | behaviours | worst seconds | worst MiB (largest process) | exit codes | bounds broken |",
        "|---|---|---|---|---|---|",
    ]
    for entry in dict.fromkeys(outcome.entry for outcome in found):
        rows = [outcome for outcome in found if outcome.entry == entry]
        codes = Counter("killed" if outcome.code is None else str(outcome.code) for outcome in rows)
        told = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
        worst, most = max(outcome.seconds for outcome in rows), max(outcome.mebibytes for outcome in rows)
        most_of_one = max(outcome.largest for outcome in rows)
        lines.append(
            f"| {entry} | {len(rows)} | {worst:.0f} | {most} ({most_of_one}) | {told} | {sum(bool(o.broken) for o in rows)} |"
        )
    return lines


def row(outcome: HostileOutcome) -> str:
    code = "killed" if outcome.code is None else f"exit {outcome.code}"
    told = ", ".join(outcome.broken) or "held"
    return f"{outcome.entry:<14} {outcome.behaviour:<38} {outcome.seconds:5.1f} s {outcome.mebibytes:5} MiB ({outcome.largest:3})  {code:<8} {told}"


if __name__ == "__main__":
    sys.exit(main())

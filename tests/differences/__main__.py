"""`python -m tests.differences`: the whole suite through the proxy, once for each row; writes differences.md and .json.

A harmless difference must leave everything green, a fault must turn the checks red that its row names. Exit code 0 where
both hold for every row, 1 where one does not, 2 where a run could not be judged, 130 when it is interrupted.

    python -m tests.differences --only late-30ms --only lost-logout
    python -m tests.differences --table faults
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.differences.outcome import Outcome, markdown
from tests.differences.run import measure
from tests.differences.tables import TABLES

OUT = Path(__file__).resolve().parents[2] / "reports" / "out"
CLEAR = "\r\x1b[K"
INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.differences",
        description="Is nothing right called wrong, and nothing wrong right?",
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="only this row (repeatable)")
    parser.add_argument("--table", choices=TABLES, help="only this table")
    parser.add_argument("--keyword", metavar="EXPR", help="only these checks, as pytest's -k")
    parser.add_argument(
        "--whole", action="store_true", help="faults too meet the whole suite, not just the checks they name"
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where the table goes")
    chosen = parser.parse_args(words)
    rows = [
        (table, row)
        for table, listed in TABLES.items()
        for row in listed
        if chosen.table in (None, table) and (not chosen.only or row.name in chosen.only)
    ]
    unknown = set(chosen.only or ()) - {row.name for _, row in rows}
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    outcomes: list[Outcome] = []
    began = time.monotonic()
    for number, (table, row) in enumerate(rows, 1):
        if sys.stderr.isatty():
            print(
                f"{CLEAR}{number}/{len(rows)} {row.name} ({time.monotonic() - began:.0f} s)",
                end="",
                file=sys.stderr,
            )
        try:
            made = measure(table, row, keyword=chosen.keyword, whole=chosen.whole)
        except KeyboardInterrupt:
            print(f"\ninterrupted in {row.name}: the rows before it are written", file=sys.stderr)
            return INTERRUPTED
        outcomes.append(made)
        if not made.right:
            print(f"{CLEAR if sys.stderr.isatty() else ''}{made.told}", flush=True)
        _write(chosen.out, outcomes, time.monotonic() - began)
    print(f"{sum(o.right for o in outcomes)} of {len(outcomes)} rows right; {chosen.out / 'differences.md'}")
    if any(not o.right and o.known for o in outcomes):
        return 1
    return 0 if all(o.right for o in outcomes) else 2


def _write(out: Path, outcomes: Sequence[Outcome], seconds: float) -> None:
    out.mkdir(parents=True, exist_ok=True)
    texts = {"md": markdown(outcomes, seconds), "json": json.dumps([o.packed() for o in outcomes], indent=1)}
    for kind, text in texts.items():
        part = out / f".differences.{kind}.part"
        part.write_text(text)
        part.replace(out / f"differences.{kind}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it has started ends with it
    sys.exit(main())

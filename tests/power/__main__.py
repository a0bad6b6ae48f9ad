"""`python -m tests.power`: every fault alone against the checks that it names; writes power.md and power.json.

Then the same checks with no fault on. Exit code 0 where every cell is red and nothing was red without a fault, 1 where a
check stayed green or gave a false alarm, 2 where something could not be told. Progress
goes to a terminal only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mock_server.faults import CATALOGUE
from mock_server.faults.fault import FAMILIES, Fault
from tests.power import loadrun
from tests.power.bench import Bench
from tests.power.cell import Cell
from tests.power.matrix import Matrix
from tests.power.naming import VERDICTS, slug_of
from tests.power.unnamed import RED_BY

OUT = Path(__file__).resolve().parents[2] / "reports" / "out"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.power", description="Does each check catch its faults?"
    )
    parser.add_argument(
        "--fault", action="append", choices=CATALOGUE, metavar="NAME", help="only this one (repeatable)"
    )
    parser.add_argument("--family", choices=FAMILIES, help="only this family")
    parser.add_argument(
        "--no-load", action="store_true", help="leave out what needs a load run; it is listed as not run"
    )
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="DIR", help="where power.md and power.json go"
    )
    chosen = parser.parse_args(words)
    faults = [
        fault
        for fault in CATALOGUE.values()
        if (not chosen.fault or fault.name in chosen.fault) and chosen.family in (None, fault.family)
    ]
    began = time.perf_counter()
    whole = sum(len(fault.check) for fault in faults) + len(beside(faults))
    cells: list[Cell] = []
    clean, alarms = 0, list[str]()
    try:
        for cell in measure(faults, load=not chosen.no_load):
            cells.append(cell)
            _progress(cells, whole, time.perf_counter() - began)
        clean, alarms = innocent(faults, load=not chosen.no_load)
    except KeyboardInterrupt:
        print("\ninterrupted: what is written is a part", file=sys.stderr)
        alarms = ["the run was interrupted"]
    matrix = Matrix(cells, time.perf_counter() - began, clean, alarms)
    chosen.out.mkdir(parents=True, exist_ok=True)
    _write(chosen.out / "power.md", matrix.markdown())
    _write(chosen.out / "power.json", json.dumps(matrix.packed(), indent=1))
    print(matrix.headline())
    for cell in matrix.wanting:
        print(f"  {cell.outcome}: {cell.given} by {cell.check}: {cell.told}")
    print(f"{chosen.out / 'power.md'}, {chosen.out / 'power.json'}")
    for alarm in alarms:
        print(f"  false alarm: {alarm}")
    if alarms or any(cell.outcome == "missed" for cell in matrix.wanting):
        return 1
    return 2 if matrix.wanting else 0


def measure(faults: Sequence[Fault], *, load: bool) -> Iterator[Cell]:
    """Cell by cell: first what the suite sees, on one server, then the load runs, each with its own."""
    with Bench() as bench:
        for fault in faults:
            for check in fault.check:
                if check not in VERDICTS:
                    yield bench.probe(fault, check)
        for check, name in beside(faults):
            yield replace(bench.probe(CATALOGUE[name], check), named=False)
    with tempfile.TemporaryDirectory() as folder:
        for fault in faults:
            for check in fault.check:
                if check in VERDICTS and load:
                    yield loadrun.probe(fault, check, Path(folder))
                elif check in VERDICTS:
                    yield Cell(
                        fault=fault.name,
                        family=fault.family,
                        check=check,
                        given=fault.name,
                        outcome="not run",
                    )


def innocent(faults: Sequence[Fault], *, load: bool) -> tuple[int, list[str]]:
    """The same checks with no fault on: how many tests, and which were red all the same."""
    named = [check for fault in faults for check in fault.check]
    slugs = [slug_of(check) for check in named if check not in VERDICTS] + [
        check for check, _ in beside(faults)
    ]
    with Bench() as bench:
        count, alarms = bench.innocent(slugs)
    if load and not set(VERDICTS).isdisjoint(named):
        with tempfile.TemporaryDirectory() as folder:
            count, alarms = count + 1, alarms + loadrun.innocent(Path(folder))
    return count, alarms


def beside(faults: Sequence[Fault]) -> list[tuple[str, str]]:
    """(check, fault) of the checks that no fault names, where the fault is among these."""
    chosen = {fault.name for fault in faults}
    return [(check, name) for check, name in RED_BY.items() if name in chosen]


def _progress(cells: Sequence[Cell], whole: int, seconds: float) -> None:
    if not sys.stderr.isatty():
        return
    last, missed = cells[-1], sum(not cell.caught for cell in cells)
    text = f"{len(cells)}/{whole}  {seconds:.0f} s  {missed} not red  {last.fault}: {last.outcome}"
    print(f"\r\x1b[K{text[:110]}", end="" if len(cells) < whole else "\n", file=sys.stderr, flush=True)


def _write(path: Path, text: str) -> None:
    """To a temporary name, then renamed: a reader sees all of it or none."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.power`: every fault alone against the checks that it names; writes power.md and power.json.

Then the same checks with no fault on, and on a sample of the faults (or all) what Schemathesis' own command line makes of them.
Exit code 0 where every cell is red and nothing was red without a fault, 1 where a check stayed green or gave a false
alarm, 2 where something could not be told. Progress goes to a terminal only.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mock_server.faults import CATALOGUE
from mock_server.faults.fault import FAMILIES, Fault
from mock_server.servers.serve import SERVERS
from tests.power.cell import Cell
from tests.power.matrix import BESIDE, Matrix
from tests.power.named_checks import VERDICTS, slug_of
from tests.power.progress import following
from tests.power.runs import cascades, load_run, stock_schemathesis, whole_suite
from tests.power.runs.fault_bench import FaultBench
from tests.power.unnamed_checks import RED_BY

OUT = Path(__file__).resolve().parents[2] / "reports" / "out"


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m tests.power", description="Does each check catch its faults?")
    p.add_argument(
        "--fault", action="append", choices=CATALOGUE, metavar="NAME", help="only this one (repeatable)"
    )
    p.add_argument("--family", choices=FAMILIES, help="only this family")
    p.add_argument(
        "--no-load", action="store_true", help="leave out what needs a load run; it is listed as not run"
    )
    p.add_argument(
        "--schemathesis",
        choices=("none", "sample", "all"),
        default="sample",
        help="run the stock `st run` on no fault, on the ten of the published study and three of each family, or on all"
        " that show over HTTP (default %(default)s; a fault named by --fault is always among them)",
    )
    p.add_argument(
        "--cascades",
        action="store_true",
        help="instead: one broken thing at a time, how many checks fail, in how many causes it is told, and the first of them",
    )
    p.add_argument("--with-hooks", action="store_true", help="run it with our hooks as well")
    p.add_argument(
        "--jobs",
        type=int,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="of those runs at once (default %(default)s)",
    )
    p.add_argument(
        "--clean-seeds",
        type=int,
        default=0,
        metavar="N",
        help="the whole suite on the clean server, seeds 1 to N",
    )
    p.add_argument(
        "--whole", type=int, default=0, metavar="N", help="the whole suite on N faults, drawn by --seed"
    )
    p.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the draw of --whole (default %(default)s)"
    )
    p.add_argument(
        "--server", choices=tuple(SERVERS), default="uvicorn", help="the ASGI server (default %(default)s)"
    )
    p.add_argument(
        "--skip-matrix",
        action="store_true",
        help="keep the matrix that is in --out and measure the rest only",
    )
    p.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where power.md and power.json go")
    return p


def _cascades() -> int:
    results = []
    for cascade in cascades.CASCADES:
        print(f"{cascade.name} …", file=sys.stderr, flush=True)
        results.append(cascades.run(cascade))
    print(cascades.table(results))
    return 0 if all(result.good for result in results) else 1


def main(words: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(words)
    if chosen.cascades:
        return _cascades()
    faults = [
        fault
        for fault in CATALOGUE.values()
        if (not chosen.fault or fault.name in chosen.fault) and chosen.family in (None, fault.family)
    ]
    try:
        matrix = _kept(chosen.out) if chosen.skip_matrix else _measured(chosen, faults)
    except (OSError, ValueError, KeyError) as error:
        print(f"--skip-matrix: there is no matrix to keep in {chosen.out}: {error}", file=sys.stderr)
        return 64
    try:
        with tempfile.TemporaryDirectory() as folder:
            beside, told, wrong = _beside(chosen, faults, Path(folder))
    except KeyboardInterrupt:
        beside, told, wrong = {}, [], ["what is beside the matrix was interrupted"]
    matrix = replace(matrix, beside={**matrix.beside, **beside})
    chosen.out.mkdir(parents=True, exist_ok=True)
    _write(chosen.out / "power.md", matrix.markdown())
    _write(chosen.out / "power.json", json.dumps(matrix.packed(), indent=1))
    print("\n".join([matrix.headline(), *told]))
    for cell in matrix.wanting:
        print(f"  {cell.outcome}: {cell.given} by {cell.check}: {cell.told}")
    print(f"{chosen.out / 'power.md'}, {chosen.out / 'power.json'}")
    for alarm in (*matrix.alarms, *wrong):
        print(f"  false alarm: {alarm}")
    if matrix.alarms or wrong or any(cell.outcome == "missed" for cell in matrix.wanting):
        return 1
    return 2 if matrix.wanting else 0


def _kept(folder: Path) -> Matrix:
    return Matrix.unpacked(json.loads((folder / "power.json").read_text("utf-8")))


def _measured(chosen: argparse.Namespace, faults: Sequence[Fault]) -> Matrix:
    began = time.perf_counter()
    run = Measuring(faults, load=not chosen.no_load, options=("--server", chosen.server))
    cells: list[Cell] = []
    clean, alarms = 0, list[str]()
    try:
        cells.extend(following(run.cells(), run.count, "faults"))
        clean, alarms = run.innocent()
    except KeyboardInterrupt:
        print("\ninterrupted: what is written is a part", file=sys.stderr)
        alarms = ["the run was interrupted"]
    return Matrix(cells, time.perf_counter() - began, clean, alarms, chosen.server)


def _beside(
    chosen: argparse.Namespace, faults: Sequence[Fault], folder: Path
) -> tuple[dict[str, Any], list[str], list[str]]:
    """What is measured beside the matrix: members of power.json, lines about them, and what is wrong with them."""
    found: dict[str, Any] = {}
    told: list[str] = []
    wrong: list[str] = []
    asked = stock_schemathesis.chosen(chosen.schemathesis, faults, picked=bool(chosen.fault))
    if asked:
        sightings = list(
            following(stock_schemathesis.column(asked, folder, jobs=chosen.jobs), len(asked) + 1, "st run")
        )
        if chosen.with_hooks:
            more = stock_schemathesis.column(asked, folder, jobs=chosen.jobs, hooks=True)
            sightings += following(more, len(asked) + 1, "st run with hooks")
        found |= stock_schemathesis.packed(sightings, chosen.schemathesis)
        run = found["stockRun"]
        told.append(
            f"the stock command line finds {run['found']} of {run['asked']} of them; {run['seconds']:.0f} s"
        )
        if run["withHooks"]:
            told.append(f"with our hooks {run['withHooks']['found']} of {run['withHooks']['asked']}")
        wrong += stock_schemathesis.alarms(sightings)
    runs = {
        "cleanSeeds": (chosen.clean_seeds, whole_suite.seeds(chosen.clean_seeds, chosen.server, folder)),
        "whole": (chosen.whole, whole_suite.faults(chosen.whole, chosen.seed, chosen.server, folder)),
    }
    for member, (count, verdicts) in runs.items():
        if count:
            made = list(following(verdicts, count, "whole suite"))
            found[member] = [one.packed() for one in made]
            told.append(whole_suite.headline(made))
            wrong += [_complaint(one) for one in made if not one.right]
    assert set(found) <= set(BESIDE)
    return found, told, wrong


def _complaint(one: whole_suite.Verdict) -> str:
    said = one.told or (
        f"not red: {', '.join(one.missing)}" if one.missing else f"red: {', '.join(one.red) or 'none'}"
    )
    unknown = f"; unknown: {', '.join(one.unknown[:5])}" if one.unknown else ""
    return f"seed {one.seed}, {one.fault or 'no fault'}: exit code {one.exit_code}, {said}{unknown}"


@dataclass(frozen=True, slots=True)
class Measuring:
    """The cells of these faults, and the same checks with none on. `options` are the server's."""

    faults: Sequence[Fault]
    load: bool
    options: tuple[str, ...]

    @property
    def beside(self) -> list[tuple[str, str]]:
        """(check, fault) of the checks that no fault names, where the fault is among these."""
        names = {fault.name for fault in self.faults}
        return [(check, name) for check, name in RED_BY.items() if name in names]

    @property
    def count(self) -> int:
        return sum(len(fault.check) for fault in self.faults) + len(self.beside)

    def cells(self) -> Iterator[Cell]:
        """Cell by cell: first what the suite sees, on one server, then the load runs, each with its own."""
        with FaultBench(*self.options) as bench:
            for fault in self.faults:
                for check in fault.check:
                    if check not in VERDICTS:
                        yield bench.probe(fault, check)
            for check, name in self.beside:
                yield replace(bench.probe(CATALOGUE[name], check), named=False)
        with tempfile.TemporaryDirectory() as folder:
            for fault in self.faults:
                for check in fault.check:
                    if check in VERDICTS and self.load:
                        yield load_run.probe(fault, check, Path(folder), *self.options)
                    elif check in VERDICTS:
                        yield _not_run(fault, check)

    def innocent(self) -> tuple[int, list[str]]:
        """The same checks with no fault on: how many tests, and which were red all the same."""
        named = [check for fault in self.faults for check in fault.check]
        slugs = [slug_of(check) for check in named if check not in VERDICTS]
        with FaultBench(*self.options) as bench:
            count, alarms = bench.innocent([*slugs, *(check for check, _ in self.beside)])
        if self.load and not set(VERDICTS).isdisjoint(named):
            with tempfile.TemporaryDirectory() as folder:
                count, alarms = count + 1, alarms + load_run.innocent(Path(folder), *self.options)
        return count, alarms


def _not_run(fault: Fault, check: str) -> Cell:
    return Cell(fault=fault.name, family=fault.family, check=check, given=fault.name, outcome="not run")


def _write(path: Path, text: str) -> None:
    """To a temporary name, then renamed: a reader sees all of it or none."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it has started ends with it
    sys.exit(main())

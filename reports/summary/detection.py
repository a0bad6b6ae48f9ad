"""What the checks are worth: the detection matrix that `make power` leaves behind, read for a report.

Every fault of the reference server was switched on alone, and each check that it names was run. The file belongs to the
machine and not to a run, so a report shows it with its date and judges nothing by it. A field that a newer or older
writer adds or leaves out is no error; a file that cannot be read is the same as none.

    >>> read(Path("nowhere/power.json")) is None
    True
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

FILE = "power.json"
RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionCell:
    """One check against one fault. `requests` and `seconds` until its `outcome` (tests.power.cell)."""

    check: str
    outcome: str
    requests: int
    seconds: float

    @property
    def caught(self) -> bool:
        return self.outcome == RED


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedFault:
    name: str
    family: str
    cells: tuple[DetectionCell, ...]
    stock: str
    """What the stock Schemathesis command line made of it (`found`, `missed`), and empty where nobody asked."""

    @property
    def caught(self) -> bool:
        return all(cell.caught for cell in self.cells)

    @property
    def requests(self) -> int:
        """Until the first check went red."""
        return min((cell.requests for cell in self.cells if cell.caught), default=0)

    @property
    def seconds(self) -> float:
        return min((cell.seconds for cell in self.cells if cell.caught), default=0.0)


@dataclass(frozen=True, kw_only=True)
class DetectionMatrix:
    """The detection matrix of `make power`. `made` is the day of the file. `clean` tests ran with no fault on, and `alarms` of
    them were red."""

    made: str
    faults: tuple[DetectedFault, ...]
    clean: int
    alarms: int
    median_requests: float

    @property
    def detected(self) -> int:
        return sum(fault.caught for fault in self.faults)

    @property
    def stock(self) -> tuple[int, int] | None:
        """(found, asked) of the stock command line; None where it was not run."""
        asked = [fault.stock for fault in self.faults if fault.stock]
        return (sum(told == "found" for told in asked), len(asked)) if asked else None

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fault.family for fault in self.faults))

    @property
    def columns(self) -> tuple[str, ...]:
        """Families of checks, the busiest first."""
        totals: dict[str, int] = {}
        for (_, column), (_, total) in self.grid.items():
            totals[column] = totals.get(column, 0) + total
        return tuple(sorted(totals, key=lambda column: (-totals[column], column)))

    @cached_property
    def grid(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """(family of faults, family of checks) -> (cells that are red, cells)."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for fault in self.faults:
            for cell in fault.cells:
                key = fault.family, cell.check.partition(".")[0]
                red, total = found.get(key, (0, 0))
                found[key] = red + cell.caught, total + 1
        return found

    def of(self, family: str) -> tuple[int, int]:
        """(detected, all) faults of a family."""
        faults = [fault for fault in self.faults if fault.family == family]
        return sum(fault.caught for fault in faults), len(faults)


def read(*places: Path) -> DetectionMatrix | None:
    """The first of these files that can be read."""
    for path in places:
        try:
            document = json.loads(path.read_bytes())
            made = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
            return of(document, made)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            continue
    return None


def of(document: Mapping[str, Any], made: str) -> DetectionMatrix:
    """KeyError, TypeError or ValueError if it is no matrix (tests.power.matrix)."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for cell in document["cells"]:
        if cell.get("named", True):
            rows.setdefault(str(cell["fault"]), []).append(cell)
    if not rows:
        raise ValueError("there is no cell in it")
    summary = document.get("summary", {})
    return DetectionMatrix(
        made=made,
        faults=tuple(
            _fault(name, cells, document.get("stock", {}).get(name, {})) for name, cells in rows.items()
        ),
        clean=int(summary.get("cleanTests", 0)),
        alarms=len(summary.get("falseAlarms", ())),
        median_requests=float(summary.get("medianRequests", 0)),
    )


def _fault(name: str, cells: list[Mapping[str, Any]], stock: Mapping[str, Any]) -> DetectedFault:
    return DetectedFault(
        name=name,
        family=str(cells[0]["family"]),
        cells=tuple(
            DetectionCell(
                check=str(cell["check"]),
                outcome=str(cell["outcome"]),
                requests=int(cell.get("requests", 0)),
                seconds=float(cell.get("seconds", 0.0)),
            )
            for cell in cells
        ),
        stock=str(stock.get("outcome", "")),
    )

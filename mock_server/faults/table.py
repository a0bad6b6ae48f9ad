"""`python -m mock_server faults`: the catalogue as a table for people, or as JSON for programs."""

from collections.abc import Iterable
from typing import Any

import msgspec

from mock_server.faults.catalogue import CATALOGUE
from mock_server.faults.fault import FAMILIES, Fault


def as_json() -> str:
    """An array with one object a fault."""
    text = msgspec.json.encode([entry(fault) for fault in CATALOGUE.values()])
    return msgspec.json.format(text, indent=2).decode()


def entry(fault: Fault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "family": fault.family,
        "breaks": fault.breaks,
        "what": fault.what,
        "operations": list(fault.operations),
        "parameters": dict(fault.accepted),
        "chance": fault.chance,
        "check": list(fault.check),
    }


def as_table() -> str:
    """By family; the columns as wide as their widest cell."""
    rows = [(_call(f), f.breaks, " ".join(f.check), f.what) for f in CATALOGUE.values()]
    head = ("fault", "breaks", "caught by", "what it does")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(3)]
    lines = []
    for family in FAMILIES:
        faults = [f for f in CATALOGUE.values() if f.family == family]
        lines += [f"\n{family} ({len(faults)})", _line(head, widths)]
        lines += [_line((_call(f), f.breaks, " ".join(f.check), f.what), widths) for f in faults]
    ending = (
        f"\n{len(CATALOGUE)} faults. --fault NAME[:key=value,...] switches one on and may be repeated. All but realtime"
        "\nfaults also take rate=SHARE (struck by a seeded chance) and operation=ID+ID (only these operations)."
    )
    return "\n".join(lines)[1:] + "\n" + ending


def _call(fault: Fault) -> str:
    """The name with its own parameters at their defaults, as `--fault` takes it."""
    given = [f"{key}={value}" for key, value in fault.parameters.items()]
    if fault.rate < 1:
        given.append(f"rate={fault.rate}")
    return fault.name + (":" + ",".join(given) if given else "")


def _line(cells: Iterable[str], widths: list[int]) -> str:
    *left, last = cells
    return "  ".join([cell.ljust(width) for cell, width in zip(left, widths, strict=True)] + [last])

"""The column beside ours: what Schemathesis' own command line makes of each fault that shows over HTTP.

Each fault is switched on alone, on a server as new, and `st run` is run on it once, as `commandline` says. Any failure that it
names counts as found: with no fault on it names none, which is measured too. It stops at its first failure, so its cost
is what a user waits for.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from mock_server.faults import CATALOGUE
from mock_server.faults.fault import FAMILIES, Fault
from tests.power.runs import schemathesis_command
from tests.power.runs.fault_bench import SEED, FaultBench, steer

EACH = 3
"""Faults of each family in the sample, beside the ten of the published study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One run. `outcome` is found, missed, error (it failed without naming a failure) or timeout; `requests` are those
    that reached the server; `told` what it said."""

    fault: str
    family: str
    outcome: str
    requests: int
    seconds: float
    told: str
    hooks: bool = False

    @property
    def found(self) -> bool:
        return self.outcome == "found"

    def packed(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 1)}


def over_http(faults: Sequence[Fault]) -> list[Fault]:
    """Those that a tool which speaks HTTP only could see at all."""
    return [fault for fault in faults if fault.family != "realtime"]


def sample(faults: Sequence[Fault]) -> list[Fault]:
    """The ten of the study, and EACH of every family that is left, drawn by a fixed seed."""
    rest = [fault for fault in over_http(faults) if not fault.name.startswith("za-")]
    chosen = {fault.name for fault in faults if fault.name.startswith("za-")}
    for family in FAMILIES:
        names = [fault.name for fault in rest if fault.family == family]
        chosen |= set(random.Random(f"stock:{family}").sample(names, min(EACH, len(names))))
    return [fault for fault in faults if fault.name in chosen]


def command() -> str:
    words = " ".join(schemathesis_command.options(seed=SEED))
    return f"st run openapi.yaml --url URL {words} (Schemathesis {version('schemathesis')}; logs in by its configuration file)"


def column(
    faults: Sequence[Fault], folder: Path, *, jobs: int = 1, hooks: bool = False
) -> Iterator[Sighting]:
    """A run for each, `jobs` at a time, in the order in which they end; first one with no fault on."""
    with ExitStack() as stack:
        idle: SimpleQueue[FaultBench] = SimpleQueue()
        for _ in range(jobs):
            idle.put(stack.enter_context(FaultBench()))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))

        def look(fault: Fault | None) -> Sighting:
            bench = idle.get()
            try:
                return _look(bench, fault, folder, hooks=hooks)
            finally:
                bench.clean()
                idle.put(bench)

        yield from pool.map(look, [None, *faults])


def _look(bench: FaultBench, fault: Fault | None, folder: Path, *, hooks: bool) -> Sighting:
    name = "" if fault is None else fault.name
    url = bench.server.url
    bench.clean()
    steer(url, "PUT", "/faults", {"faults": [name] if name else []})
    words = schemathesis_command.options(seed=SEED)
    done = schemathesis_command.run(
        url, folder / (name or "clean") / ("hooks" if hooks else "alone"), words, hooks=hooks
    )
    return Sighting(
        fault=name,
        family="" if fault is None else fault.family,
        outcome=done.said,
        requests=steer(url, "GET", "/journal")["total"],
        seconds=done.seconds,
        told=done.told,
        hooks=hooks,
    )


def packed(sightings: Sequence[Sighting], which: str) -> dict[str, Any]:
    """`stock`: fault -> what came of it; `stockRun`: how it was run, the clean run, and the sums (by family as well)."""
    alone = [s for s in sightings if s.fault and not s.hooks]
    rows = {s.fault: s.packed() for s in alone}
    for one in sightings:
        if one.fault in rows and one.hooks:
            rows[one.fault]["withHooks"] = one.packed()
    hooked = [s for s in sightings if s.fault and s.hooks]
    return {
        "stock": rows,
        "stockRun": {
            "command": command(),
            "which": which,
            "asked": len(alone),
            "found": sum(s.found for s in alone),
            "withHooks": {"asked": len(hooked), "found": sum(s.found for s in hooked)} if hooked else None,
            "seconds": round(sum(s.seconds for s in alone), 1),
            "clean": [s.packed() for s in sightings if not s.fault],
            "families": {
                family: [
                    sum(s.found for s in alone if s.family == family),
                    sum(s.family == family for s in alone),
                ]
                for family in FAMILIES
                if any(s.family == family for s in alone)
            },
        },
    }


def alarms(sightings: Sequence[Sighting]) -> list[str]:
    """What it said of the server without a fault: then its findings prove nothing."""
    return [
        f"st run{' with hooks' if s.hooks else ''}: {s.outcome}: {s.told}"
        for s in sightings
        if not s.fault and s.outcome != "missed"
    ]


def chosen(which: str, faults: Sequence[Fault], *, picked: bool) -> list[Fault]:
    """`which` is none, sample or all; faults that were named one by one are all meant."""
    if which == "none":
        return []
    return (
        over_http(faults)
        if which == "all" or picked
        else [f for f in sample(list(CATALOGUE.values())) if f in faults]
    )

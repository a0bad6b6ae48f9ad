"""The whole suite as a user runs it: over many seeds on the clean server, and with one fault on.

One root cause must not drown in its consequences, so what else turns red beside the checks that the fault names is counted.
"""

import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from contracts.run import parse
from mock_server.faults import CATALOGUE
from mock_server.faults.fault import Fault
from tests.power.named_checks import VERDICTS, slug_of
from tests.suite_command import run_suite

LIMIT = 600.0
LONGEST = 2_000
"""Characters of its output that are kept of a run that nothing else explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One run of the suite. `red` and `unknown` are tests as `check[operation]`; `missing` the named checks that are not red."""

    seed: int
    fault: str
    exit_code: int
    red: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    tests: int = 0
    unchecked: int = 0
    seconds: float = 0.0
    told: str = ""
    missing: tuple[str, ...] = ()
    named: tuple[str, ...] = field(default=())

    @property
    def collateral(self) -> tuple[str, ...]:
        """Red checks (not tests) that the fault does not name."""
        named = {slug_of(name) for name in self.named}
        return tuple(dict.fromkeys(slug_of(test) for test in self.red if slug_of(test) not in named))

    @property
    def right(self) -> bool:
        """Without a fault nothing is red and all is known; with one the verdict is FAIL and every named check is red."""
        return self.exit_code == (1 if self.fault else 0) and not self.missing and not self.told

    def packed(self) -> dict[str, Any]:
        return asdict(self) | {
            "seconds": round(self.seconds, 1),
            "collateral": self.collateral,
            "right": self.right,
        }


def seeds(count: int, server: str, folder: Path) -> Iterator[Verdict]:
    for seed in range(1, count + 1):
        yield run(seed, None, server, folder)


def faults(count: int, seed: int, server: str, folder: Path) -> Iterator[Verdict]:
    """So many faults that the suite can see, drawn by the seed."""
    for name in drawn(count, seed):
        yield run(seed, CATALOGUE[name], server, folder)


def drawn(count: int, seed: int) -> list[str]:
    names = [name for name, fault in CATALOGUE.items() if not set(fault.check) <= set(VERDICTS)]
    return random.Random(f"whole:{seed}").sample(names, min(count, len(names)))


def run(seed: int, fault: Fault | None, server: str, folder: Path) -> Verdict:
    name = "" if fault is None else fault.name
    out = folder / f"whole-{name or 'clean'}-{seed}.json"
    options = f"--server {server}" + (f" --fault {name}" if name else "")
    began = time.perf_counter()
    try:
        done = run_suite("--seed", str(seed), "--run-out", str(out), f"--embedded={options}", seconds=LIMIT)
    except subprocess.TimeoutExpired:
        return Verdict(
            seed=seed, fault=name, exit_code=-1, seconds=LIMIT, told=f"no end within {LIMIT:.0f} s"
        )
    seconds = time.perf_counter() - began
    if not out.exists():
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        return Verdict(
            seed=seed,
            fault=name,
            exit_code=done.returncode,
            seconds=seconds,
            told=" ".join(last) or "no result",
        )
    made = _verdict(seed, fault, done.returncode, out, seconds)
    if not (made.right or made.red or made.unknown or made.told or made.missing):
        made = replace(
            made, told=" / ".join(line for line in done.stdout.splitlines() if line.strip("=. "))[-LONGEST:]
        )
    return made


def _verdict(seed: int, fault: Fault | None, code: int, out: Path, seconds: float) -> Verdict:
    result = parse(out.read_text("utf-8"), name=out.name)
    checks = result.checks
    out.unlink()
    unreached = [
        f"{cell.kind} {cell.name} of {cell.operation or 'all'}"
        for cell in result.coverage
        if cell.required and not cell.reached
    ]

    def of(grade: str) -> tuple[str, ...]:
        return tuple(f"{c.id}[{c.operation}]" if c.operation else c.id for c in checks if c.grade == grade)

    skipped = {
        f"{c.id}[{c.operation}]" if c.operation else c.id
        for c in checks
        if c.reason.startswith("not checked: ")
    }
    red = of("FAIL")
    named = () if fault is None else tuple(name for name in fault.check if name not in VERDICTS)
    reds = {slug_of(test) for test in red}
    return Verdict(
        seed=seed,
        fault="" if fault is None else fault.name,
        exit_code=code,
        red=red,
        unknown=tuple(name for name in of("UNKNOWN") if name not in skipped),
        tests=len(checks),
        unchecked=len(skipped),
        seconds=seconds,
        told=f"not reached: {', '.join(unreached)}" if unreached and fault is None else "",
        named=named,
        missing=tuple(
            name for name in named if (name if "[" in name else slug_of(name)) not in (reds | set(red))
        ),
    )


def headline(verdicts: Sequence[Verdict]) -> str:
    """One line about runs of one kind."""
    right = sum(v.right for v in verdicts)
    if not verdicts[0].fault:
        red = sum(len(v.red) for v in verdicts)
        return f"clean server, {len(verdicts)} seeds: {right} passed, {red} tests red; {_seconds(verdicts)}"
    beside = [len(v.collateral) for v in verdicts]
    return (
        f"whole suite on {len(verdicts)} faults: verdict FAIL and every named check red on {right}; beside them"
        f" {min(beside)} to {max(beside)} other checks red; {_seconds(verdicts)}"
    )


def _seconds(verdicts: Sequence[Verdict]) -> str:
    taken = sorted(v.seconds for v in verdicts)
    return f"{taken[0]:.0f} to {taken[-1]:.0f} s each"

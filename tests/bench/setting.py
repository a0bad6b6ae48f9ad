"""What one run of the benches is told: how long, on which cores, where to put things, and whom to tell how far it is."""

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cores:
    """Server and generator each get a core of their own, where there are two and a tool that pins."""

    server: int | None
    generator: int | None

    def pin_server(self) -> list[str]:
        """What to put before a server's command line."""
        return _pin(self.server)

    def pin_generator(self) -> list[str]:
        return _pin(self.generator)

    def claim(self) -> None:
        """This process, and what it starts unpinned, stays off the server's core."""
        if self.generator is not None:
            os.sched_setaffinity(0, {self.generator})

    @property
    def told(self) -> str:
        if self.server is None:
            return "one core, or no taskset: server and generator share it, and nothing is pinned"
        return f"server on core {self.server}, generator on core {self.generator}"


def _pin(core: int | None) -> list[str]:
    return [] if core is None else ["taskset", "-c", str(core)]


def cores() -> Cores:
    """The first two cores that this process may use."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(allowed) < 2 or shutil.which("taskset") is None:
        return Cores(None, None)
    return Cores(allowed[0], allowed[1])


@dataclass(frozen=True, slots=True)
class Setting:
    """`folder` is scratch space that is removed afterwards; `cache` keeps what was downloaded for the next run."""

    folder: Path
    cache: Path
    quick: bool = False
    cores: Cores = field(default_factory=cores)

    @property
    def rounds(self) -> int:
        """Of which the median is told."""
        return 1 if self.quick else 3

    def say(self, text: str) -> None:
        """One line of progress that the next one overwrites; on a terminal only."""
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text[:110]}", end="", file=sys.stderr, flush=True)

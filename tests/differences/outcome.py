"""What one row came to: which checks were red, and whether that is what the row wants.

>>> Outcome(table="faults", row="lost", why="", wanted=("a.b",), red=("a.b", "c.d"), code=1, seconds=1.0).right
True
>>> Outcome(table="harmless", row="late", why="", wanted=(), red=("a.b",), code=1, seconds=1.0).told
'harmless late: red: a.b'
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`red` are tests as pytest names them. `wanted` is empty for a harmless row. `crashed`: checks that failed themselves."""

    table: str
    row: str
    why: str
    wanted: tuple[str, ...]
    red: tuple[str, ...]
    code: int
    seconds: float
    crashed: tuple[str, ...] = ()
    requests: int = 0
    words: tuple[str, ...] = ()
    partial: bool = False

    @property
    def known(self) -> bool:
        """The run came to a verdict: pass, fail or "not reached"."""
        return self.code in (0, 1, 2) and not self.crashed

    @property
    def missed(self) -> tuple[str, ...]:
        """Wanted and not red; a check of several tests is red where one of them is."""
        seen = {name.partition("[")[0] for name in self.red} | set(self.red)
        return tuple(name for name in self.wanted if name not in seen)

    @property
    def right(self) -> bool:
        if self.table == "faults":
            return self.code == 1 and bool(self.red) and not self.missed
        return self.code in ((0, 2) if self.partial else (0,)) and not self.red and not self.crashed

    @property
    def told(self) -> str:
        if self.right:
            return f"{self.table} {self.row}: right"
        parts = [f"not seen by {', '.join(self.missed)}"] if self.missed else []
        parts += [f"crashed: {', '.join(self.crashed)}"] if self.crashed else []
        parts += [f"red: {', '.join(self.red)}"] if self.red else []
        return "\n    ".join(
            (f"{self.table} {self.row}: {'; '.join(parts) or f'exit code {self.code}'}", *self.words)
        )

    def packed(self) -> dict[str, Any]:
        return asdict(self) | {"right": self.right, "seconds": round(self.seconds, 1)}


def markdown(outcomes: Sequence[Outcome], seconds: float) -> str:
    """The table for people."""
    lines = [
        "# The suite through a stranger's proxy",
        "",
        f"{sum(o.right for o in outcomes)} of {len(outcomes)} rows as they must be, in {seconds:.0f} s. A harmless",
        "difference leaves every check green; a fault turns red at least the checks that it names.",
        "",
        "| table | row | right | red | why | seconds |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for o in outcomes:
        red = ", ".join(f"`{name}`" for name in o.red[:4]) + (
            f" and {len(o.red) - 4} more" if len(o.red) > 4 else ""
        )
        told = red or ("none" if o.known else f"exit code {o.code}")
        right = "yes" if o.right else "**no**"
        lines.append(
            f"| {o.table} | `{o.row}` | {right} | {told} | {o.why.replace('|', '/')} | {o.seconds:.0f} |"
        )
    return "\n".join(lines) + "\n"

"""The checks that a run did not make, as a number with reasons, for the top of every output.

A check that could not be run is UNKNOWN and blocks, but hundreds of them would hide each other. A check about something that the
document does not promise is not applicable; it is counted separately, as neither passed nor failed.

>>> from contracts.run import Run
>>> not_checked(Run(started="", finished="", target="", seed=1)).sentence
''
"""

from collections import Counter
from dataclasses import dataclass

from contracts.run import Run
from reports.text.display import clipped, plain, plural

REASONS, WORDS = 3, 90
"""Reasons that the sentence names, and characters of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """The checks that a run did not make. `reasons` have their numbers of checks, the commonest first; `parts` never started."""

    count: int
    of: int
    reasons: tuple[tuple[str, int], ...]
    not_applicable: int
    parts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What was not checked, in one sentence: `303 of 601 checks not run, 12 not applicable to this document: 200 because …`;
        empty if nothing is missing."""
        numbers = [f"{self.count:,} of {plural(self.of, 'check')} not run"] if self.count else []
        if self.not_applicable:
            noun = "" if numbers else "checks "
            numbers.append(f"{self.not_applicable:,} {noun}not applicable to this document")
        parts = [", ".join(numbers)] if numbers else []
        if self.count:
            named = [
                f"{count:,} because {clipped(reason, WORDS)}" for reason, count in self.reasons[:REASONS]
            ]
            rest = self.count - sum(count for _, count in self.reasons[:REASONS])
            named += [f"{rest:,} for {plural(len(self.reasons) - REASONS, 'other reason')}"] if rest else []
            parts[0] += f": {'; '.join(named)}"
        if self.parts:
            parts.append(f"never started: {', '.join(self.parts)}")
        return "; ".join(parts)


def not_checked(run: Run) -> NotChecked:
    unknown = [check for check in run.checks if check.grade == "UNKNOWN"]
    counts = Counter(plain(check.reason) or "no reason was given" for check in unknown)
    return NotChecked(
        count=len(unknown),
        of=len(run.checks) + len(run.not_applicable),
        reasons=tuple(counts.most_common()),
        not_applicable=len(run.not_applicable),
        parts=tuple(part.name for part in run.parts if part.ended == "skipped"),
    )

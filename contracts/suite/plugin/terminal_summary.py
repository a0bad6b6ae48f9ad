"""The lines below pytest's own summary: what was not checked and why, the causes of failures, worst first, and the coverage.

A hundred failures become at most ten lines; a file has the rest.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from contracts.dialect.not_modelled import JUDGED, all_not_modelled
from contracts.run import CheckResult
from contracts.run.failure_groups import FailureGroup, failure_groups
from contracts.suite.plugin.failure_report import NOT_APPLICABLE
from contracts.suite.plugin.run_results import Results
from contracts.suite.plugin.workers.worker_pool import FAILED_ONCE

FEW = 5
"""The most operations that one line names."""
EACH = 3
"""The most causes of one operation that are listed, so that those of others are seen too."""
SHOWN = 10
"""The most causes, reasons or coverage cells that are listed."""


def summary(results: Results, path: str, *, interrupted: bool = False) -> Iterator[str]:
    """The summary's lines. `path` is the file with all failures; empty if pytest has shown them itself."""
    rows = results.checks(interrupted=interrupted)
    for end in results.ends:
        yield f"{end.grade}: {end.reason}"
        within = [row for row in rows if row.reason == end.reason and row.replay]
        yield from (
            "; ".join([f"        in {row.id}", *(f"last answered: {line}" for line in row.curl)])
            for row in within
        )
    unknown = Counter(row.reason.removeprefix("not checked: ") for row in rows if row.grade == "UNKNOWN")
    yield from _reasons(f"NOT CHECKED: {unknown.total()} of {len(rows)}, because", unknown)
    unpromised = Counter(
        row.reason.removeprefix(NOT_APPLICABLE) for row in rows if row.reason.startswith(NOT_APPLICABLE)
    )
    heading = f"NOT APPLICABLE: {unpromised.total()} of {len(rows)}, because the document does not promise what they need"
    yield from _reasons(heading, unpromised)
    yield from _causes(rows, path)
    foreign = [verdict.subject for verdict in all_not_modelled(results.spec)]
    if foreign:
        more = f" and {len(foreign) - FEW} more" if len(foreign) > FEW else ""
        yield f"ADVISORY: {', '.join(foreign[:FEW])}{more}: {JUDGED}"
    once = [row for row in rows if row.reason.startswith(FAILED_ONCE)]
    if once:
        yield f"ADVISORY: {len(once)} {_plural(len(once), 'check')} failed beside others and passed alone"
        yield from (f"        {row.id}: {row.reason.removeprefix(FAILED_ONCE)}" for row in once[:SHOWN])
        yield from _rest(len(once), "check")
    other = (NOT_APPLICABLE, FAILED_ONCE)
    advisory = sum(1 for row in rows if row.grade == "ADVISORY" and not row.reason.startswith(other))
    if advisory:
        yield f"ADVISORY: {advisory} {_plural(advisory, 'failure')} that --level {results.settings.level} does not count"
    if results.waited:
        yield f"rate limited: waited {results.waited:.0f} s in all (429)"
    yield from _reached(results)


def _reasons(heading: str, reasons: Counter[str]) -> Iterator[str]:
    if reasons:
        yield heading
        yield from (f"  {count:4}  {reason}" for reason, count in reasons.most_common(SHOWN))
        yield from _rest(len(reasons), "reason")


def _causes(rows: Sequence[CheckResult], path: str) -> Iterator[str]:
    groups = failure_groups(rows)
    if not groups:
        return
    count = sum(len(group.results) + len(group.consequences) for group in groups)
    yield f"FAIL: {count} {_plural(count, 'failure')} of {len(groups)} {_plural(len(groups), 'cause')}, the worst first"
    shown, left = _listed(groups)
    for group in shown:
        first = group.results[0]
        name = f"{first.id}[{first.operation}]" if first.operation else first.id
        law = f". {first.title}" if group.offence.symptom == "value" else ""
        yield f"  {len(group.results):4}  {group.text}{law}  ({name})"
    if left:
        where = ", ".join(f"{number} of {name}" for name, number in left.most_common(FEW))
        more = ", …" if len(left) > FEW else ""
        yield f"        and {left.total()} more {_plural(left.total(), 'cause')}: {where}{more}"
    if path:
        yield f"every failure with its requests: {path}"


def _listed(groups: Sequence[FailureGroup]) -> tuple[list[FailureGroup], Counter[str]]:
    """(the causes to list, operation -> number of those that are left out)."""
    shown: list[FailureGroup] = []
    left: Counter[str] = Counter()
    of_one: Counter[str] = Counter()
    for group in groups:
        name = group.offence.operation or "no one operation"
        of_one[name] += 1
        if of_one[name] <= EACH and len(shown) < SHOWN:
            shown.append(group)
        else:
            left[name] += 1
    return shown, left


def _reached(results: Results) -> Iterator[str]:
    cells = [cell for cell in results.cells() if cell.required]
    lines = []
    for kind in dict.fromkeys(cell.kind for cell in cells):
        of_kind = [cell for cell in cells if cell.kind == kind]
        lines.append(f"{kind} {sum(1 for cell in of_kind if cell.reached)}/{len(of_kind)}")
    yield f"contract coverage ({results.requests:,} requests): {', '.join(lines) or 'nothing had to be reached'}"
    if results.parallelism:
        yield results.parallelism
    if not results.whole:
        yield "(a selection of checks: coverage is shown and not gated)"
    if results.not_counted:
        yield f"UNKNOWN: {results.not_counted}"
    missed = results.missed()
    if missed:
        yield f"UNKNOWN: {len(missed)} required cells were never reached:"
        yield from (f"  {cell.operation} {cell.kind} {cell.name}" for cell in missed[:SHOWN])
        yield from _rest(len(missed), "cell")


def _rest(count: int, noun: str) -> Iterator[str]:
    if count > SHOWN:
        yield f"        and {count - SHOWN} more {_plural(count - SHOWN, noun)}"


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"

"""The first lines of every format: the decision in words, and the facts of the run.

>>> SENTENCE["PASS"]
'the release may go out'
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from reports.decision.policy import PolicyEffect
from reports.decision.reasons import Reason
from reports.summary.tables import Report
from reports.text.display import plural
from reports.text.times import duration, span

SENTENCE: Mapping[str, str] = MappingProxyType(
    {
        "PASS": "the release may go out",
        "FAIL": "the release is blocked",
        "UNKNOWN": "too little is known to let the release out",
    }
)


def counted(reasons: Sequence[Reason]) -> str:
    """The numbers of reasons and warnings in words. `3 reasons, 2 warnings`; empty where there are none."""
    blocks = sum(reason.effect is PolicyEffect.BLOCK for reason in reasons)
    warns = len(reasons) - blocks
    return ", ".join(plural(n, noun) for n, noun in ((blocks, "reason"), (warns, "warning")) if n)


def sentence(report: Report) -> str:
    """The decision in one sentence. `the release is blocked: 3 reasons, 2 warnings`."""
    decided, many = SENTENCE[report.decision.word], counted(report.reasons)
    return f"{decided}: {many}" if many else decided


def facts(report: Report) -> list[tuple[str, str]]:
    """What was run against what, as (name, value) pairs."""
    run = report.run
    requests = sum(row.requests for table in report.tables for row in table.rows)
    found = [
        ("target", run.target or "–"),
        ("took", duration(span(run.started, run.finished))),
        ("checks", f"{len(run.checks):,}"),
        ("load requests", f"{requests:,}"),
        ("seed", str(run.seed)),
    ]
    if run.spec:
        found.append(("spec", f"{run.spec.title} {run.spec.version} · {run.spec.digest[:12]}"))
    return found

"""Additional verdicts on a target with a document of its own: what was not sent, and which operations have no model."""

from collections.abc import Collection, Iterator

from contracts.dialect import dialect_of
from contracts.dialect.not_modelled import not_modelled
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.journeys import ALL
from load.journeys.foreign_journeys import foreign_journeys


def foreign_verdicts(spec: Spec, asked: Collection[str], total: LoadRecorder) -> Iterator[Verdict]:
    """The verdicts; none for our own document."""
    dialect = dialect_of(spec)
    if dialect is None:
        return
    left_out = foreign_journeys(dialect, ALL).left_out
    if left_out:
        listed = "; ".join(f"{name} ({reason})" for name, reason in left_out.items())
        yield Verdict(check="load.left-out", grade=Grade.ADVISORY, reason=f"not sent: {listed}")
    for operation in dialect.unmodelled:
        if operation.id in asked:
            statuses = total.tallies[operation.id].statuses if operation.id in total.tallies else {}
            answers = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
            succeeded = any(200 <= int(status) < 400 for status in statuses if str(status).isdigit())
            hint = "" if succeeded else "; an example in the document, or an overlay, tells what succeeds"
            yield not_modelled(operation.id, f"answers {answers or 'none'}{hint}")

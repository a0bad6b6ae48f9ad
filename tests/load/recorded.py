"""What a load run has counted, made up: so many answers of one operation, of which some were slow, late, errors or never sent."""

from contracts.spec import load
from load.engine.recorder import LoadRecorder

SPEC = load()
MS = 1_000_000
THRESHOLDS = {op.id: round(op.objective.threshold_ms * MS) for op in SPEC}
READ = SPEC["getContentItem"]


def recorded(
    answered: int = 900, *, operation: str = READ.id, every: float = 1, took: float = 5, over: int = 0, over_ms: float = 201,
    late: int = 0, late_ms: float = 30, still: int = 0, stalled: int = 0, errors: int = 0, kind: str = "500", dropped: int = 0,
    lag: int = 0,
) -> LoadRecorder:  # fmt: skip
    """A request is due every so many ms and takes `took`. The first `over` of them take `over_ms`, the first `late` are sent
    `late_ms` after they were due, and while the first 30 waited the generator stood still for `still`; the last `stalled` take 1.5 s.
    Then come errors; `lag` is the event loop's."""
    found = LoadRecorder(THRESHOLDS)
    for n in range(answered + errors):
        due = round(n * every * MS)
        sent = due + round(late_ms * MS if n < late else 0)
        ms = 1_500 if answered - stalled <= n < answered else over_ms if n < over else took
        found.due(operation, due)
        found.sent(operation, due=due, sent=sent)
        done = sent + round(ms * MS)
        if n < answered:
            found.answered(
                operation, due=due, sent=sent, done=done, status=200, still=still * MS if n < 30 else 0
            )
        else:
            found.failed(operation, due=due, done=done, kind=kind, example="x")
    for _ in range(dropped):
        found.due(operation, 0)
        found.drop(operation, "no item")
    for _ in range(100 * bool(lag)):
        found.lag.record(lag * MS)
    return found

"""The judges of a whole run, which add verdicts after all parts have ended, such as a comparison with a baseline.

>>> from contracts.run import Run
>>> run = judged(Run(started="", finished="", target="", seed=1), [lambda run: 1 / 0])
>>> [(verdict.check, verdict.grade) for verdict in run.verdicts]
[('run.judge', 'UNKNOWN')]
"""

from collections.abc import Callable, Iterable

from contracts.run import Run, VerdictRecord

Judge = Callable[[Run], list[VerdictRecord]]


def judged(run: Run, judges: Iterable[Judge]) -> Run:
    """The run with the judges' verdicts, in place of those of the same checks from an earlier judgement."""
    fresh: list[VerdictRecord] = []
    for judge in judges:
        fresh += _guarded(judge, run)
    families = {verdict.check.partition(".")[0] for verdict in fresh} - {"run"}
    kept = [verdict for verdict in run.verdicts if verdict.check.partition(".")[0] not in families]
    return run.model_copy(update={"verdicts": [*kept, *fresh]}) if fresh else run


def _guarded(judge: Judge, run: Run) -> list[VerdictRecord]:
    """The verdicts of one judge. A judge that crashes has found nothing out, so its verdict is UNKNOWN and the report is still written."""
    try:
        return judge(run)
    except Exception as error:
        reason = f"a judge itself failed ({type(error).__name__}: {error}); this is a bug in the harness"
        return [VerdictRecord(check="run.judge", grade="UNKNOWN", reason=reason)]

"""Checks and metrics of the user's own, counted by name in every process, and their verdicts.

>>> recorder = LoadRecorder({})
>>> check(recorder, "has rows", True); check(recorder, "has rows", False); measure(recorder, "rows", 12.5)
>>> [(verdict.grade.name, verdict.subject, verdict.reason) for verdict in verdicts(recorder)]
[('FAIL', 'has rows', '1 of 2 failed'), ('PASS', 'rows', '1 values: p50 12.5, p99 12.5, max 12.5')]
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import jsonpath
import jsonschema_rs

from contracts.run.histogram import Histogram
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.journeys import DecodedAnswer, Journey
from load.journeys.data_pool import DataPool, Draft

FINE = 1000
"""The resolution of a metric: steps per unit."""


def check(recorder: LoadRecorder, name: str, passed: bool) -> None:
    recorder.checks[f"{'passed' if passed else 'failed'} {name}"] += 1


def measure(recorder: LoadRecorder, name: str, value: float) -> None:
    """Count a value of a metric; negative values count as 0."""
    recorder.metrics.setdefault(name, Histogram()).record(max(0, round(value * FINE)))


def watched(journey: Journey, what: Sequence[tuple[str, str, str, Any]], recorder: LoadRecorder) -> Journey:
    """A journey with the checks and metrics of a scenario file: (`checks` or `metrics`, name, JSONPath, schema) of good answers."""
    if not what:
        return journey
    looks = [
        (kind, name, jsonpath.compile(at), jsonschema_rs.validator_for(schema))
        for kind, name, at, schema in what
    ]

    def learn(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
        for kind, name, place, validator in looks:
            values = place.findall(answer.value)
            if kind == "checks":
                check(recorder, name, bool(values) and all(validator.is_valid(value) for value in values))
            else:
                for value in values:
                    if isinstance(value, int | float):
                        measure(recorder, name, value)
        journey.learn(data_pool, draft, answer)

    return replace(journey, learn=learn)


def verdicts(recorder: LoadRecorder) -> Iterator[Verdict]:
    asked: Counter[str] = Counter()
    for key, count in recorder.checks.items():
        asked[key.partition(" ")[2]] += count
    for name, count in sorted(asked.items()):
        failed = recorder.checks[f"failed {name}"]
        reason = f"{failed} of {count} failed" if failed else f"{count} passed"
        grade = Grade.FAIL if failed else Grade.PASS
        yield Verdict(
            check="own.check",
            grade=grade,
            subject=name,
            reason=reason,
            evidence={"asked": count, "failed": failed},
        )
    for name, values in sorted(recorder.metrics.items()):
        shown = {
            label: (values.quantile(q) or 0) / FINE
            for label, q in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        }
        reason = (
            f"{values.total} values: {', '.join(f'{label} {value:.4g}' for label, value in shown.items())}"
        )
        evidence = {**shown, "values": values.total}
        yield Verdict(check="own.metric", grade=Grade.PASS, subject=name, reason=reason, evidence=evidence)

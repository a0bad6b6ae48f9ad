"""Verdicts on a run beside a baseline: refused, not slower, slower, or too much slower.

A window holds the quantiles of all operations together, so that is what is compared, and the reason says so. Which
operation has moved most is named beside it, from whole histograms and without any claim of significance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contracts.run import Run, VerdictRecord, Window
from contracts.verdict import Grade
from reports.baseline.kept import Baseline, KeptLoad, machine, of_run, place
from reports.baseline.statistics import ALPHA, BLOCKS, LEAST, Shift, shift
from reports.figure import ms

SLOW, SLOWER = 0.05, 0.10
"""A significant difference from SLOW on is a remark, and over SLOWER a failure."""
QUANTILES = ("p50", "p99")
RESERVE = 2.0
LEVEL = ALPHA / len(QUANTILES) / RESERVE
"""Of each test. The stated rate is for all quantiles of a run together (Bonferroni); the reserve is for windows that
resemble each other longer than a run can show: at 200 windows with a correlation of 0.8 it is needed, by simulation."""


def refusals(old: Baseline, new: Baseline) -> list[str]:
    """Why the two may not be compared; empty if they may."""
    told = []
    pairs = (
        ("machine", machine(old.environment), machine(new.environment)),
        ("target", place(old.target), place(new.target)),
        ("openapi.yaml", _digest(old), _digest(new)),
    )
    for name, was, now in pairs:
        if was != now:
            told.append(f"another {name}: {now}, and the baseline has {was}")
    return told


def _digest(baseline: Baseline) -> str:
    return f"{baseline.spec.version} {baseline.spec.digest[:12]}" if baseline.spec else "none"


def choose(among: Sequence[Baseline], run: Run) -> tuple[Baseline | None, list[str]]:
    """The first that may be compared, and else why the first may not."""
    whole = of_run(run)
    for baseline in among:
        if not _all_refusals(baseline, whole):
            return baseline, []
    return None, _all_refusals(among[0], whole)


def _all_refusals(old: Baseline, new: Baseline) -> list[str]:
    told = refusals(old, new)
    if not new.loads:
        told.append("this run has no load result")
    for load in new.loads:
        told += _refused(_same(old, load), old, load)
    return told


def _same(old: Baseline, load: KeptLoad) -> KeptLoad | None:
    return next(
        (kept for kept in old.loads if (kept.scenario, kept.plan) == (load.scenario, load.plan)), None
    )


def _refused(kept: KeptLoad | None, old: Baseline, load: KeptLoad) -> Iterator[str]:
    if kept is None:
        has = " and ".join(f"{other.scenario} ({other.plan})" for other in old.loads)
        yield f"another scenario or plan: {load.scenario} ({load.plan}), and the baseline has {has}"
    if load.saturated:
        yield f"{load.scenario}: the load generator was saturated ({load.saturated})"


def verdicts(among: Sequence[Baseline], run: Run, *, seed: int) -> list[VerdictRecord]:
    """At least one. `seed` draws the bootstrap's blocks: the same files always give the same verdict."""
    baseline, told = choose(among, run)
    if baseline is None:
        reason = f"not comparable with the baseline of {among[0].started}: {'; '.join(told)}"
        return [_record("baseline.comparable", Grade.UNKNOWN, reason)]
    whole = of_run(run)
    found = []
    for load in whole.loads:
        kept = _same(baseline, load)
        assert kept is not None  # choose() has seen to it
        found += [_judged(_Question(baseline.started, kept, load, name), seed) for name in QUANTILES]
    return found


@dataclass(frozen=True, slots=True)
class _Question:
    since: str
    kept: KeptLoad
    load: KeptLoad
    quantile: str

    @property
    def check(self) -> str:
        return f"baseline.{self.quantile}"

    @property
    def subject(self) -> str:
        return f"{self.quantile} of all operations together in each second of {self.load.scenario}"


def _judged(question: _Question, seed: int) -> VerdictRecord:
    old, new = (series(load.windows, question.quantile) for load in (question.kept, question.load))
    if min(len(old), len(new)) < LEAST:
        reason = f"{question.subject}: {min(len(old), len(new))} seconds with answers are too few to compare; {LEAST} are needed"
        return _record(question.check, Grade.UNKNOWN, reason)
    found = shift(old, new, seed=seed, alpha=LEVEL)
    told = _told(question, found)
    moved = f"; most has moved {_moved(question)}" if grade(found) is not Grade.PASS else ""
    evidence = {
        "old": found.old, "new": found.new, "ratio": found.ratio, "low": found.low, "high": found.high, "p": found.p,
        "block": found.block, "alpha": found.alpha, "windows": [len(old), len(new)], "since": question.since,
    }  # fmt: skip
    record = {
        "check": question.check,
        "grade": grade(found).name,
        "reason": told + moved,
        "evidence": evidence,
    }
    return VerdictRecord.model_validate(record)


def series(windows: Sequence[Window], quantile: str) -> list[float]:
    """ns, in the order of time; seconds without an answer say nothing of latency."""
    values = (getattr(window, quantile) for window in windows)
    return [value for value in values if value]


def grade(found: Shift) -> Grade:
    slower = found.ratio - 1.0
    if slower < SLOW:
        return Grade.PASS
    if not found.enough:
        return Grade.UNKNOWN
    if not found.significant:
        return Grade.PASS
    return Grade.FAIL if slower > SLOWER else Grade.ADVISORY


def _told(question: _Question, found: Shift) -> str:
    change = f"{ms(found.old / 1e6)} → {ms(found.new / 1e6)} ms"
    percent = f"{100 * (found.ratio - 1):+.0f} %"
    interval = f"{100 * (found.low - 1):+.0f} to {100 * (found.high - 1):+.0f} %"
    certain = "" if found.significant else ", not significant"
    if not found.enough:
        certain = f"; one second resembles the next over {found.block} s, so {BLOCKS * found.block} s would be needed to tell"
    return f"{question.subject}: {change}, {percent} ({interval}, p = {found.p:.3f}{certain}) since {question.since}"


def _moved(question: _Question) -> str:
    """The operation whose quantile over the whole run grew most; whole histograms allow no test."""
    q = int(question.quantile[1:]) / 100
    before = {entry.operation: entry.latency.unpack().quantile(q) for entry in question.kept.operations}
    grown = [
        (now / was, entry.operation, was, now)
        for entry in question.load.operations
        if (was := before.get(entry.operation)) and (now := entry.latency.unpack().quantile(q))
    ]
    if not grown:
        return "nothing that both runs name"
    _, name, was, now = max(grown)
    return f"{name} ({ms(was / 1e6)} → {ms(now / 1e6)} ms over the whole run, not tested)"


def _record(check: str, grade: Grade, reason: str) -> VerdictRecord:
    return VerdictRecord.model_validate({"check": check, "grade": grade.name, "reason": reason})

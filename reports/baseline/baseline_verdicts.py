"""The verdicts of a comparison with a baseline: not comparable, not slower, slower, or too much slower.

The quantiles of time windows are compared, of all operations together and of each one with enough windows in both runs. All
comparisons share one stated rate of false alarms. An operation with too few windows is named in the evidence, without a claim of
significance.
"""

import math
from collections.abc import Iterator, Sequence

from contracts.run import Run, VerdictRecord
from contracts.verdict import Grade, Verdict
from reports.baseline import run_spread
from reports.baseline.baseline_file import Baseline, KeptLoad, machine, of_run, place
from reports.baseline.quantile_comparison import QuantileComparison, questions
from reports.baseline.shift_statistics import ALPHA, BLOCKS, LEAST, LatencyShift, shift, together
from reports.text.display import ms

SLOW, SLOWER = 0.05, 0.10
"""A significant difference from SLOW on is a remark, and over SLOWER a failure."""
RESERVE = 2.0
LEVEL = ALPHA / RESERVE / 2
"""Of each of two families (Holm within each): all operations together, and the operations one by one. So that a short run can
still tell that the whole became slower, its two comparisons do not share their rate with the thirty others. The reserve is for
windows that resemble each other longer than a run can show: at 200 windows with a correlation of 0.8 it is needed, by
simulation."""


SHORT = (
    "; too short to tell whether by chance: {} windows in a row resemble each other, so this run holds {} of the {} "
    "independent stretches that are needed; one {} times as long, beside a baseline as long, or a quieter machine would tell"
)
BEYOND = 2.0
"""Times the slowest of the kept runs. A shift so large needs no test of significance, which a slow target with its few answers a
second would never allow: p50 from 0.64 to 27.1 ms was UNKNOWN."""
FAR = "; more than twice the {} ms of the slowest kept run"
USUAL = "; no more than chance on this machine: among the {} kept runs alone it may become {} ms"
DISTURBED = "; the machine was not left to the load generator alone, which was itself up to {} ms late, so nobody knows whose delay this is"


def refusals(old: Baseline, new: Baseline) -> list[str]:
    """The reasons why a run and a baseline cannot be compared; empty if they can."""
    reasons = []
    pairs = (
        ("machine", machine(old.environment), machine(new.environment)),
        ("target", place(old.target), place(new.target)),
        ("openapi.yaml", _digest(old), _digest(new)),
    )
    for name, was, now in pairs:
        if was != now:
            reasons.append(f"another {name}: {now}, and the baseline has {was}")
    return reasons


def _digest(baseline: Baseline) -> str:
    return f"{baseline.spec.version} {baseline.spec.digest[:12]}" if baseline.spec else "none"


def choose(among: Sequence[Baseline], run: Run) -> tuple[list[Baseline], list[str]]:
    """The baselines that can be compared with the run, and the reasons against the first one where none can."""
    whole = of_run(run)
    alike = [baseline for baseline in among if not _all_refusals(baseline, whole)]
    return alike, [] if alike else _all_refusals(among[0], whole)


def _all_refusals(old: Baseline, new: Baseline) -> list[str]:
    reasons = refusals(old, new)
    if not new.loads:
        reasons.append("this run has no load result")
    for load in new.loads:
        reasons += _refused(_same(old, load), old, load)
    return reasons


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
    """The verdicts of a comparison with a baseline, at least one. `seed` draws the bootstrap's blocks: the same files always give
    the same verdict."""
    alike, reasons = choose(among, run)
    if not alike:
        reason = f"not comparable with the baseline of {among[0].started}: {'; '.join(reasons)}"
        return [_record("baseline.comparable", Grade.UNKNOWN, reason)]
    asked: list[QuantileComparison] = []
    for load in of_run(run).loads:
        newest, *others = [kept for baseline in alike if (kept := _same(baseline, load))]
        asked += questions(alike[0].started, newest, load, others)
    return answers(asked, seed)


def answers(asked: Sequence[QuantileComparison], seed: int) -> list[VerdictRecord]:
    """One verdict for each comparison, in their order."""
    found: dict[int, LatencyShift] = {}
    for alone in (False, True):
        family = [
            n for n, question in enumerate(asked) if question.enough and bool(question.operation) is alone
        ]
        shifts = [shift(asked[n].old, asked[n].new, seed=seed) for n in family]
        found |= zip(family, together(shifts), strict=True)
    return [_judged(q, found[n]) if n in found else _too_few_windows(q) for n, q in enumerate(asked)]


def _too_few_windows(question: QuantileComparison) -> VerdictRecord:
    few = min(len(question.old), len(question.new))
    reason = f"{question.subject}: {few} windows with answers are too few to compare; {LEAST} are needed"
    return _record(question.check, Grade.UNKNOWN, reason)


def _judged(question: QuantileComparison, found: LatencyShift) -> VerdictRecord:
    made = grade(found)
    if question.operation and not found.enough(LEVEL):
        # Of one operation in a short run little can be known; what must be known is asked of all together.
        made = Grade.PASS
    doubt = ""
    if made is Grade.FAIL and found.new - found.old <= question.disturbed:
        # As for objectives: a FAIL has to stand without what our own delay may have made of it.
        made, doubt = Grade.UNKNOWN, DISTURBED.format(ms(question.disturbed / 1e6))
    usual = run_spread.usual(question.kept, many=bool(question.operation))
    if made > Grade.ADVISORY and usual is not None and found.new <= usual:
        made, doubt = Grade.ADVISORY, USUAL.format(len(question.kept[: run_spread.MOST]), ms(usual / 1e6))
    beyond = BEYOND * max(question.kept, default=0.0)
    if made is Grade.UNKNOWN and not question.operation and found.new - question.disturbed > beyond > 0:
        made, doubt = Grade.FAIL, FAR.format(ms(beyond / BEYOND / 1e6))
    moved = f"; most has moved {question.moved}" if question.moved and made is not Grade.PASS else ""
    evidence = {
        "quantile": question.quantile, "scenario": question.scenario, "old": found.old, "new": found.new,
        "ratio": found.ratio, "low": found.low, "high": found.high, "p": found.p, "adjusted": found.adjusted,
        "comparisons": found.comparisons, "block": found.block, "windows": [len(question.old), len(question.new)],
        "since": question.since, "disturbed": question.disturbed, "usual": usual,
    }  # fmt: skip
    if question.rare:
        evidence["notComparedAlone"] = list(question.rare)
    reason = _reason(question, found) + doubt + moved
    return VerdictRecord.of(
        Verdict(
            check=question.check, grade=made, subject=question.operation, reason=reason, evidence=evidence
        )
    )


def grade(found: LatencyShift) -> Grade:
    slower = found.ratio - 1.0
    if slower < SLOW:
        return Grade.PASS
    if not found.enough(LEVEL):
        # Up to SLOWER it would be no failure even if it were certain, so what is not known there can block nothing.
        return Grade.UNKNOWN if slower > SLOWER else Grade.ADVISORY
    if not found.significant(LEVEL):
        return Grade.PASS
    return Grade.FAIL if slower > SLOWER else Grade.ADVISORY


def _reason(question: QuantileComparison, found: LatencyShift) -> str:
    change = f"{ms(found.old / 1e6)} → {ms(found.new / 1e6)} ms"
    percent = f"{100 * (found.ratio - 1):+.0f} %"
    interval = f"{100 * (found.low - 1):+.0f} to {100 * (found.high - 1):+.0f} %"
    certain = "" if found.significant(LEVEL) else ", not significant"
    if not found.enough(LEVEL) and found.ratio - 1 >= SLOW:
        times = math.ceil((BLOCKS + 1) / max(1, found.blocks))
        certain = SHORT.format(found.block, found.blocks, BLOCKS, max(2, times))
    of = f" of {found.comparisons} comparisons" if found.comparisons > 1 else ""
    detail = f"{interval}, p = {found.adjusted:.3f}{of}{certain}"
    return f"{question.subject}: {change}, {percent} ({detail}) since {question.since}"


def _record(check: str, grade: Grade, reason: str) -> VerdictRecord:
    return VerdictRecord.of(Verdict(check=check, grade=grade, reason=reason))

"""The scenario `capacity`: the search for the highest arrival rate at which the objective holds.

Each trial is a whole run of the daily mix at one rate, with warm-up and drain. A trial holds if the objective is shown to hold (at
95 % confidence, all operations together), without errors and with every arrival answered in time. If not, its limit is the first of
these that applies: the generator, the server, the objective.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from contracts.command import outermost
from contracts.objective import Counts, judge
from contracts.run import LoadResult
from contracts.spec import Objective, Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.http.target import parse
from load.results import run_builder
from load.results.judging import health
from load.results.run_outputs import Outputs
from load.runs.capacity_search.rate_search import RateSearch, Trial
from load.runs.coordinator import Coordinator
from load.runs.run_config import RunConfig
from load.runs.scenario_run import ScenarioRun, Tell, grade_of
from load.scenarios.scenario_table import CAPACITY

CONFIRM = 4
"""The length of a confirmation in trials."""
SAMPLES, LONGEST = 600, 60.0
"""The arrivals of a slow trial (473 prove 99 % with one violation), and its longest duration in seconds."""
SATURATED = 2
"""The number of consecutive trials with a saturated generator after which the search ends."""
KEPT_UP = 0.95
"""The share of due arrivals that must be answered by the end of a trial; below it the target does not keep up."""
LIMITS = {Grade.PASS: "", Grade.UNKNOWN: "samples", Grade.FAIL: "objective"}
OURS_TO_BLAME = frozenset({"generator", "samples"})


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """The outcome of one trial. `limit` is `generator`, `server` or `objective`, empty if the trial held, and `samples` if it was
    too short."""

    rate: float
    confirms: bool
    answered: int
    over: int
    errors: int
    limit: str
    reason: str

    @property
    def line(self) -> str:
        what = "confirm" if self.confirms else "try"
        return (
            f"{what} {self.rate:7.0f}/s: {self.limit or 'holds'}{': ' if self.limit else ', '}{self.reason}"
        )


def assess(
    trial: Trial, total: LoadRecorder, *, cpu: float | None, seconds: float, spec: Spec
) -> TrialOutcome:
    """The outcome of a trial from its counts. One operation that fails its own objective is enough to break it."""
    target = strictest(spec)
    answered = sum(tally.answered for tally in total.tallies.values())

    def outcome(limit: str, reason: str) -> TrialOutcome:
        return TrialOutcome(trial.rate, trial.confirms, answered, total.over, total.errors, limit, reason)

    verdict = judge(
        target, Counts(answered=answered, over=total.over, errors=total.errors), operation=CAPACITY.name
    )
    whole = range(int(seconds))
    done = sum(total.moments[s].done for s in whole if s in total.moments)
    due = sum(total.moments[s].planned for s in whole if s in total.moments)
    state = health(total, cpu)
    if state.blind:
        return outcome("generator", state.blind)
    if total.errors > target.error_share * max(total.done, 1):
        return outcome("server", verdict.reason)
    if done < KEPT_UP * due:
        return outcome("server", f"{done} of {due} arrivals were answered by the end")
    if state.gaps:
        return outcome("server", state.gaps)
    for name, tally in total.tallies.items():
        alone = judge(
            spec[name].objective,
            Counts(answered=tally.answered, over=tally.over, errors=tally.errors),
            operation=name,
        )
        if alone.grade is Grade.FAIL:
            return outcome("objective", f"{name}: {alone.reason}")
    return outcome(LIMITS[verdict.grade], verdict.reason)


def strictest(spec: Spec) -> Objective:
    """The objective for all operations together: the strictest share of violations and of errors of any operation."""
    found = [operation.objective for operation in spec]
    return Objective(
        threshold_ms=max(objective.threshold_ms for objective in found),
        share=max(objective.share for objective in found),
        error_share=min(objective.error_share for objective in found),
    )


class CapacitySearch(ScenarioRun):
    def __init__(
        self, spec: Spec, config: RunConfig, *, tell: Tell, gone: Callable[[str], bool], outputs: Outputs,
        say: Callable[[str], None] = outermost.say,
    ) -> None:  # fmt: skip
        """`config` has the rate of the first trial, and the duration of each."""
        super().__init__(spec, outputs)
        config.plan()
        self.config = config
        self.tell = tell
        self.gone = gone
        self.say = say
        self.seconds = config.seconds or CAPACITY.seconds
        self.search = RateSearch(start=config.rate or CAPACITY.rate)
        self.outcomes: list[TrialOutcome] = []
        self._trial: Coordinator | None = None
        self._stopped = False
        self._confirmed: list[LoadResult] = []

    @property
    def progress(self) -> str:
        return "; ".join(outcome.line for outcome in self.outcomes)

    @property
    def counted(self) -> LoadRecorder | None:
        return None if self._trial is None else self._trial.total

    def judged_so_far(self) -> Sequence[Verdict]:
        return () if self._trial is None else self._trial.judged_so_far()

    def execute(self, workers: Sequence[str]) -> None:
        began = run_builder.now()
        why: tuple[Grade, str] | None = None
        while why is None and (trial := self.search.next()) is not None:
            coordinator = self._try(trial, workers)
            why = self._cut_short(coordinator)
            if why is None:
                self._take(trial, coordinator)
                why = self._saturated()
        verdict = self._verdict(*why) if why is not None else self._found()
        result = run_builder.run(
            self.spec, began=began, ended=run_builder.now(), target=parse(self.config.host, prefix=self.spec.prefixes[0]).url,
            seed=self.config.seed, command="load capacity", loads=self._confirmed, verdicts=[verdict],
        )  # fmt: skip
        refused = None if self._trial is None else self._trial.workers.refused
        if refused is None:
            self.say(f"{result.grade.name}: {verdict.reason}")
        else:
            print(verdict.reason, file=sys.stderr)
        self.save(result, run_builder.EXIT[result.grade] if refused is None else refused[1])
        self.over.set()

    def finish(self) -> None:
        self._stopped = True
        if self._trial is not None:
            self._trial.finish()

    def hear(self, worker: str, kind: str, data: Mapping[str, Any]) -> None:
        if self._trial is not None:
            self._trial.hear(worker, kind, data)

    def _try(self, trial: Trial, workers: Sequence[str]) -> Coordinator:
        least = 0.0 if self.config.seconds else min(SAMPLES / trial.rate, LONGEST)
        seconds = max(self.seconds, least) * (CONFIRM if trial.confirms else 1)
        # Another seed for each trial, because the same arrivals again would be no confirmation.
        seed = self.config.seed * 1000 + len(self.search.trials)
        config = replace(self.config, rate=trial.rate, seconds=seconds, seed=seed)
        self._trial = Coordinator(
            self.spec, config, tell=self.tell, gone=self.gone, outputs=Outputs(quiet=True)
        )  # fmt: skip
        self._trial.execute(workers)
        self._trial.over.wait()
        return self._trial

    def _cut_short(self, coordinator: Coordinator) -> tuple[Grade, str] | None:
        """(grade, reason) if the search cannot go on."""
        if coordinator.workers.refused is not None:
            line, code = coordinator.workers.refused
            return grade_of(code), line
        if self._stopped or coordinator.stopped or coordinator.workers.stopped:
            return Grade.UNKNOWN, f"stopped after {len(self.outcomes)} trials"
        if coordinator.workers.holes:
            return Grade.UNKNOWN, f"{'; '.join(coordinator.workers.holes)} (trial {len(self.outcomes) + 1})"
        return None

    def _saturated(self) -> tuple[Grade, str] | None:
        blamed = [outcome.rate for outcome in self.outcomes[-SATURATED:] if outcome.limit == "generator"]
        if len(blamed) < SATURATED or self.search.held is not None:
            return None
        rates = " and ".join(f"{rate:.0f}/s" for rate in blamed)
        return (
            Grade.UNKNOWN,
            f"the load generator itself was saturated at {rates}: nothing is known of the target",
        )

    def _take(self, trial: Trial, coordinator: Coordinator) -> None:
        outcome = assess(
            trial, coordinator.total, cpu=max(coordinator.workers.cpu, default=None), seconds=coordinator.plan.seconds,
            spec=self.spec,
        )  # fmt: skip
        self.outcomes.append(outcome)
        self.search.tell(trial, held=not outcome.limit)
        self.say(outcome.line)
        if self.search.found is not None and coordinator.result is not None:
            self._confirmed = list(coordinator.result.loads)

    def _found(self) -> Verdict:
        # The lowest rate that broke is the upper bound of the capacity, not the last trial.
        broken = min((o for o in self.outcomes if o.limit), key=lambda o: o.rate, default=None)
        limit = broken.limit if broken else ""
        why = f"at {broken.rate:.0f}/s {broken.reason}" if broken else "no higher rate was tried"
        rate = self.search.found
        if rate is None:
            held = self.search.held
            cause = "no rate held" if held is None else f"{held:.0f}/s held once and was not confirmed"
            known = held is None and not any(o.limit in OURS_TO_BLAME for o in self.outcomes)
            return self._verdict(Grade.FAIL if known else Grade.UNKNOWN, f"{cause}; {why}", limit)
        if limit in OURS_TO_BLAME:
            return self._verdict(Grade.UNKNOWN, f"at least {rate:.0f}/s; {why}", limit, rate)
        least = "" if broken else "at least "
        return self._verdict(Grade.PASS, f"{least}{rate:.0f}/s; {why}", limit, rate)

    def _verdict(self, grade: Grade, reason: str, limit: str = "", rate: float | None = None) -> Verdict:
        evidence = {
            "perSecond": rate,
            "limit": limit,
            "trials": [asdict(outcome) for outcome in self.outcomes],
        }
        return Verdict(check="load.capacity", grade=grade, reason=reason, evidence=evidence)

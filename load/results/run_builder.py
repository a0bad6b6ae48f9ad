"""The builder of a load run's Run, and its JSON file."""

import time
from collections.abc import Sequence
from pathlib import Path

from contracts.command import atomic_file
from contracts.run import LoadResult, Run, VerdictRecord
from contracts.run.lanes import LaneRecord
from contracts.run.run_origin import environment, spec_record, stamp
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.results.judging import Health, generator, health

EXIT = {Grade.PASS: 0, Grade.ADVISORY: 0, Grade.FAIL: 1, Grade.UNKNOWN: 2}
VERSIONS = ("locust", "gevent", "httptools")


_BETWEEN = time.time() - time.monotonic()


def now() -> float:
    """The time of day in seconds since 1970, monotonic, so that setting the clock does not change a run's length."""
    return _BETWEEN + time.monotonic()


def result(
    *, scenario: str, plan: str, seed: int, seconds: float, operations: Sequence[str],
    recorder: LoadRecorder, cpu: float | None, verdicts: Sequence[Verdict], state: Health | None = None,
) -> LoadResult:  # fmt: skip
    """The result of one load. `state` replaces the health of the generator if the scenario has its own measure of it."""
    named = [*operations, *(name for name in recorder.tallies if name not in operations)]
    return LoadResult(
        scenario=scenario,
        plan=plan,
        seed=seed,
        seconds=seconds,
        operations=[recorder.tally(name).load(name) for name in named],
        windows=[recorder.moments[second].window(second) for second in sorted(recorder.moments)],
        generator=generator(recorder, cpu, state or health(recorder, cpu)),
        verdicts=[VerdictRecord.of(verdict) for verdict in verdicts],
        heat=recorder.heat.rows(named),
        heat_seconds=recorder.heat.width,
    )


def run(
    spec: Spec, *, began: float, ended: float, target: str, seed: int, command: str,
    loads: Sequence[LoadResult], verdicts: Sequence[Verdict], races: Sequence[LaneRecord] = (),
) -> Run:  # fmt: skip
    """The Run of one or more loads. `verdicts` are those on the run itself: that it could not begin or was stopped early."""
    return Run(
        started=stamp(began),
        finished=stamp(ended),
        target=target,
        seed=seed,
        command=command,
        spec=spec_record(spec),
        environment=environment(VERSIONS),
        loads=list(loads),
        verdicts=[VerdictRecord.of(verdict) for verdict in verdicts],
        races=list(races),
    )


def save(path: Path, found: Run) -> None:
    """Write the Run in one piece: a reader never sees half a file, and a full disk leaves none behind."""
    atomic_file.write(path, found.model_dump_json(indent=1) + "\n")

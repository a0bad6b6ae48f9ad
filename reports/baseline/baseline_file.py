"""The baseline file: a run's histograms, the quantiles of each window, and the facts that make two runs comparable.

It has a format of its own, so that no run can be taken for a baseline by mistake.
"""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from contracts.run import Environment, LoadResult, OperationLoad, Run, SpecRecord, Window
from contracts.run.latency_heat import OperationHeat
from contracts.run.result import first_error
from contracts.run.values import Amount, Count, RunValue, Stamp, without_mark


class BaselineError(ValueError):
    """The file is no baseline, or the run cannot be one; the message is one line."""


class KeptLoad(RunValue):
    scenario: str
    plan: str
    """As the run said it, but for the seed: other arrivals of the same kind are the same plan."""
    seconds: Amount
    saturated: str
    operations: list[OperationLoad]
    windows: list[Window]
    heat: list[OperationHeat] = Field(default_factory=list)
    """Empty in a file of before operations had windows of their own; then only all together are compared."""
    heat_seconds: Count = 0
    disturbed: Count = 0
    """ns of delay that may be the generator's own, because the machine was not left to it alone."""


class Baseline(RunValue):
    kind: Literal["tchat-baseline"]
    """No default: a run has all other fields too, and must not be taken for a baseline."""
    format: Literal[1] = 1
    started: Stamp
    target: str
    command: str
    spec: SpecRecord | None
    environment: Environment
    loads: list[KeptLoad]


def keep(run: Run) -> Baseline:
    """The baseline of a run. BaselineError if the run measured nothing that can be compared."""
    if not run.loads:
        raise BaselineError("this run has no load result, so there is nothing to compare with")
    kept = of_run(run)
    saturated = next((load.saturated for load in kept.loads if load.saturated), "")
    if saturated:
        raise BaselineError(
            f"its load generator was saturated ({saturated}), so its times say little of the target"
        )
    return kept


def of_run(run: Run) -> Baseline:
    """The values of a run to compare with a baseline, whatever the run's verdicts."""
    return Baseline(
        kind="tchat-baseline",
        started=run.started,
        target=run.target,
        command=run.command,
        spec=run.spec,
        environment=run.environment,
        loads=[_load(load) for load in run.loads],
    )


def _load(load: LoadResult) -> KeptLoad:
    return KeptLoad(
        scenario=load.scenario,
        plan=planned(load.plan),
        seconds=load.seconds,
        saturated=load.generator.saturated,
        operations=load.operations,
        windows=load.windows,
        heat=load.heat,
        heat_seconds=load.heat_seconds,
        disturbed=load.generator.disturbed,
    )


def planned(plan: str) -> str:
    """The arrival plan in words, without its seed.

    >>> planned("constant 200/s for 50 s, seed 1")
    'constant 200/s for 50 s'
    """
    return re.sub(r",?\s*seed \d+", "", plan)


def read(path: Path) -> Baseline:
    """Read a baseline. BaselineError has one line with the file and the first wrong place."""
    try:
        return Baseline.model_validate_json(without_mark(path.read_bytes()))
    except OSError as error:
        raise BaselineError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        problem = first_error(error)
        raise BaselineError(f"{path} is not a baseline: {problem}; make one with `baseline keep`") from None


def candidates(path: Path) -> list[Baseline]:
    """The baseline of a file, or all of a folder, newest first; other files in the folder are ignored."""
    if not path.is_dir():
        return [read(path)]
    found = []
    for file in sorted(path.glob("*.json")):
        try:
            found.append(read(file))
        except BaselineError:
            continue
    if not found:
        raise BaselineError(f"{path} holds no baseline; make one with `baseline keep RUN.json -o {path}/…`")
    return sorted(found, key=lambda baseline: baseline.started, reverse=True)


def place(target: str) -> str:
    """The place of a target, by which runs can be compared. The embedded server takes a free port each time, so a loopback port
    does not count."""
    parts = urlsplit(target)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return "this machine" if local else f"{parts.scheme}://{parts.netloc}"


def machine(environment: Environment) -> str:
    """The class of machine: what of the environment decides how fast the same program runs, as far as it is known.

    >>> machine(Environment(python="3.11.7", platform="Linux-6.18 x86_64", cores=2, server="uvicorn"))
    '2 cores of Linux x86_64, Python 3.11, server uvicorn'
    """
    system = re.split(r"[-\s]", environment.platform)
    python = ".".join(environment.python.split(".")[:2])
    kind = f"{system[0]} {system[-1]}" if environment.platform else "an unknown platform"
    return f"{environment.cores} cores of {kind}, Python {python or '?'}, server {environment.server or '?'}"

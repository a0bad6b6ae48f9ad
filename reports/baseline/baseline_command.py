"""`python -m reports baseline keep`, and the comparison as a judge for `gate` and `render`."""

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts.command import atomic_file
from contracts.command.exit_code import ExitCode, Stop
from contracts.run import Run, RunError, VerdictRecord, parse
from reports.baseline import baseline_file, baseline_verdicts

FOLDER = Path("reports") / "out" / "baselines"
SEED = 1

DESCRIPTION = """
Keep a run as a baseline for --baseline of gate and render: its histograms, the quantiles of each second, and what makes
runs comparable (machine, target, openapi.yaml, scenario, plan).
"""


def options(made: argparse.ArgumentParser) -> None:
    made.description = DESCRIPTION
    made.add_argument("what", choices=["keep"], help="keep: write a baseline file")
    made.add_argument("run", type=Path, metavar="RUN.json")
    made.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=f"default: {FOLDER}/<start of the run>.json"
    )


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    try:
        baseline = baseline_file.keep(parse(chosen.run.read_bytes(), name=str(chosen.run)))
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot read {chosen.run}: {error.strerror}") from None
    except RunError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    except baseline_file.BaselineError as error:
        raise Stop(ExitCode.USAGE, f"{chosen.run} cannot be a baseline: {error}") from None
    output: Path = chosen.output or FOLDER / f"{re.sub(r'[^0-9TZ]', '', baseline.started)}.json"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        atomic_file.write(output, baseline.model_dump_json() + "\n")
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot write {output}: {error.strerror}") from None
    print(f"kept as {output}")
    return ExitCode.PASS


def judge(path: Path) -> Callable[[Run], list[VerdictRecord]]:
    """Reads at once, so that a wrong file is told before anything is run."""
    try:
        among = baseline_file.candidates(path)
    except baseline_file.BaselineError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    return lambda run: baseline_verdicts.verdicts(among, run, seed=SEED)

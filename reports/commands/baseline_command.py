"""The command `python -m reports baseline keep`, and the comparison with a baseline as a judge for `gate` and `render`."""

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
from contracts.run import Run, VerdictRecord
from reports.baseline import baseline_file, baseline_verdicts
from reports.commands.given_files import run_of, write

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
        baseline = baseline_file.keep(run_of(chosen.run))
    except baseline_file.BaselineError as error:
        raise Stop(ExitCode.USAGE, f"{chosen.run} cannot be a baseline: {error}") from None
    output: Path = chosen.output or FOLDER / f"{re.sub(r'[^0-9TZ]', '', baseline.started)}.json"
    write(output, baseline.model_dump_json() + "\n")
    print(f"kept as {output}")
    return ExitCode.PASS


def judge(path: Path) -> Callable[[Run], list[VerdictRecord]]:
    """The judge of a comparison. The file is read at once, so that a wrong one is reported before any part runs."""
    try:
        among = baseline_file.candidates(path)
    except baseline_file.BaselineError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    return lambda run: baseline_verdicts.verdicts(among, run, seed=SEED)

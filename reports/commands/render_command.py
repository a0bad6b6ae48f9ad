"""The command `python -m reports render RUN.json`: makes all formats of a run again."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
from reports.commands import baseline_command
from reports.commands.given_files import add_level, policy_of, run_of
from reports.commands.report_output import report_of, say
from reports.decision.run_judges import judged
from reports.formats import archive


def options(made: argparse.ArgumentParser) -> None:
    made.description = f"Make all formats again from a run.json: {', '.join(archive.FORMATS)}."
    made.add_argument("run", type=Path, metavar="RUN.json")
    made.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the files (default: beside the run)"
    )
    made.add_argument("--policy", type=Path, metavar="FILE", help="release policy (default: built in)")
    add_level(made)
    made.add_argument("--baseline", type=Path, metavar="FILE|DIR", help="compare with a kept run")


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    whole, policy = run_of(chosen.run), policy_of(chosen.policy, chosen.level)
    judges = [baseline_command.judge(chosen.baseline)] if chosen.baseline else []
    folder = (chosen.out or chosen.run.parent).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot write into {folder}: {error.strerror}") from None
    report = report_of(judged(whole, judges), policy)
    return say(report, folder, archive.write(report, folder))

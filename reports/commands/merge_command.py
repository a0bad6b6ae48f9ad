"""The command `python -m reports merge PART.json… -o RUN.json`: makes one run of several parts with the same target and document."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
from contracts.run import RunError, merge
from reports.commands.given_files import run_of, write


def options(made: argparse.ArgumentParser) -> None:
    made.description = "Make one run.json of several parts against the same target and document."
    made.add_argument("parts", type=Path, nargs="+", metavar="PART.json")
    made.add_argument(
        "-o", "--output", type=Path, required=True, metavar="RUN.json", help="the whole, as a file"
    )


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    try:
        whole = merge([run_of(path) for path in chosen.parts])
    except RunError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    write(chosen.output, whole.model_dump_json() + "\n")
    return ExitCode.PASS

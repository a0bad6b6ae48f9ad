"""How a program of ours begins and ends at a command line: one line for a mistake, a Run and its exit code for the rest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from contracts.run import Run
from load.results import run_builder

USAGE, FAILED, UNREACHABLE, OURS = 64, 1, 69, 70


class CommandParser(argparse.ArgumentParser):
    """An argument parser for which a mistake is one line and exit code 64."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; --help lists the options\n")


def progress(line: str) -> None:
    """For whoever looks at it: nothing where the output is no terminal."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr)


def fail(program: str, code: int, message: object) -> int:
    print(f"{program}: {message}", file=sys.stderr)
    return code


def finish(program: str, run: Run, out: Path | None, summary: Callable[[Run], str]) -> int:
    """Write the Run if it is wanted, print what it says, and give the exit code of its grade."""
    print(summary(run))
    if out is not None:
        try:
            run_builder.save(out, run)
        except OSError as error:
            return fail(program, OURS, f"cannot write the result: {error}")
    return run_builder.EXIT[run.grade]

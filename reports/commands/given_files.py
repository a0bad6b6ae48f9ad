"""Reading and writing of the files that a user names. A mistake is one line with the file and the place, and exit code 64."""

import argparse
from dataclasses import replace
from pathlib import Path

from contracts.command import atomic_file
from contracts.command.exit_code import ExitCode, Stop
from contracts.harm import LEVELS
from contracts.run import Run, RunError, parse
from reports.decision import policy
from reports.decision.policy import PolicyError, ReleasePolicy


def run_of(path: Path) -> Run:
    try:
        return parse(path.read_bytes(), name=str(path))
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot read {path}: {error.strerror}") from None
    except RunError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None


def write(path: Path, text: str) -> None:
    try:
        atomic_file.write(path, text)
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot write {path}: {error.strerror}") from None


def policy_of(path: Path | None, level: str | None = None) -> ReleasePolicy:
    """The policy of a file, or the built-in one without a file; `level` overrides the policy's own."""
    try:
        found = policy.read(path) if path else ReleasePolicy()
    except PolicyError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    return replace(found, level=level) if level else found


def add_level(parser: argparse.ArgumentParser) -> None:
    listed = "; ".join(f"{name}: {words}" for name, words in LEVELS.items())
    parser.add_argument(
        "--level",
        choices=list(LEVELS),
        help=f"which failed checks block (default: the policy's, or full). {listed}",
    )

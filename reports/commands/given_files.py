"""Files that a user gives to a command. A wrong one is one line with its name and the place, and exit code 64."""

from __future__ import annotations

from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop
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


def policy_of(path: Path | None) -> ReleasePolicy:
    """The built-in policy where no file is given."""
    try:
        return policy.read(path) if path else ReleasePolicy()
    except PolicyError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None

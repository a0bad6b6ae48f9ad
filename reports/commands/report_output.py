"""From a run to its report, and from the report to the terminal and the exit code."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from contracts import spec
from contracts.command.exit_code import ExitCode
from contracts.command.outermost import discard_output, told
from contracts.run import Run
from reports.decision.policy import ReleasePolicy
from reports.formats import terminal
from reports.summary import document_lines, tables
from reports.text import times
from reports.text.output import Output

OUT = Path("reports") / "out"


def report_of(run: Run, policy: ReleasePolicy) -> tables.Report:
    made = times.stamp(datetime.now(UTC))
    marks = document_lines.read(spec.default_path(), run.spec.digest) if run.spec else None
    return tables.report(run, policy, made=made, version=metadata.version("tchat-harness"), lines=marks)


def say(report: tables.Report, folder: Path, failures: Sequence[str]) -> ExitCode:
    """Print the report and what could not be written; the code of the whole."""
    try:
        terminal.show(Output(), report, page=None if failures else folder / "report.html")
        if sys.stdout is not None:
            if os.environ.get("GITHUB_ACTIONS") == "true":
                print("\n".join(terminal.workflow_commands(report)))
            sys.stdout.flush()
    except OSError:
        # Whoever read has had enough (`| head`), or the disk behind it is full; the run's result does not change with that.
        discard_output()
    for failure in failures:
        told("reports", failure)
    code = report.decision.exit_code
    # What nobody can read up is our fault, and no pass; a fail stays one, written or not.
    return ExitCode.INTERNAL if failures and code is not ExitCode.FAIL else code

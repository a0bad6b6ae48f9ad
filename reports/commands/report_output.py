"""The report of a run, its output on the terminal, and its exit code."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from contracts import spec
from contracts.command.exit_code import ExitCode
from contracts.command.outermost import discard_output, print_line
from contracts.network.output_console import OutputConsole
from contracts.run import Run
from reports.decision.policy import ReleasePolicy
from reports.formats import terminal
from reports.summary import document_lines, tables
from reports.text import times

OUT = Path("reports") / "out"


def report_of(run: Run, policy: ReleasePolicy) -> tables.Report:
    made = times.stamp(datetime.now(UTC))
    marks = document_lines.read(spec.default_path(), run.spec.digest) if run.spec else None
    return tables.report(run, policy, made=made, version=metadata.version("tchat-harness"), lines=marks)


def say(report: tables.Report, folder: Path, failures: Sequence[str]) -> ExitCode:
    """Print the report and any errors of writing it; the result is the exit code."""
    try:
        terminal.show(OutputConsole(), report, page=None if failures else folder / "report.html")
        if sys.stdout is not None:
            if os.environ.get("GITHUB_ACTIONS") == "true":
                print("\n".join(terminal.workflow_commands(report)))
            sys.stdout.flush()
    except OSError:
        # The reader has closed the pipe (`| head`) or the disk is full; that does not change the run's result.
        discard_output()
    for failure in failures:
        print_line("reports", failure)
    code = report.decision.exit_code
    # A report that could not be written is our fault and no pass; a fail stays a fail.
    return ExitCode.INTERNAL if failures and code is not ExitCode.FAIL else code

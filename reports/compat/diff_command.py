"""The command `python -m reports diff`: reads two documents, compares, prints, exits; also a judge for the gate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts import spec
from contracts.command.exit_code import ExitCode, Stop
from contracts.command.outermost import discard_output
from contracts.run import Run, VerdictRecord
from reports.compat import compare, diff_verdicts, document_source
from reports.compat.document_source import SourceDocument
from reports.text.output import Output

DESCRIPTION = """
What a client of OLD would feel of NEW. Exit code 0: nothing, or harmless changes only; 1: a breaking change;
2: a change of which it cannot be told.
"""


def options(made: argparse.ArgumentParser) -> None:
    made.description = DESCRIPTION
    made.add_argument(
        "files", nargs="*", metavar="FILE|URL", help="OLD NEW; with --against only NEW, a file, or nothing"
    )
    made.add_argument("--against", metavar="REF", help="take OLD from this commit, tag or branch of git")
    made.add_argument("--json", action="store_true", help="JSON in place of text")


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    old, new = _documents(chosen.files, chosen.against)
    changes = compare(old, new)
    try:
        if chosen.json:
            print(diff_verdicts.as_json(changes))
        else:
            diff_verdicts.show(Output(), changes)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    return diff_verdicts.exit_code(changes)


def _documents(places: list[str], against: str | None) -> tuple[SourceDocument, SourceDocument]:
    if against is not None and len(places) < 2:
        new = Path(places[0]) if places else spec.default_path()
        return document_source.of_commit(against, new), document_source.of_file(new)
    if against is None and len(places) == 2:
        return document_source.of(places[0]), document_source.of(places[1])
    raise Stop(ExitCode.USAGE, "diff takes OLD and NEW, or --against REF and at most NEW")


def judge(against: str) -> Callable[[Run], list[VerdictRecord]]:
    """Compares at once, so that a wrong REF is told before anything is run."""
    path = spec.default_path()
    old = document_source.of_commit(against, path)
    found = diff_verdicts.verdicts(compare(old, document_source.of_file(path)), old, against)
    return lambda run: found

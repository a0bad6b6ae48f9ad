"""The command `python -m reports diff`: reads two documents, compares them, prints the differences; also a judge of the gate."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts import spec
from contracts.command import document_options
from contracts.command.exit_code import ExitCode, Stop
from contracts.command.outermost import discard_output
from contracts.network import tls
from contracts.network.output_console import OutputConsole
from contracts.run import Run, VerdictRecord
from reports.compat import compare, diff_verdicts, document_source
from reports.compat.document_source import SourceDocument

DESCRIPTION = """
Compare two OpenAPI documents as a client of OLD would notice it. Exit code 0: no change, or harmless ones only;
1: a breaking change; 2: a change that may or may not break a client.
"""


def options(made: argparse.ArgumentParser) -> None:
    made.description = DESCRIPTION
    made.add_argument(
        "files", nargs="*", metavar="FILE|URL", help="OLD NEW; with --against only NEW, a file, or nothing"
    )
    made.add_argument("--against", metavar="REF", help="take OLD from this commit, tag or branch of git")
    document_options.add_to(made)
    tls.add_to(made)
    made.add_argument("--json", action="store_true", help="JSON in place of text")


def run(chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode:
    tls.adopted(chosen, "reports")
    if chosen.spec and len(chosen.files) > (chosen.against is None):
        raise Stop(ExitCode.USAGE, "--spec is NEW, so no other NEW may be named")
    places = [*chosen.files, *([chosen.spec] if chosen.spec else [])]
    old, new = _documents(places, chosen.against, [Path(each) for each in chosen.overlay or ()])
    changes = compare(old, new)
    try:
        if chosen.json:
            print(diff_verdicts.to_json(changes))
        else:
            diff_verdicts.print_changes(OutputConsole(), changes)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    return diff_verdicts.exit_code(changes)


def _documents(
    places: list[str], against: str | None, overlays: list[Path]
) -> tuple[SourceDocument, SourceDocument]:
    """The old and the new document. Overlays are applied to both, so what they change is no difference."""
    if against is not None and len(places) < 2:
        new = Path(places[0]) if places else spec.default_path()
        over = overlays or ([] if places else list(spec.default_overlays()))
        return document_source.read_commit(against, new, over), document_source.read_file(new, over)
    if against is None and len(places) == 2:
        return document_source.read(places[0], overlays), document_source.read(places[1], overlays)
    raise Stop(ExitCode.USAGE, "diff takes OLD and NEW, or --against REF and at most NEW")


def judge(against: str) -> Callable[[Run], list[VerdictRecord]]:
    """The gate's judge of the document. It compares at once, so that a wrong REF is reported before any part runs."""
    old, new = _documents([], against, [])
    found = diff_verdicts.verdicts(compare(old, new), old, against)
    return lambda run: found

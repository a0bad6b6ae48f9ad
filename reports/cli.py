"""The command line of `python -m reports`: `gate` runs all parts and decides, the other commands work on files.

python -m reports gate [--target URL] [--profile quick|release|nightly] [--budget 10m] [--policy FILE]
                       [--against REF] [--baseline FILE|DIR]
python -m reports render RUN.json [--out DIR] [--baseline FILE|DIR]
python -m reports merge PART.json... -o RUN.json
python -m reports accept RUN.json -o POLICY.yaml --owner WHO --expires DATE [--only-harm HARM] | --prune
python -m reports diff OLD NEW | --against REF [NEW]
python -m reports compare A.json B.json
python -m reports baseline keep RUN.json [-o FILE]
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from contracts.command import outermost
from contracts.command.argument_parser import ArgumentParser
from contracts.command.exit_code import MEANING, ExitCode
from contracts.command.redaction import given
from reports.commands import (
    accept_command,
    baseline_command,
    compare_command,
    gate_command,
    merge_command,
    render_command,
)
from reports.compat import diff_command


class Subcommand(Protocol):
    """A module that implements one command: its options, and its work."""

    def options(self, made: argparse.ArgumentParser) -> None: ...

    def run(self, chosen: argparse.Namespace, arguments: Sequence[str]) -> ExitCode: ...


COMMANDS: Mapping[str, tuple[str, Subcommand]] = {
    "gate": ("run everything and decide", gate_command),
    "render": ("make all formats again from a run.json", render_command),
    "merge": ("one run.json of several parts", merge_command),
    "accept": ("write today's failures into a policy", accept_command),
    "diff": ("breaking and harmless changes of openapi.yaml", diff_command),
    "compare": ("two load runs side by side", compare_command),
    "baseline": ("keep a run to compare with", baseline_command),
}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else list(argv)

    def chosen() -> int:
        named = parser().parse_args(arguments)
        return int(COMMANDS[named.command][1].run(named, arguments))

    return outermost.run("reports", chosen, secrets=_secrets)


ABOUT = "The release gate: runs contracts, load and reconnect, decides by a policy, and reports; its results can be compared and kept."


def parser() -> ArgumentParser:
    codes = "exit codes: " + "; ".join(f"{code.value} {MEANING[code]}" for code in ExitCode)
    made = ArgumentParser(prog="python -m reports", description=ABOUT, epilog=codes)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (title, command) in COMMANDS.items():
        command.options(commands.add_parser(name, help=title, epilog=codes))
    return made


def _secrets() -> tuple[str, ...]:
    return given(os.environ)

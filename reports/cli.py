"""The command line: `gate` runs and decides, the other commands work on files.

python -m reports gate [--target URL] [--profile quick|release|nightly] [--budget 10m] [--policy FILE]
                       [--against REF] [--baseline FILE|DIR]
python -m reports render RUN.json [--out DIR] [--baseline FILE|DIR]
python -m reports merge PART.json... -o RUN.json
python -m reports accept RUN.json -o POLICY.yaml --owner WHO --expires DATE [--only-harm HARM] | --prune
python -m reports diff OLD NEW | --against REF [NEW]
python -m reports compare A.json B.json
python -m reports baseline keep RUN.json [-o FILE]
python -m reports openslo [FILE] [-o FILE]
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.command import outermost
from contracts.command.argument_parser import ArgumentParser
from contracts.command.exit_code import MEANING, ExitCode
from reports import gate
from reports.baseline import baseline_command
from reports.commands import accept_command, compare_command, gate_command, merge_command, render_command
from reports.compat import diff_command
from reports.formats import openslo


@dataclass(frozen=True, slots=True, kw_only=True)
class Subcommand:
    """One word after `python -m reports`: its line in --help, its options, and what it does."""

    told: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Sequence[str]], ExitCode]


COMMANDS: Mapping[str, Subcommand] = {
    "gate": Subcommand(told="run everything and decide", options=gate_command.options, run=gate_command.run),
    "render": Subcommand(
        told="make all formats again from a run.json", options=render_command.options, run=render_command.run
    ),
    "merge": Subcommand(
        told="one run.json of several parts", options=merge_command.options, run=merge_command.run
    ),
    "accept": Subcommand(
        told="write today's failures into a policy", options=accept_command.options, run=accept_command.run
    ),
    "diff": Subcommand(
        told="breaking and harmless changes of openapi.yaml",
        options=diff_command.options,
        run=diff_command.run,
    ),
    "compare": Subcommand(
        told="two load runs side by side", options=compare_command.options, run=compare_command.run
    ),
    "baseline": Subcommand(
        told="keep a run to compare with", options=baseline_command.options, run=baseline_command.run
    ),
    "openslo": Subcommand(told="the objectives as OpenSLO v1", options=openslo.options, run=openslo.run),
}


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else list(argv)

    def chosen() -> int:
        named = parser().parse_args(arguments)
        return int(COMMANDS[named.command].run(named, arguments))

    return outermost.run("reports", chosen, secrets=_secrets)


def parser() -> ArgumentParser:
    codes = "exit codes: " + "; ".join(f"{code.value} {MEANING[code]}" for code in ExitCode)
    made = ArgumentParser(prog="python -m reports", description=gate.__doc__, epilog=codes)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.options(commands.add_parser(name, help=command.told, epilog=codes))
    return made


def _secrets() -> tuple[str, ...]:
    return (os.environ.get("TCHAT_PASSWORD", ""),)

"""Options as values, from an argparse parser; `python -m tests.repo_rules.tables.parsers MODULE…` prints those of modules as JSON.

A process of its own, because some modules patch the one that imports them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[3]


class Option(NamedTuple):
    """`names` as they are typed, `value` what stands for its value, `told` the help."""

    names: tuple[str, ...]
    value: str
    told: str


def of_parser(parser: argparse.ArgumentParser) -> Iterator[Option]:
    """Named options only; what `--help` hides is not for people."""
    for action in parser._actions:
        if not action.option_strings or action.help is argparse.SUPPRESS or "--help" in action.option_strings:
            continue
        values = {**vars(action), "prog": parser.prog}
        choices = "|".join(map(str, action.choices or ()))
        value = "" if action.nargs == 0 else str(action.metavar or choices or action.dest.upper())
        yield Option(tuple(action.option_strings), value, (action.help or "") % values)


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def of_modules(names: Sequence[str]) -> dict[str, list[Option]]:
    """The options of the `parser()` of each program, each imported in another process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.repo_rules.tables.parsers", *names], cwd=ROOT, capture_output=True, text=True, check=True
    )  # fmt: skip
    found = json.loads(done.stdout)
    return {name: [Option(tuple(o[0]), o[1], o[2]) for o in options] for name, options in found.items()}


def program(name: str) -> Any:
    """The module that `python -m NAME` runs: a file of its own, or a package's `__main__`."""
    module = importlib.import_module(name)
    return importlib.import_module(f"{name}.__main__") if hasattr(module, "__path__") else module


if __name__ == "__main__":
    print(json.dumps({n: [*of_parser(program(n).parser())] for n in sys.argv[1:]}))

"""Every option of every command, read from the parsers themselves, for the tables of the README pages and for the tests of their text."""

from __future__ import annotations

import argparse
import re
from functools import cache
from typing import Any

from contracts.__main__ import parser as contracts_parser
from contracts.suite.plugin import pytest_plugin
from load import options as load_options
from mock_server.__main__ import parser as server_parser
from reports.cli import parser as reports_parser
from tests.repo_rules.tables.parsers import Option, of_modules, of_parser, subcommands

PATCHING = ("load.realtime", "load.client", "load.proxy")
"""Modules that may not be imported here."""


class _Suite:
    """What pytest gives to a plugin that declares options."""

    def __init__(self) -> None:
        self.found: list[Option] = []

    def getgroup(self, *_: str) -> _Suite:
        return self

    def addoption(self, name: str, **told: Any) -> None:
        value = "" if told.get("action") == "store_true" else told.get("metavar", name.lstrip("-").upper())
        self.found.append(Option((name,), value, told["help"]))


def of_suite() -> list[Option]:
    suite = _Suite()
    pytest_plugin.pytest_addoption(suite)  # type: ignore[arg-type]
    return suite.found


def of_load() -> list[Option]:
    parser = argparse.ArgumentParser(prog="locust", add_help=False)
    load_options.add(parser)
    return list(of_parser(parser))


@cache
def commands() -> dict[str, list[Option]]:
    """Command line -> its options, without those of pytest and Locust themselves."""
    parsers = {
        **{f"python -m reports {name}": made for name, made in subcommands(reports_parser()).items()},
        **{f"python -m contracts {name}": made for name, made in subcommands(contracts_parser()).items()},
        "python -m mock_server": server_parser(),
    }
    return {
        "pytest contracts": of_suite(),
        "locust -f load/locustfile.py": of_load(),
        **{name: list(of_parser(parser)) for name, parser in parsers.items()},
        **{f"python -m {name}": options for name, options in of_modules(PATCHING).items()},
    }


ON_PAGE = {
    "contracts/checks.md": ("pytest contracts", "python -m contracts "),
    "load/README.md": ("locust ", "python -m load."),
    "mock_server/README.md": ("python -m mock_server",),
    "reports/README.md": ("python -m reports ",),
}
"""Page -> the beginnings of the command lines whose options stand there."""


def rows(beginnings: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(command, option, what it does) of a page's table; a command's name stands at its first option only,
    and one without options has no row."""
    found = []
    for command, options in commands().items():
        if not command.startswith(beginnings):
            continue
        for place, option in enumerate(options):
            shown = f"`{', '.join(option.names)}{f' {option.value}' if option.value else ''}`"
            found.append(("" if place else f"`{command}`", shown, " ".join(option.told.split())))
    return found


def named(text: str) -> set[str]:
    """
    >>> sorted(named("`--seed N`, --i-own-this-target; a---b, x--y"))
    ['--i-own-this-target', '--seed']
    """
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))

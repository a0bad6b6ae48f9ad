"""`locust -f load/locustfile.py --help` with our options in it.

Locust 2.47 prints its help before it reads the locustfile (argument_parser.parse_locustfile_option), and offers no earlier place
to add to it. But the first thing that it does is to patch the process for gevent, which then calls the plug-ins of installed
packages (entry point group `gevent.plugins.monkey.did_patch_all`). Ours looks at the command line: if that asks Locust for help
on our file, the process starts anew with --help-all, which is one of our options and so answered when the file is read. In
every other process that uses gevent it does nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

OURS = Path(__file__).with_name("locustfile.py")
HELP = frozenset({"-h", "--help"})
ALL = "--help-all"
FILE = ("-f", "--locustfile")


def answer_help(event: object) -> None:
    """The entry point; does not return where it applies."""
    instead = words(sys.orig_argv, os.environ)
    if instead is not None:
        os.execv(sys.executable, [sys.executable, "-m", "locust", *instead])


def words(argv: Sequence[str], environment: Mapping[str, str]) -> list[str] | None:
    """Locust's arguments with --help-all for --help, or None where nobody asks for help on our file.

    >>> words(["python", "-m", "locust", "-f", str(OURS), "-h"], {})[-1]
    '--help-all'
    >>> words(["python", "-m", "pytest", "-h"], {}) is None
    True
    """
    given = _of_locust(argv)
    if given is None or HELP.isdisjoint(given):
        return None
    if OURS.resolve() not in {Path(name).resolve() for name in _files(given, environment)}:
        return None
    return [ALL if word in HELP else word for word in given]


def _of_locust(argv: Sequence[str]) -> list[str] | None:
    """What follows `python … locust` or `python … -m locust`."""
    for at, word in enumerate(argv[1:], 1):
        if Path(word).name == "locust":
            return list(argv[at + 1 :])
        if not word.startswith("-"):
            return None
    return None


def _files(given: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    named = [environment.get("LOCUST_LOCUSTFILE", "")]
    for word, following in zip(given, [*given[1:], ""], strict=True):
        if word in FILE:
            named = [following]
        elif word.startswith(tuple(f"{option}=" for option in FILE)):
            named = [word.partition("=")[2]]
    return [name.strip() for name in named[0].split(",") if name.strip()]

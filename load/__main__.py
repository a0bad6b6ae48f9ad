"""`python -m load`: Locust with our entry file, so that `--help` has our options beside Locust's.

    python -m load --headless --host http://127.0.0.1:8000 --scenario gate

The same as `locust -f load/locustfile.py`. Stock Locust prints its help before it reads a file given with -f, so there `--help-all`
is the help that knows our options, too.
"""

import sys
from pathlib import Path

from contracts.command import outermost
from contracts.command.exit_code import ExitCode

HELP = frozenset({"-h", "--help"})
FILE = Path(__file__).with_name("locustfile.py")


def words(given: list[str]) -> list[str]:
    """Locust's arguments.

    >>> words(["--help", "-u", "5"])[2:]
    ['--help-all', '-u', '5']
    """
    return ["-f", str(FILE), *("--help-all" if word in HELP else word for word in given)]


def main() -> int:
    from locust.main import main as run_locust  # it patches the process

    sys.argv = ["locust", *words(sys.argv[1:])]
    run_locust()  # type: ignore[no-untyped-call]
    return ExitCode.PASS


if __name__ == "__main__":
    sys.exit(outermost.run("load", main))

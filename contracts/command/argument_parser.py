"""An argparse parser that exits with 64 for usage errors, because argparse's own code, 2, means UNKNOWN here."""

import argparse
import re
from typing import NoReturn

from contracts.command.exit_code import ExitCode


class ArgumentParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}; --help lists the options\n")


def seconds_of(text: str) -> float:
    """The seconds of a duration. Raises ArgumentTypeError.

    >>> seconds_of("90s"), seconds_of("10m"), seconds_of("1h"), seconds_of("45")
    (90.0, 600.0, 3600.0, 45.0)
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(s|m|h|)", text)
    seconds = float(found[1]) * {"s": 1, "m": 60, "h": 3600, "": 1}[found[2]] if found else 0.0
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 90s, 10m or 1h")
    return seconds

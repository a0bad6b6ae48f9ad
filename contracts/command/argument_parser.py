"""An argparse parser that exits with 64 for a wrong command line: argparse's own code, 2, means UNKNOWN here."""

import argparse
from typing import NoReturn

from contracts.command.exit_code import ExitCode


class ArgumentParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}; --help lists the options\n")

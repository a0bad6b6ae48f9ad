"""The exit codes of every command of this repository: the table that CI trusts and README prints.

>>> ExitCode.UNKNOWN.value, MEANING[ExitCode.UNKNOWN]
(2, 'unknown: something that had to be known is not; never a pass')
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from contracts.verdict import Grade


class ExitCode(IntEnum):
    PASS = 0
    FAIL = 1
    UNKNOWN = 2
    USAGE = 64
    UNREACHABLE = 69
    INTERNAL = 70


MEANING: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.PASS: "pass: the release may go out",
        ExitCode.FAIL: "fail: a contract, an objective or the policy is broken",
        ExitCode.UNKNOWN: "unknown: something that had to be known is not; never a pass",
        ExitCode.USAGE: "usage: the command line or a file given to it is wrong",
        ExitCode.UNREACHABLE: "target unreachable: nothing answers at the URL",
        ExitCode.INTERNAL: "our own fault: a report could not be written, or a bug in the harness",
    }
)


CODE_OF: Mapping[Grade, ExitCode] = MappingProxyType(
    {
        Grade.PASS: ExitCode.PASS,
        Grade.ADVISORY: ExitCode.PASS,
        Grade.UNKNOWN: ExitCode.UNKNOWN,
        Grade.FAIL: ExitCode.FAIL,
    }
)
"""How a command ends whose worst verdict has this grade."""


class Stop(Exception):
    """The command cannot go on: one line for the user and the code to exit with."""

    def __init__(self, code: ExitCode, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = line

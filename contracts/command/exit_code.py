"""The exit codes of all commands of this repository, on which CI relies.

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
"""The exit code of a command whose worst verdict has this grade."""


class Stop(Exception):
    """A command cannot continue. It has one line for the user and the exit code."""

    def __init__(self, code: ExitCode, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = line

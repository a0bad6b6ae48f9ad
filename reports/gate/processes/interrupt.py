"""SIGINT, SIGTERM and SIGHUP as a flag: the gate looks at it between two moments instead of being torn out of one.

The first signal asks for an orderly end with a report, the second for the same without any patience. Only while the gate waits
for an answer of the target itself (`at_once`) does a signal end the waiting.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Raised by the handler inside of `at_once` only."""


class GateInterrupt:
    """Signals of the gate as a flag; a context manager. Outside of it the old handlers are back. `name` is
    empty until a signal comes."""

    def __init__(self) -> None:
        self.name = ""
        self.hurry = False
        self._at_once = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in CAUGHT:
            # Whoever started the gate with nohup wants it to outlive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """A signal raises Interrupted within the block, also one that had come before it."""
        if self.name:
            raise Interrupted
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.hurry = bool(self.name)
        self.name = self.name or signal.Signals(number).name
        if self._at_once:
            self._at_once = False
            raise Interrupted

"""SIGINT, SIGTERM and SIGHUP as a flag that the gate reads between steps, so that no step is torn apart.

The first signal asks for an orderly end with a report, the second for the same without waiting. Only while the gate itself
waits for an answer of the target (`at_once`) does a signal raise an exception.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal came inside `at_once`."""


class GateInterrupt:
    """The signals of the gate as a flag. The handlers are installed while the context lasts; `name` is empty until a signal
    comes."""

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
        """Within the context, a signal raises Interrupted; so does one that came before."""
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

"""SIGINT and SIGTERM as a flag: the gate looks at it between two moments instead of being torn out of one.

The first signal asks for an orderly end with a report, the second for the same without any patience.
"""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any, Self

CAUGHT = (signal.SIGINT, signal.SIGTERM)


class GateInterrupt:
    """A context manager; outside of it the old handlers are back. `name` is empty until a signal comes."""

    def __init__(self) -> None:
        self.name = ""
        self.hurry = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in CAUGHT:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.hurry = bool(self.name)
        self.name = self.name or signal.Signals(number).name

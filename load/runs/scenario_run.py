"""What a run looks like from outside: it is executed, somebody may stop it, and it ends with a code.

The entry file knows no more of a scenario than this. `execute` blocks; whoever else wants the end waits for `over`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gevent.event import Event

from contracts.command.exit_code import ExitCode
from contracts.run import Run
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.results.terminal import ProgressLine

Tell = Callable[[str, str, dict[str, Any]], None]
"""(worker, kind, data): an order to one load process."""
OURS = ExitCode.INTERNAL


def grade_of(code: int) -> Grade:
    """Of the one verdict of a run that could not be made."""
    return Grade.FAIL if code == ExitCode.FAIL else Grade.UNKNOWN


class ScenarioRun(ABC):
    """A run of one scenario. `over` is set when the result is written; before that `code`, the exit code, and `result` are None."""

    def __init__(self) -> None:
        self.over = Event()
        self.code: int | None = None
        self.result: Run | None = None
        self.line = ProgressLine()

    @property
    def told(self) -> str:
        """The last line of its progress."""
        return self.line.text

    @property
    def counted(self) -> LoadRecorder | None:
        """What has been counted so far; None where nothing is counted in that form."""
        return None

    def judged_so_far(self) -> Sequence[Verdict]:
        """By the function that judges at the end, of what is counted now; nothing where that says nothing yet."""
        return ()

    @abstractmethod
    def execute(self, workers: Sequence[str]) -> None:
        """From the first request to the written result, with these load processes."""

    @abstractmethod
    def finish(self) -> None:
        """Somebody stops it: write down what is known."""

    def hear(self, worker: str, kind: str, data: Mapping[str, Any]) -> None:  # noqa: B027 - three runs have no worker to hear
        """What a load process says: `here`, `ready`, `refused`, `report` or `done`. Nothing where all is done in this process."""

"""The interface of a scenario's run for the entry file: it can be executed and stopped, and ends with an exit code."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gevent.event import Event

from contracts.command.exit_code import ExitCode
from contracts.run import Run
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.results.history_file import HistoryFile
from load.results.run_outputs import Outputs
from load.results.terminal import ProgressLine

Tell = Callable[[str, str, dict[str, Any]], None]
"""(worker, kind, data): an order to one load process."""
OURS = ExitCode.INTERNAL


def grade_of(code: int) -> Grade:
    """The grade of a run that could not be made, by its exit code."""
    return Grade.FAIL if code == ExitCode.FAIL else Grade.UNKNOWN


class ScenarioRun(ABC):
    """A run of one scenario. `over` is set when the result is written; before that `code`, the exit code, and `result` are None."""

    def __init__(self, spec: Spec, outputs: Outputs) -> None:
        self.spec, self.outputs = spec, outputs
        self.over = Event()
        self.code: int | None = None
        self.result: Run | None = None
        self.line = ProgressLine()

    @property
    def progress(self) -> str:
        """The last line of its progress."""
        return self.line.text

    @property
    def counted(self) -> LoadRecorder | None:
        """The counts so far; None for a run without a recorder."""
        return None

    def judged_so_far(self) -> Sequence[Verdict]:
        """The verdicts on the counts so far, by the same function as at the end."""
        return ()

    @abstractmethod
    def execute(self, workers: Sequence[str]) -> None:
        """Run with these load processes, and write the result. It blocks; others wait for `over`."""

    @abstractmethod
    def finish(self) -> None:
        """Stop the run and write the result so far."""

    def save(self, result: Run, code: int, history_file: HistoryFile | None = None) -> None:
        """Write the result. The exit code is `code`, or OURS if a file could not be written."""
        self.result = result
        self.code = code if self.outputs.write(result, history_file) else OURS

    def hear(self, worker: str, kind: str, data: Mapping[str, Any]) -> None:  # noqa: B027 - three runs have no worker to hear
        """Handle a message of a load process: `here`, `ready`, `refused`, `report` or `done`."""

"""The progress display of the gate: a live bar for each part on a terminal, a line at each start and end elsewhere."""

from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from reports.text.times import duration

BEFORE = 49
"""Columns of a live line before the last output of a part: its name, the bar and the time."""


class ProgressDisplay(Protocol):
    """A display of the parts' progress."""

    def start(self, name: str, expected: float) -> None: ...
    def tick(self, name: str, seconds: float, output: str) -> None: ...
    def end(self, name: str, detail: str) -> None: ...
    def close(self) -> None: ...


class LineProgress:
    """The progress of the gate as lines, for a file or a pipe."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def start(self, name: str, expected: float) -> None:
        self._print(f"{name}: started, {duration(expected)} or more")

    def tick(self, name: str, seconds: float, output: str) -> None:
        return

    def end(self, name: str, detail: str) -> None:
        self._print(f"{name}: {detail}")

    def close(self) -> None:
        return

    def _print(self, line: str) -> None:
        self.console.print(Text(line), soft_wrap=True)


class LiveProgress:
    """The progress of the gate as live bars, for a terminal. A bar shows elapsed time; that of a part that takes longer than
    expected stays full."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:<10}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[took]:>11}", markup=False),
            TextColumn("{task.fields[output]}", style="dim", markup=False),
        )
        self.room = max(1, console.width - BEFORE)
        self.progress = Progress(*columns, console=console)
        self.tasks: dict[str, TaskID] = {}
        self.progress.start()

    def start(self, name: str, expected: float) -> None:
        self.tasks[name] = self.progress.add_task(name, total=expected, took="", output="")

    def tick(self, name: str, seconds: float, output: str) -> None:
        self.progress.update(
            self.tasks[name],
            completed=seconds,
            took=duration(float(int(seconds))),
            output=output[-self.room :],
        )

    def end(self, name: str, detail: str) -> None:
        task = self.tasks.get(name)
        if task is None:
            task = self.tasks[name] = self.progress.add_task(name, total=1.0, took="", output="")
        total = next(t.total for t in self.progress.tasks if t.id == task)
        self.progress.update(task, completed=total, output=detail)

    def close(self) -> None:
        self.progress.stop()


def progress_on(console: Console) -> ProgressDisplay:
    return LiveProgress(console) if console.is_terminal else LineProgress(console)

"""The files of a run's result: the Run as JSON, the history, the samples, and the report."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.command import atomic_file, outermost
from contracts.run import Run
from load.results import run_builder, samples
from load.results.history_file import HistoryFile

RUN, PAGE = "run.json", "report.html"
RENDERED = frozenset({0, 1, 2})
"""Exit codes of `reports render` after which the page exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The paths of a run's result. `quiet`: a caller that coordinates several runs prints the result."""

    run: Path | None = None
    history: Path | None = None
    samples: Path | None = None
    report: Path | None = None
    """The folder of the report."""
    quiet: bool = False

    def refusal(self) -> str:
        """Why one of them cannot be written, in one line; empty where all can."""
        files = {"--run-out": self.run, "--history-out": self.history, "--samples": self.samples}
        for option, path in {**files, "--report": self.report}.items():
            if path is not None and (why := atomic_file.refusal(path, folder=option not in files)):
                return f"{option} {path} cannot be written: {why}"
        return ""

    def write(self, found: Run, history_file: HistoryFile | None = None) -> bool:
        """Write all files, each even if another one cannot be, which is then printed. False if one is missing."""
        parts: list[tuple[str, Path | None, Callable[[Path], object]]] = [
            ("--run-out", self.run, lambda path: run_builder.save(path, found))
        ]
        if history_file is not None:
            parts += [
                ("--history-out", self.history, history_file.save),
                ("--samples", self.samples, lambda path: samples.write(path, history_file.calls())),
            ]
        parts.append(("--report", self.report, lambda path: run_builder.save(path / RUN, found)))
        written = [self._written(*part) for part in parts]
        rendered = self.report is None or (written[-1] and _rendered(self.report))
        return all(written) and rendered

    def _written(self, option: str, path: Path | None, save: Callable[[Path], object]) -> bool:
        try:
            if path is not None:
                save(path)
        except OSError as error:
            print(f"cannot write {option} {path}: {error.strerror or error}", file=sys.stderr)
            return False
        return True


def _rendered(folder: Path) -> bool:
    """Make the report by `python -m reports`, as a process, because load does not import reports."""
    command = [sys.executable, "-m", "reports", "render", str(folder / RUN), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode in RENDERED:
        outermost.say(f"report: {folder / PAGE}")
        return True
    print(f"cannot write the report: {done.stderr.strip()}", file=sys.stderr)
    return False

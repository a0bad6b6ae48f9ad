"""The pytest hooks of the controlling process: they collect the results of this process or of its workers, and write and sum them up.

They are methods of one object for each run, so that no module has the state of a run.
"""

import gc
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts.command.atomic_file import write
from contracts.command.exit_code import ExitCode
from contracts.command.outermost import bug_line, print_line
from contracts.network.printable import printable
from contracts.suite.plugin.collection import CheckItem, is_whole, named
from contracts.suite.plugin.run_results import Results
from contracts.suite.plugin.terminal_summary import SHOWN, summary
from contracts.suite.plugin.workers.parallel_run import run_in_workers


class FailureText:
    """A failure as pytest prints it: the whole text under FAILURES, and one line in the short summary."""

    class Place:
        def __init__(self, message: str) -> None:
            self.message = message

    def __init__(self, text: str, line: str) -> None:
        self._text = text
        self.reprcrash = self.Place(line)

    def toterminal(self, out: Any) -> None:
        out.line(self._text)

    def __str__(self) -> str:
        return self._text


class RunRecorder:
    """The pytest hooks of the controlling process. `results` are those of the run so far."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self._session: pytest.Session | None = None
        self._failures_file = ""
        self._cut_off = False

    def listen(self) -> None:
        """Let SIGTERM and SIGHUP end the run as SIGINT does; under nohup, SIGHUP stays ignored."""
        signal.signal(signal.SIGTERM, self._interrupt)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._interrupt)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, _signal: int, _frame: object) -> None:
        """Interrupt the run. `shouldstop` is set as well, because Python drops an exception that is raised while it destroys an object;
        the run then ends after the present test."""
        if self._session is not None:
            self._session.shouldstop = "interrupted"
        raise KeyboardInterrupt

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session
        self.results.whole = is_whole(session.config)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not session.config.option.collectonly:
            self.results.expect([(i.check, i.subject) for i in session.items if isinstance(i, CheckItem)])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a result before pytest shows it, so that the file of an interrupted run has all that was seen."""
        made = getattr(report, "check", None)
        if made is not None:
            self.results.add(made)
        elif report.failed and named(report.nodeid.rpartition("::")[2]) is None:
            self.results.foreign += 1
        race = getattr(report, "race", None)
        if race is not None:
            self.results.add_race(race)
        line = getattr(report, "line", None)
        end = getattr(report, "end", None)
        if end is not None and not self.results.ends:
            self.results.ends.append(end)
            assert self._session is not None
            self._session.shouldstop = end.reason
        if line is not None:
            if made is not None and made.grade == "FAIL":
                self.results.texts[made.id, made.operation] = str(report.longrepr)
            report.longrepr = FailureText(str(report.longrepr), line)  # type: ignore[assignment]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the checks in workers; None lets pytest's own loop run them in this process."""
        option = session.config.option
        if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
            return None
        return run_in_workers(session, self.results) or None

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep the last entry of the traceback, the one that pytest shows: to draw all took most of the time in which an interrupted run
        ends. An interrupt can hit an instruction that the compiler inserted, which has no line; pytest 9 then fails to draw the traceback
        ("unsupported operand") and exits with 1 before the run's end is recorded."""
        excinfo.value.__suppress_context__ = True
        drawn = excinfo.traceback.filter(
            lambda entry: entry._rawentry.tb_lineno is not None and not entry.ishidden(excinfo)
        )
        # A hidden entry, as the last one of `pytest.exit`, has no place that pytest could draw.
        excinfo.traceback = drawn[-1:]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        with self._bugs_are_ours():
            self._finish(session, exitstatus)

    @contextmanager
    def _bugs_are_ours(self) -> Iterator[None]:
        """Make one line and exit code 70 of an exception in these hooks: pytest lets it through, and Python would exit with 1."""
        try:
            yield
        except Exception as error:
            secrets = [account.password for account in self.results.settings.accounts.values()]
            print_line("pytest contracts", bug_line(error, secrets))
            if self._session is not None:
                self._session.exitstatus = ExitCode.INTERNAL

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        cut_off = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
        self._cut_off = cut_off
        if cut_off:
            gc.freeze()  # pytest and Python would collect ten times at the end of a run that somebody waits for
        self.results.write(interrupted=cut_off)
        session.exitstatus = self.results.exit_code(int(exitstatus), interrupted=cut_off)
        option = session.config.option
        if len(self.results.texts) > SHOWN and option.tbstyle == "auto":
            # pytest would print each of them twice; the summary has their causes, and a file the rest.
            option.tbstyle = "no"
            self._failures_file = self._write_failures()
            reporter = session.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                reporter.reportchars = reporter.reportchars.replace("f", "")

    def _write_failures(self) -> str:
        """Write the whole message of each failure to a file beside the run's file, else to a temporary one, and return its path."""
        if self.results.out:
            path = Path(self.results.out).with_suffix(".failures.txt")
        else:
            path = Path(tempfile.mkdtemp(prefix="tchat-")) / "failures.txt"
        try:
            write(path, "\n\n".join(self.results.texts.values()) + "\n")
        except OSError as error:
            return f"(cannot be written: {error.strerror})"
        return str(path)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        with self._bugs_are_ours():
            if self.results.results or self.results.ends:
                for line in summary(self.results, self._failures_file, interrupted=self._cut_off):
                    terminalreporter.write_line(printable(line))

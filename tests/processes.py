"""`pytest --processes N`: the processes that share the tests of one run, each a fork of the one that has collected them.

xdist's processes each import and collect everything for themselves: 8 s of processor time, with four of them a twelfth of the
whole run, so that two a core was all that paid. Half of a test's time is a wait for a process of ours; a fork costs nothing, so
there are as many as keep the cores busy. A process goes through a file from its beginning, so that what the file shares is made
once; when no file is left untouched it joins the one of which the most is left.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from itertools import groupby
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

WAITING = [Path(__file__).with_name(name) for name in ("load", "suite", "hostile", "differences")]
"""Folders of tests that wait for processes. Half of the processes begin with these, so that no wait is left for the end."""
FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None

Reports = list[dict[str, Any]]


class SharedTests:
    """The tests that nobody has begun, in memory that all processes share: a counter for each file."""

    def __init__(self, items: list[pytest.Item]) -> None:
        assert FORK is not None, "processes are forks, which this system has not"
        files = [[*group] for _, group in groupby(range(len(items)), lambda number: items[number].path)]
        self._files = sorted(
            files, key=lambda file: not any(map(items[file[0]].path.is_relative_to, WAITING))
        )
        self._begun = FORK.Array("i", len(files))

    def __len__(self) -> int:
        return len(self._files)

    def _left(self, file: int) -> int:
        return len(self._files[file]) - self._begun[file]

    def _next_file(self, from_end: bool) -> int:
        order = range(len(self))[:: -1 if from_end else 1]
        untouched = (file for file in order if not self._begun[file] and self._files[file])
        return next(untouched, max(order, key=self._left))

    def taken(self, from_end: bool) -> Iterator[int]:
        """The numbers of the tests that one process shall run."""
        file = None
        while True:
            with self._begun:
                if file is None or not self._left(file):
                    file = self._next_file(from_end)
                    if not self._left(file):
                        return
                number = self._files[file][self._begun[file]]
                self._begun[file] += 1
            yield number

    def stop(self) -> None:
        with self._begun:
            self._begun[:] = [len(file) for file in self._files]


class Reporter:
    """What stands in a fork for the terminal: it sends the reports of a test, when they are complete."""

    def __init__(self, config: pytest.Config, to: Connection) -> None:
        self._config, self._to = config, to
        self._reports: Reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._reports.append(told)

    def pytest_runtest_logfinish(self) -> None:
        self._to.send(self._reports)
        self._reports = []


def _run_share(session: pytest.Session, tests: SharedTests, from_end: bool, to: Connection) -> None:
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(Reporter(session.config, to))
    if capture := plugins.getplugin("capturemanager"):  # its files have one position in all forks
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture(in_=True)
    numbers = tests.taken(from_end)
    number = next(numbers, None)
    while number is not None:
        following = next(numbers, None)  # known before the test ends, because it says which fixtures are kept
        session.config.hook.pytest_runtest_protocol(
            item=session.items[number], nextitem=None if following is None else session.items[following]
        )
        number = following


class Processes:
    """The plugin; what a fork reports is told to pytest here as if the test had run in this process."""

    def __init__(self, count: int) -> None:
        self._count = count

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        config = session.config
        if session.testsfailed or config.option.collectonly or not session.items:
            return None
        config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all
        tests = SharedTests(session.items)
        forks = dict(self._fork(session, tests, number % 2 == 1) for number in range(self._count))
        self._missing = {item.nodeid: item for item in session.items}
        try:
            while forks:
                for connection in wait([*forks]):
                    assert isinstance(connection, Connection)
                    try:
                        self._tell(config, connection.recv())
                    except EOFError:
                        forks.pop(connection).join()
                if session.shouldfail or session.shouldstop:
                    tests.stop()
        finally:
            for process in forks.values():
                process.terminate()
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        for item in self._missing.values():
            lost = "the process of this test, or the one that was to run it, ended before it was through"
            report = pytest.TestReport(item.nodeid, item.location, {}, "failed", lost, "call")
            config.hook.pytest_runtest_logreport(report=report)
        return True

    @staticmethod
    def _fork(session: pytest.Session, tests: SharedTests, from_end: bool) -> tuple[Connection, BaseProcess]:
        assert FORK is not None
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_run_share, args=(session, tests, from_end, theirs))
        process.start()
        theirs.close()
        return ours, process

    def _tell(self, config: pytest.Config, reports: Reports) -> None:
        for data in reports:
            report = config.hook.pytest_report_from_serializable(config=config, data=data)
            config.hook.pytest_runtest_logreport(report=report)
        self._missing.pop(report.nodeid)
        config.hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)

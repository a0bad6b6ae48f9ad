"""A worker process that runs the checks it is given, one after another, and sends back pytest's reports.

It is forked from the pytest process after collection, so that it starts at once and shares the imported modules. It prints nothing;
at its end it sends the counts of its recorder, and then archives what it has made.
"""

import os
import signal
from multiprocessing.connection import Connection
from typing import NamedTuple

import pytest

from contracts.suite.judging.recorder import Counted
from contracts.suite.plugin.workers.concurrency import Done
from contracts.suite.plugin.workers.worker_world import Alone, WorkerWorld

SPEAKING = ("terminalreporter", "terminalprogress", "capturemanager", "tchat-run-recorder")
"""Plugins that a worker must not have, because they print or record the run."""


class WorkerEnd(NamedTuple):
    """The worker's last message: its counts and, if the whole run has to end, the reason and exit code."""

    counted: Counted | None
    reason: str = ""
    code: int | None = None


class WorkerStop(KeyboardInterrupt):
    """The exception raised on SIGTERM. It is a KeyboardInterrupt, because pytest and Hypothesis catch everything else."""


class NextCheck(pytest.Item):
    """A placeholder for the next check, which is not known yet. pytest tears down the fixtures that the next item does not share: with
    this one, all but the session's."""

    def runtest(self) -> None:
        raise NotImplementedError


class SuiteWorker:
    """The main loop of a worker. `pipe` brings an item's index, Alone, or None for the end."""

    def __init__(self, session: pytest.Session, pipe: Connection, state: WorkerWorld, name: str) -> None:
        self._session = session
        self._pipe = pipe
        self._state = state
        self._name = name
        self._next: pytest.Item = NextCheck.from_parent(session, name="the next check")

    def run(self) -> None:
        self._be_quiet()
        self._state.begin(self._name)
        reason, code = "", None
        try:
            while (message := self._pipe.recv()) is not None:
                if isinstance(message, Alone):
                    self._state.alone(message)
                else:
                    self._check(message)
        except pytest.exit.Exception as error:
            reason, code = error.msg, error.returncode
        except (WorkerStop, EOFError):
            pass
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # What has been found is sent before the made items are archived, which a slow target may not do in time.
        self._send(WorkerEnd(self._state.counted(), reason, code))
        self._state.close()

    def _be_quiet(self) -> None:
        manager = self._session.config.pluginmanager
        for name in SPEAKING:
            manager.unregister(name=name)
        manager.register(self, "tchat-suite-worker")
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        for number in (signal.SIGINT, signal.SIGHUP):  # the controlling process handles them
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop)

    def _check(self, place: int) -> None:
        item, before = self._session.items[place], self._state.waited()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self._next)
        took = self._state.took() if item.get_closest_marker("smoke") else ()
        self._send(Done(self._state.waited() - before, took))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self._session.config
        self._send(config.hook.pytest_report_to_serializable(config=config, report=report))

    def _send(self, message: object) -> None:
        """Send a message with SIGTERM blocked: a signal in the middle would leave half a message."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        try:
            self._pipe.send(message)
        except OSError:
            os._exit(1)  # the controlling process is gone
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def _stop(_signal: int, _frame: object) -> None:
    raise WorkerStop

"""A process that runs the checks it is told to, one after another, and sends pytest's reports of them.

It is a fork of the pytest process after collection, so that it begins at once and shares what was imported. It prints nothing: what
it has to tell are reports, and at its end what its recorder has counted.
"""

import os
import signal
from multiprocessing.connection import Connection
from typing import NamedTuple

import pytest

from contracts.suite.judging.recorder import Counted
from contracts.suite.plugin.workers.worker_world import Alone, WorkerWorld

SPEAKING = ("terminalreporter", "terminalprogress", "capturemanager", "tchat-run-recorder")
"""Plugins of the pytest process that a worker must not have: they print, or keep the run."""


class Done(NamedTuple):
    """A check has ended, all its reports are sent. `waited`: seconds that the target asked to wait for its rate limit."""

    waited: float


class WorkerEnd(NamedTuple):
    """The worker's last word: what it has counted, and why the whole run must end, where it must."""

    counted: Counted | None
    reason: str = ""
    code: int | None = None


class WorkerStop(KeyboardInterrupt):
    """SIGTERM: the pytest process wants no more. pytest and Hypothesis let an interrupt pass and nothing else."""


class NextCheck(pytest.Item):
    """Stands for whichever check comes next. pytest takes down all fixtures that the next one does not share: with this one, all but
    the session's."""

    def runtest(self) -> None:
        raise NotImplementedError


class SuiteWorker:
    """What to do arrives at `told`: an item's place, Alone, or None for the end."""

    def __init__(self, session: pytest.Session, told: Connection, state: WorkerWorld, name: str) -> None:
        self._session = session
        self._told = told
        self._state = state
        self._name = name
        self._next: pytest.Item = NextCheck.from_parent(session, name="the next check")

    def run(self) -> None:
        self._be_quiet()
        self._state.begin(self._name)
        reason, code = "", None
        try:
            while (word := self._told.recv()) is not None:
                if isinstance(word, Alone):
                    self._state.alone(word)
                else:
                    self._check(word)
        except pytest.exit.Exception as error:
            reason, code = error.msg, error.returncode
        except (WorkerStop, EOFError):
            pass
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._send(WorkerEnd(self._state.close(), reason, code))

    def _be_quiet(self) -> None:
        manager = self._session.config.pluginmanager
        for name in SPEAKING:
            manager.unregister(name=name)
        manager.register(self, "tchat-suite-worker")
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        for number in (signal.SIGINT, signal.SIGHUP):  # the process that it works for hears them
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop)

    def _check(self, place: int) -> None:
        item, before = self._session.items[place], self._state.waited()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self._next)
        self._send(Done(self._state.waited() - before))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self._session.config
        self._send(config.hook.pytest_report_to_serializable(config=config, report=report))

    def _send(self, what: object) -> None:
        """Whole, or not at all: a signal in the middle would leave half a message."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        try:
            self._told.send(what)
        except OSError:
            os._exit(1)  # nobody listens any more
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])


def _stop(_signal: int, _frame: object) -> None:
    raise WorkerStop

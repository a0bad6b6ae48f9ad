"""The two sides of a run in a Locust process, which is coordinator, worker, or both: Locust's events and messages become our own.

`CoordinatorSide` starts a run when Locust starts a test and speaks to workers by messages; `WorkerSide` handles these messages and
reports through Locust's own reports. In one process the messages are calls. `LocustRun` holds both for Locust's events.
"""

import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gevent
import locust.runners
from locust.dispatch import UsersDispatcher
from locust.runners import MasterRunner, WorkerRunner
from locust.util.timespan import parse_timespan

from contracts.command.outermost import tolerant_output
from contracts.spec import Spec
from contracts.verdict import Verdict
from load import master_port, scenario_factory
from load.engine.in_flight import thresholds
from load.engine.recorder import LoadRecorder, unpack
from load.results.locust_statistics import LocustStatistics
from load.run_options import RunRequest
from load.runs.load_worker import LoadWorker
from load.runs.scenario_run import OURS, ScenarioRun
from load.virtual_users.roles import ARRIVALS, chosen
from load.worker_side import PREFIX, WorkerSide

UNDECIDED = 2
TO_WORKERS = ("prepare", "clock", "go", "share", "finish")
FROM_WORKERS = ("here", "ready", "refused", "clock", "done")
BEFORE, DURING = 30, 3
"""Seconds of silence after which Locust's master misses a worker, before the first arrival and from then on. Fifty that start on two
cores are silent for ten; when the last is missed, Locust ends the test."""


class CoordinatorSide:
    """The coordinator's part of the exchange with the load processes. `tell_local` reaches the worker of this process. -u, -r and
    -t are kept as they were given: Locust's own are changed.

    A worker handles Locust's messages before ours: one to a worker that has not yet sent `here` would be lost, and waits until then.
    """

    def __init__(self, environment: Any, spec: Spec, statistics: LocustStatistics) -> None:
        self._environment, self._spec, self._statistics = environment, spec, statistics
        self._given: Any = environment.parsed_options
        tolerant_output()
        self._asked = (self._given.num_users, self._given.spawn_rate, self._given.run_time)
        self.tell_local: Callable[[str, dict[str, Any]], None] = lambda kind, data: None
        self.run: ScenarioRun | None = None
        self._listening: set[str] = set()
        self._unsent: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        """Worker -> what it will be told once it listens."""
        locust.runners.HEARTBEAT_LIVENESS = BEFORE

    @property
    def headless(self) -> bool:
        return bool(self._given.headless)

    def make(self) -> ScenarioRun:
        """Out of the command line or the web form; a caller's mistake is one of scenario_factory.MISTAKES."""
        given = self._given
        asked = self._asked if self.headless else (given.num_users, given.spawn_rate, given.run_time)
        return self._make(given, self._environment.host, *asked)

    def _make(
        self, given: Any, host: str | None, users: int | None, rise: float | None, run_time: Any
    ) -> ScenarioRun:
        return scenario_factory.make(
            RunRequest(
                given=given, spec=self._spec, host=host, users=users, rise=rise, run_time=run_time,
                endless=not self.headless, tell=self._tell, gone=self._gone, report=self._statistics,
                own=scenario_factory.own_classes(self._environment.user_classes),
            )
        )  # fmt: skip

    # What the live pages show

    def counted(self) -> LoadRecorder | None:
        return self.run.counted if self.run is not None else None

    def judged(self) -> Sequence[Verdict]:
        if self.run is None:
            return ()
        return self.run.judged_so_far() if self.run.result is None else self.run.result.all_verdicts()

    def final(self) -> bool:
        return self.run is not None and self.run.result is not None

    def progress(self) -> str:
        return self.run.progress if self.run is not None else ""

    def refusal(self, form: Mapping[str, Any]) -> str:
        given = Namespace(
            **{**vars(self._given), **{key: form[key] for key in form if key in vars(self._given)}}
        )
        try:
            users, rise = int(form.get("user_count") or 1), float(form.get("spawn_rate") or 1)
            run_time = parse_timespan(form["run_time"]) if form.get("run_time") else None
            self._make(given, form.get("host") or self._environment.host, users, rise, run_time)
        except scenario_factory.MISTAKES as error:
            return str(error)
        except ValueError:
            return ""  # a field of Locust's own, which says so itself
        return ""

    def begin(self) -> None:
        runner = self._environment.runner
        try:
            self.run = self.make()
        except scenario_factory.MISTAKES as error:
            logging.error("%s", error)
            gevent.spawn(runner.stop)
            return
        self._unsent.clear()  # of the run before
        locust.runners.HEARTBEAT_LIVENESS = BEFORE
        gevent.spawn(self._execute, self.run)

    def hear(self, worker: str, kind: str, data: dict[str, Any]) -> None:
        if kind == "here":
            self._listening.add(worker)
            for message in self._unsent.pop(worker, ()):
                self._tell(worker, *message)
        if self.run is not None:
            self.run.hear(worker, kind, data)

    def handle_message(self, environment: Any, msg: Any) -> None:
        self.hear(msg.node_id, msg.type.removeprefix(PREFIX), msg.data)

    def reported(self, client_id: str, data: dict[str, Any]) -> None:
        if "tchat" in data:
            report = data["tchat"]
            self.hear(
                client_id, "report", {**report, "counts": unpack(report["counts"], thresholds(self._spec))}
            )

    def end(self) -> None:
        """End the run if it is not over. Blocks until its result is written."""
        if self.run is not None:
            self.run.finish()
            self.run.over.wait()

    def _execute(self, run: ScenarioRun) -> None:
        runner = self._environment.runner
        workers = ["local"]
        if isinstance(runner, MasterRunner):
            workers = [c.id for c in (*runner.clients.ready, *runner.clients.spawning)]
        try:
            run.execute(workers)
        except Exception as error:
            logging.exception("the harness failed: %s", error)
            run.code = OURS
            run.over.set()
        self._environment.process_exit_code = run.code
        if self.headless:
            runner.quit()
        elif runner.state not in ("stopping", "stopped"):
            runner.stop()

    def _tell(self, worker: str, kind: str, data: dict[str, Any]) -> None:
        runner = self._environment.runner
        if kind == "go":
            locust.runners.HEARTBEAT_LIVENESS = DURING
        if not isinstance(runner, MasterRunner):
            self.tell_local(kind, data)
        elif worker in self._listening:
            runner.send_message(f"{PREFIX}{kind}", data, client_id=worker)
        else:
            self._unsent.setdefault(worker, []).append((kind, data))

    def _gone(self, worker: str) -> bool:
        """Whether Locust misses its heartbeats."""
        runner = self._environment.runner
        if not isinstance(runner, MasterRunner):
            return False
        return worker not in runner.clients or runner.clients[worker].state == "missing"


class LocustRun:
    """The coordinator's and the worker's side, wired to Locust's events. User classes find it as `environment.load_run`."""

    def __init__(self, environment: Any, spec: Spec) -> None:
        statistics = LocustStatistics(environment)
        self.environment, self.spec = environment, spec
        self.coordinating = CoordinatorSide(environment, spec, statistics)
        self.working = WorkerSide(environment, spec, statistics, self.coordinating.hear)
        self.coordinating.tell_local = self.working.handle
        self._interrupts = 0
        self._over = False

    @property
    def worker(self) -> LoadWorker | None:
        return self.working.worker

    @property
    def roles(self) -> tuple[str, ...]:
        given = self.environment.parsed_options
        own = scenario_factory.own_classes(self.environment.user_classes)
        return own or chosen(given.scenario, given.user_classes or ())

    def dispatcher(self, worker_nodes: Any, user_classes: Any) -> UsersDispatcher:
        """Locust would mix all classes that there are; a run has either users of the guide or arrivals."""
        playing = self.roles or (ARRIVALS,)
        return UsersDispatcher(worker_nodes, [kind for kind in user_classes if kind.__name__ in playing])

    def listen(self) -> None:
        hooks, runner = self.environment.events, self.environment.runner
        hooks.test_start.add_listener(self._started)
        hooks.test_stopping.add_listener(self._ending)
        hooks.quitting.add_listener(self._leaving)
        hooks.quit.add_listener(self._left)
        hooks.user_error.add_listener(self.working.failed)
        if isinstance(runner, MasterRunner) and self.environment.parsed_options.headless:
            master_port.limit_the_wait(self.environment, lambda: self.coordinating.run is not None)
        if self.environment.parsed_options.json:
            sys.stdout = sys.stderr  # until Locust prints its JSON: nothing else stands on its output
        gevent.signal_handler(signal.SIGINT, self._interrupted)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: somebody wants it to go on
            gevent.signal_handler(signal.SIGHUP, os.kill, os.getpid(), signal.SIGTERM)
        if isinstance(runner, WorkerRunner):
            hooks.report_to_master.add_listener(self.working.reporting)
            for kind in TO_WORKERS:
                runner.register_message(f"{PREFIX}{kind}", self.working.handle_message)
            runner.send_message(f"{PREFIX}here", {})
        elif isinstance(runner, MasterRunner):
            hooks.worker_report.add_listener(self.coordinating.reported)
            for kind in FROM_WORKERS:
                runner.register_message(f"{PREFIX}{kind}", self.coordinating.handle_message)

    def leave(self, line: str, code: int) -> None:
        """End the process with one line. All processes of --processes notice the same mistake; only one says so."""
        if isinstance(self.environment.runner, WorkerRunner):
            sys.exit(0)
        print(line, file=sys.stderr)
        sys.exit(code)

    def _started(self, environment: Any) -> None:
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(f"{PREFIX}here", {})  # again: the master may not have listened to the first
        else:
            self.coordinating.begin()

    def _ending(self, environment: Any) -> None:
        if self.coordinating.run is not None:
            self.coordinating.end()
        elif self.worker is not None:
            self.worker.finish()

    def _interrupted(self) -> None:
        """Ctrl-C. Raised as it comes it would end whichever greenlet happens to run; a second one does not wait for anything."""
        self._interrupts += 1
        if self._interrupts > 1:
            os._exit(UNDECIDED)
        self._ending(self.environment)
        os.kill(os.getpid(), signal.SIGTERM)  # Locust's own way to end; whatever it is doing

    def _left(self, exit_code: int | None) -> None:
        """The end of Locust's own end. A signal of a run that ends already begins a second one, from Python 3.13 on while the interpreter
        ends, which it would tell with a traceback."""
        if self._over:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(exit_code or 0)
        self._over = True

    def _leaving(self, environment: Any) -> None:
        self._ending(environment)
        sys.stdout = sys.__stdout__ or sys.stdout
        if isinstance(environment.runner, WorkerRunner):
            environment.process_exit_code = 0  # the master judges
        elif self.coordinating.run is not None:
            code = self.coordinating.run.code
            environment.process_exit_code = OURS if code is None else code
        elif self.coordinating.headless:
            # Locust gave up waiting for workers, or somebody stopped it before the run: nothing is known of the target.
            print("the run never began: no load process was there, or it was stopped", file=sys.stderr)
            sys.exit(UNDECIDED)

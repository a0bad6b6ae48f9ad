"""The entry for Locust, and the only file that imports it (importing it patches the whole process).

    locust -f load/locustfile.py --headless --host http://127.0.0.1:8000 --scenario gate --run-out run.json
    locust -f load/locustfile.py --headless --host http://127.0.0.1:8000 -u 50 -r 10 -t 60s WebUser IosUser

Locust brings processes, workers, messages and the web UI; arrivals, clocks, counting and judging are in the files beside
this one. In an arrival plan Locust's users do nothing: a request is due when the plan says so, not when a user has time (with
--closed they are the classic users, for comparison). In a scenario of people each user is one of the guide's clients.
"""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from typing import Any

import gevent
import locust.stats
from locust import FastHttpUser, User, constant_throughput, events, tag, task
from locust.dispatch import UsersDispatcher
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from contracts.command import document_options
from contracts.spec import Spec, SpecError
from load import master_port, options, scenario_factory
from load.engine.in_flight import thresholds
from load.engine.recorder import LoadRecorder, pack, unpack
from load.journeys import JourneyError, catalogue
from load.results import live_pages
from load.results.locust_statistics import LocustStatistics, rounded
from load.runs.load_worker import LoadWorker
from load.runs.run_config import OptionError, RunConfig
from load.runs.scenario_run import OURS, ScenarioRun
from load.runs.workload import ClosedWorkload
from load.virtual_users import user_tasks
from load.virtual_users.roles import ROLES, USERS, chosen
from load.virtual_users.user import SimulatedUser, new_user
from load.virtual_users.user_pool import UserPool
from load.virtual_users.user_tasks import UserTask
from load.virtual_users.user_workload import UserWorkload

USAGE = 64
READY = 0.1
"""Seconds until a user looks again whether there is something for it to do."""
RISE = 5.0
"""Seconds in which all people have come, where nobody says how fast they shall."""
setattr(locust.stats, "bucket_response_time", rounded)  # noqa: B010 - it is typed as int


class Arrivals(FastHttpUser):
    """Stands for the load in Locust's user counts, while the dispatcher sends it; with --closed it sends it itself."""

    session: LocustRun | None = None

    @property
    def turns(self) -> ClosedWorkload | None:
        worker = self.session.worker if self.session is not None else None
        return worker.workload if worker is not None and isinstance(worker.workload, ClosedWorkload) else None

    def wait_time(self) -> float:
        turns = self.turns
        return float(constant_throughput(turns.pace)(self)) if turns is not None else READY

    @task
    def act(self) -> None:
        turns = self.turns
        if turns is not None and turns.round is not None:
            turns.round.step(self.client)
        else:
            gevent.sleep(READY)


class GuideUser(User):
    """One person (load.people), taken from step to step at the pace of a human hand."""

    abstract = True
    simulated_user: SimulatedUser | None = None

    @property
    def user_pool(self) -> UserPool | None:
        session = Arrivals.session
        worker = session.worker if session is not None else None
        act = worker.workload if worker is not None else None
        return act.user_pool if isinstance(act, UserWorkload) and act.user_pool.open else None

    def wait_time(self) -> float:
        user_pool, simulated_user = self.user_pool, self.simulated_user
        return simulated_user.pause() if user_pool is not None and simulated_user is not None else READY

    def step(self, user_task: UserTask) -> None:
        user_pool = self.user_pool
        if user_pool is None:
            return
        if self.simulated_user is None or self.simulated_user.user_pool is not user_pool:
            self.simulated_user = new_user(user_pool, type(self).__name__)
        self.simulated_user.step(user_task.do)

    def on_stop(self) -> None:
        if self.simulated_user is not None:
            self.simulated_user.leave()


def _tasks(role: str) -> list[Any]:
    """The habits of a role as tasks of Locust's, with their names and tags, each as often as its weight says."""

    def made(user_task: UserTask) -> Any:
        def step(user: GuideUser) -> None:
            user.step(user_task)

        step.__name__ = step.__qualname__ = user_task.name
        return tag(*user_task.tags)(step)

    return [step for user_task in user_tasks.of(ROLES[role]) for step in [made(user_task)] * user_task.weight]


class WebUser(GuideUser):
    """A person with the guide's web client."""

    tasks = _tasks("WebUser")


class IosUser(GuideUser):
    """A person with the guide's iOS client."""

    tasks = _tasks("IosUser")


class AndroidUser(GuideUser):
    """A person with the guide's Android client."""

    tasks = _tasks("AndroidUser")


class RealtimeUser(GuideUser):
    """A person with the guide's web client and its socket."""

    tasks = _tasks("RealtimeUser")


_FIRST = iter((True,))
"""The web page asks for the parser again, to know its fields; by then the master has its port."""


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _add_options(parser: Any) -> None:
    options.add(parser)
    try:
        if next(_FIRST, False):
            master_port.choose(parser)
    except OptionError as error:
        print(error, file=sys.stderr)
        sys.exit(USAGE)


class LocustRun:
    """What one Locust process is in a run: conductor, player, or both. Listens to Locust's events, in its words."""

    def __init__(self, environment: Any, spec: Spec) -> None:
        self.environment = environment
        self.spec = spec
        self.runner = environment.runner
        self.coordinator: ScenarioRun | None = None
        self.worker: LoadWorker | None = None
        self.statistics = LocustStatistics(environment)
        self.interrupts = 0
        self.given: Any = environment.parsed_options
        self.users = self.given.num_users
        self.rise = self.given.spawn_rate
        self.run_time = self.given.run_time

    @property
    def headless(self) -> bool:
        return bool(self.given.headless)

    @property
    def roles(self) -> tuple[str, ...]:
        return chosen(self.given.scenario, self.given.user_classes or ())

    def dispatcher(self, worker_nodes: Any, user_classes: Any) -> UsersDispatcher:
        """Locust would mix all classes that there are; a run has either people or arrivals."""
        playing = self.roles or (Arrivals.__name__,)
        return UsersDispatcher(worker_nodes, [kind for kind in user_classes if kind.__name__ in playing])

    # Conductor's side

    def make(self) -> ScenarioRun:
        """Out of the command line or the web form; a caller's mistake is one of courses.MISTAKES."""
        given = self.given
        users, rise, run_time = given.num_users, given.spawn_rate, given.run_time
        if self.headless:
            users, rise, run_time = self.users, self.rise, self.run_time
        return scenario_factory.make(
            scenario_factory.RunRequest(
                given=given, spec=self.spec, host=self.environment.host, users=users, rise=rise, run_time=run_time,
                endless=not self.headless, tell=self.tell, gone=self.gone, report=self.statistics,
            )
        )  # fmt: skip

    def counted(self) -> LoadRecorder | None:
        return self.coordinator.counted if self.coordinator is not None else None

    def open_windows(self, web_ui: Any) -> None:
        if web_ui is not None:
            live_pages.add_tab(web_ui, self.spec, self.counted)
        try:
            if self.given.prometheus_port:
                live_pages.serve(live_pages.address(self.given.prometheus_port), self.spec, self.counted)
        except OptionError as error:
            _leave(self, str(error), USAGE)

    def check(self) -> None:
        """Before anything is sent: a mistake ends the process with one line and 64."""
        try:
            self.make()
        except scenario_factory.MISTAKES as error:
            _leave(self, str(error), USAGE)

    def begin(self) -> None:
        try:
            self.coordinator = self.make()
        except scenario_factory.MISTAKES as error:
            logging.error("%s", error)
            gevent.spawn(self.runner.stop)
            return
        gevent.spawn(self.execute, self.coordinator)

    def execute(self, coordinator: ScenarioRun) -> None:
        workers = ["local"]
        if isinstance(self.runner, MasterRunner):
            workers = [c.id for c in (*self.runner.clients.ready, *self.runner.clients.spawning)]
        try:
            coordinator.execute(workers)
        except Exception as error:
            logging.exception("the harness failed: %s", error)
            coordinator.code = OURS
            coordinator.over.set()
        self.environment.process_exit_code = coordinator.code
        if self.headless:
            self.runner.quit()
        elif self.runner.state not in ("stopping", "stopped"):
            self.runner.stop()

    def tell(self, worker: str, kind: str, data: dict[str, Any]) -> None:
        if isinstance(self.runner, MasterRunner):
            self.runner.send_message(f"tchat-{kind}", data, client_id=worker)
        else:
            self.told(kind, data)

    def gone(self, worker: str) -> bool:
        """Locust misses a worker's heartbeats after 3 s."""
        if not isinstance(self.runner, MasterRunner):
            return False
        return worker not in self.runner.clients or self.runner.clients[worker].state == "missing"

    def heard(self, environment: Any, msg: Any) -> None:
        if self.coordinator is not None:
            self.coordinator.hear(msg.node_id, msg.type.removeprefix("tchat-"), msg.data)

    # Player's side

    def told(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "prepare":
            self.worker = LoadWorker(self.spec, RunConfig.read(data), say=self.say, report=self.statistics)
            gevent.spawn(self._guarded, self.worker.prepare)
        elif self.worker is not None and kind == "clock":
            self.worker.tell_clock(data["asked"])
        elif self.worker is not None and kind == "go":
            gevent.spawn(self._guarded, self.worker.run_share, data["lead"])
            if isinstance(self.runner, LocalRunner):
                gevent.spawn(self.worker.progress)
        elif self.worker is not None:
            gevent.spawn(self.worker.finish)

    def _guarded(self, part: Any, *given: Any) -> None:
        """A bug in the harness ends the run with a verdict, not with a silence that somebody waits on."""
        try:
            part(*given)
        except Exception as error:
            logging.exception("the harness failed")
            self.say(
                "refused", {"line": f"the harness failed: {type(error).__name__}: {error}", "reached": True}
            )

    def say(self, kind: str, data: dict[str, Any]) -> None:
        self.statistics.flush()
        if not isinstance(self.runner, WorkerRunner):
            if self.coordinator is not None:
                self.coordinator.hear("local", kind, data)
        elif kind == "report":
            shipped: dict[str, Any] = {"tchat": _packed(data)}
            self.environment.events.report_to_master.fire(client_id=self.runner.client_id, data=shipped)
            self.runner.send_message("stats", shipped)
        else:
            self.runner.send_message(f"tchat-{kind}", data)

    def reporting(self, client_id: str, data: dict[str, Any]) -> None:
        if self.worker is not None and "tchat" not in data:
            data["tchat"] = _packed(self.worker.counted())

    def reported(self, client_id: str, data: dict[str, Any]) -> None:
        if self.coordinator is not None and "tchat" in data:
            told = data["tchat"]
            counts = unpack(told["counts"], thresholds(self.spec))
            self.coordinator.hear(client_id, "report", {**told, "counts": counts})

    # Locust's events

    def started(self, environment: Any) -> None:
        if not isinstance(self.runner, WorkerRunner):
            self.begin()

    def ending(self, environment: Any) -> None:
        """Somebody stops the run, or it is over already. Blocks until what is known is written."""
        if self.coordinator is not None:
            self.coordinator.finish()
            self.coordinator.over.wait()
        elif self.worker is not None:
            self.worker.finish()

    def interrupted(self) -> None:
        """Ctrl-C. As it comes it would end whichever greenlet happens to run, and that may be the dispatcher."""
        if not self.interrupts:
            self.interrupts += 1
            self.ending(self.environment)
        raise KeyboardInterrupt  # gevent hands it to the main greenlet, which is where Locust waits for it

    def leaving(self, environment: Any) -> None:
        self.ending(environment)
        if isinstance(self.runner, WorkerRunner):
            environment.process_exit_code = 0  # the master judges
        elif self.coordinator is not None:
            environment.process_exit_code = OURS if self.coordinator.code is None else self.coordinator.code


def _packed(report: dict[str, Any]) -> dict[str, Any]:
    """A player's report as it goes to another process."""
    return {**report, "counts": pack(report["counts"])}


def _leave(session: LocustRun, line: str, code: int) -> None:
    """All processes of --processes notice the same mistake; only one says so."""
    if isinstance(session.runner, WorkerRunner):
        sys.exit(0)
    print(line, file=sys.stderr)
    sys.exit(code)


@events.init.add_listener  # type: ignore[untyped-decorator]
def _init(environment: Any, runner: Any, web_ui: Any, **_: Any) -> None:
    try:
        spec = document_options.adopted(environment.parsed_options, "locust")
        catalogue(spec)
    except SpecError as error:
        print(f"locust: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except JourneyError as error:
        print(error, file=sys.stderr)
        sys.exit(OURS)
    session = LocustRun(environment, spec)
    Arrivals.session = session
    given = environment.parsed_options
    environment.dispatcher_class = session.dispatcher
    hooks = environment.events
    hooks.test_start.add_listener(session.started)
    hooks.test_stopping.add_listener(session.ending)
    hooks.quitting.add_listener(session.leaving)
    gevent.signal_handler(signal.SIGINT, session.interrupted)
    if isinstance(runner, WorkerRunner):
        hooks.report_to_master.add_listener(session.reporting)
        for kind in ("prepare", "clock", "go", "finish"):
            runner.register_message(
                f"tchat-{kind}", lambda environment, msg: session.told(msg.type[6:], msg.data)
            )
        return
    if isinstance(runner, MasterRunner):
        hooks.worker_report.add_listener(session.reported)
        for kind in ("ready", "refused", "clock", "done"):
            runner.register_message(f"tchat-{kind}", session.heard)
    session.open_windows(web_ui)
    if session.headless:
        session.check()
        # Locust's timer would cut the warm-up and the drain off, and its table says less than ours, every 2 s.
        given.run_time = None
        _count_users(session, given)
        if not (given.print_stats or given.only_summary):
            given.only_summary = True
            logging.getLogger("locust.stats_logger").disabled = True


def _count_users(session: LocustRun, given: Any) -> None:
    """Locust's own numbers for a run without its page: users are people, closed users, or one idle one a process."""
    if session.roles:
        given.num_users = given.num_users or USERS
        given.spawn_rate = given.spawn_rate or given.num_users / RISE
        return
    users = options.closed_users(given, given.num_users)
    given.num_users, given.spawn_rate = users or getattr(given, "processes", None) or 1, 100

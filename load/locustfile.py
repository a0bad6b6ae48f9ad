"""The entry file of Locust: our user classes, our options, and one `LocustRun` for the process.

    locust -f load/locustfile.py --headless --host http://127.0.0.1:8000 --scenario gate --run-out run.json
    locust -f load/locustfile.py --headless --host http://127.0.0.1:8000 -u 50 -r 10 -t 60s WebUser IosUser

Locust brings processes, workers, messages and the web UI; arrivals, clocks, counting and judging are our own. In an arrival plan
Locust's users do nothing: a request is due when the plan says so, not when a user has time. In a scenario of users each one is one of
the guide's clients.
"""

import argparse
import logging
import sys
from collections.abc import Mapping
from typing import Any

import gevent
import locust.runners
import locust.stats
from locust import User, constant, events, tag, task
from locust.exception import RescheduleTask, StopUser

from contracts.command import document_options
from contracts.command.exit_code import Stop
from contracts.network import tls
from contracts.spec import SpecError
from load import master_port, options, scenario_factory
from load.journeys import JourneyError, catalogue
from load.locust_run import LocustRun
from load.results import own_measures
from load.results.live import live_pages, otel_metrics
from load.results.locust_statistics import rounded
from load.runs.own_users import OwnCallError, OwnUsersWorkload
from load.runs.run_config import OptionError
from load.runs.scenario_run import OURS
from load.virtual_users import user_tasks
from load.virtual_users.roles import ROLES, USERS
from load.virtual_users.user import SimulatedUser, new_user
from load.virtual_users.user_pool import UserPool
from load.virtual_users.user_tasks import UserTask
from load.virtual_users.user_workload import UserWorkload

USAGE = 64
READY = 0.1
"""Seconds until a user looks again whether there is something for it to do."""
NO_LIMIT, OF_USERS = (
    "No run time limit set, use CTRL+C to interrupt",
    ("Ramping to ", "All users spawned", "Sending spawn jobs", "Spawning is complete"),
)
RISE, MOST_RISE = 5.0, 1000
"""Seconds in which all users have come, where nobody says how fast they shall."""
setattr(locust.stats, "bucket_response_time", rounded)  # noqa: B010 - it is typed as int


class Arrivals(User):
    """Stands for the load in Locust's user counts, while the dispatcher sends it."""

    wait_time = constant(READY)

    @task
    def stand(self) -> None:
        """Nothing: a request is due when the plan says so."""


class GuideUser(User):
    """One user of the guide's client (load.virtual_users), taken from step to step at the pace of a human hand."""

    abstract = True
    simulated_user: SimulatedUser | None = None

    @property
    def user_pool(self) -> UserPool | None:
        worker = self.environment.load_run.worker
        workload = worker.workload if worker is not None else None
        return workload.user_pool if isinstance(workload, UserWorkload) and workload.user_pool.open else None

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
    """The tasks of a role as tasks of Locust's, with their names and tags, each as often as its weight says."""

    def made(user_task: UserTask) -> Any:
        def step(user: GuideUser) -> None:
            user.step(user_task)

        step.__name__ = step.__qualname__ = user_task.name
        return tag(*user_task.tags)(step)

    return [step for user_task in user_tasks.of(ROLES[role]) for step in [made(user_task)] * user_task.weight]


class ApiUser(User):
    """The base of user classes of one's own: calls by operation, recorded and judged like every call of ours.

    from load import locustfile as load          # in a locustfile of your own; then: locust -f mine.py --host URL
    class Editor(load.ApiUser): ...
    """

    abstract = True
    of_ones_own = True

    @property
    def _own_users(self) -> OwnUsersWorkload:
        """Waits until the run has begun; ends the user where it is over."""
        while True:
            worker = self.environment.load_run.worker
            if worker is not None and isinstance(worker.workload, OwnUsersWorkload):
                if worker.workload.open:
                    return worker.workload
                if worker.over.is_set() or worker.workload.send_window.stopped:
                    raise StopUser
            gevent.sleep(READY)

    def call(
        self, operation: str, *, path: Mapping[str, str] | None = None, query: Mapping[str, Any] | None = None,
        body: Any = None, headers: Mapping[str, str] | None = None, expects: int | None = None,
    ) -> Any:  # fmt: skip
        """One request; what it answers, without the envelope `data`. A failed one is counted, and ends the task."""
        own_users = self._own_users
        if getattr(self, "_pool", None) is None:
            self._pool = own_users.tracker.data_pool.apart()
        try:
            return own_users.call(
                self._pool,
                operation,
                path=path,
                query=query,
                body=body,
                headers=headers or {},
                expects=expects,
            )
        except OwnCallError as error:
            logging.debug("%s", error)
            raise RescheduleTask from None

    def check(self, name: str, passed: object) -> None:
        """A check of your own: one that fails once is a FAIL of the run."""
        own_measures.check(self._own_users.tracker.recorder, name, bool(passed))

    def measure(self, name: str, value: float) -> None:
        """A metric of your own: its percentiles stand in the result."""
        own_measures.measure(self._own_users.tracker.recorder, name, value)


class WebUser(GuideUser):
    """A user of the guide's web client."""

    tasks = _tasks("WebUser")


class IosUser(GuideUser):
    """A user of the guide's iOS client."""

    tasks = _tasks("IosUser")


class AndroidUser(GuideUser):
    """A user of the guide's Android client."""

    tasks = _tasks("AndroidUser")


class RealtimeUser(GuideUser):
    """A user of the guide's web client and its socket."""

    tasks = _tasks("RealtimeUser")


def _subclasses(kind: type[User]) -> list[type[User]]:
    below: list[type[User]] = kind.__subclasses__()
    return [found for each in below for found in (each, *_subclasses(each))]


_FIRST = iter((True,))
"""The web page asks for the parser again, to know its fields; by then the master has its port."""


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _add_options(parser: Any) -> None:
    try:
        options.add(parser)
    except argparse.ArgumentError:
        print(
            "-f: a locustfile of your own imports ours; name it alone, without load/locustfile.py",
            file=sys.stderr,
        )
        sys.exit(USAGE)
    options.strict(parser, lambda: [kind.__name__ for kind in _subclasses(User)])
    try:
        if next(_FIRST, False):
            master_port.choose(parser)
    except OptionError as error:
        print(error, file=sys.stderr)
        sys.exit(USAGE)


@events.init.add_listener  # type: ignore[untyped-decorator]
def _init(environment: Any, runner: Any, web_ui: Any, **_: Any) -> None:
    given = environment.parsed_options
    try:
        tls.adopted(given, "locust")
        spec = document_options.adopted(given, "locust")
        catalogue(spec)
    except (SpecError, Stop) as error:
        print(f"locust: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except JourneyError as error:
        print(error, file=sys.stderr)
        sys.exit(OURS)
    run = environment.load_run = LocustRun(environment, spec)
    environment.dispatcher_class = run.dispatcher
    run.listen()
    if isinstance(runner, locust.runners.WorkerRunner):
        return
    coordinating = run.coordinating
    try:
        live_pages.open_pages(web_ui, given, spec, coordinating)
        if given.otel:
            otel_metrics.start(spec, coordinating.counted)
        if coordinating.headless:
            scenario_factory.refuse_unsupported(given, environment.user_classes)
            coordinating.make()
    except scenario_factory.MISTAKES as error:
        run.leave(str(error), USAGE)
    if coordinating.headless:
        _prepare_headless(run, given)


def _prepare_headless(run: LocustRun, given: Any) -> None:
    """Locust's timer would cut the warm-up and the drain off, and its table says less than ours, every 2 s. Its user numbers
    are those of users, or one idle one a process."""
    given.run_time = None
    if run.roles:
        given.num_users = given.num_users or USERS
        given.spawn_rate = given.spawn_rate or min(given.num_users / RISE, MOST_RISE)
    else:
        given.num_users, given.spawn_rate = getattr(given, "processes", None) or 1, 100
    # Locust's lines about its users and its own time limit are not true of a plan.
    logging.getLogger("locust.main").addFilter(lambda line: line.msg != NO_LIMIT)
    if not run.roles:
        logging.getLogger("locust.runners").addFilter(lambda line: not str(line.msg).startswith(OF_USERS))
    if not (given.print_stats or given.only_summary):
        given.only_summary = True
        logging.getLogger("locust.stats_logger").disabled = True

"""The worker's side of a Locust process: hears what the coordinator says, and reports through Locust's own reports."""

import logging
from collections.abc import Callable
from typing import Any

import gevent
from locust.runners import LocalRunner, WorkerRunner

from contracts.command.exit_code import ExitCode
from contracts.spec import Spec
from load.engine import task_failures
from load.engine.recorder import pack
from load.results.locust_statistics import LocustStatistics
from load.runs.load_worker import LoadWorker
from load.runs.run_config import RunConfig
from load.runs.scenario_run import OURS
from load.scenarios.arrival_plan import PlanError
from load.scenarios.shared_arrivals import PlanShare

PREFIX = "tchat-"
"""Of our messages among Locust's."""
Hear = Callable[[str, str, dict[str, Any]], None]
"""(worker, kind, data): what a worker says, to the coordinator of the same process."""


class WorkerSide:
    """The load process's part of the exchange with the coordinator. `local_hear` reaches the coordinator where it is in this
    process."""

    def __init__(self, environment: Any, spec: Spec, statistics: LocustStatistics, local_hear: Hear) -> None:
        self._environment, self._spec, self._statistics, self._local_hear = (
            environment,
            spec,
            statistics,
            local_hear,
        )
        self.worker: LoadWorker | None = None

    def handle(self, kind: str, data: dict[str, Any]) -> None:
        """Handle a message of the coordinator."""
        runner, worker = self._environment.runner, self.worker
        if kind == "prepare":
            gevent.spawn(self._guarded, self._prepare, RunConfig.read(data))
        elif worker is None:
            return
        elif kind == "clock":
            worker.tell_clock(data["asked"])
        elif kind == "go":
            share = PlanShare(*data["share"]) if data.get("share") else None
            gevent.spawn(self._guarded, worker.run_share, data["lead"], share)
            if isinstance(runner, LocalRunner):
                gevent.spawn(worker.progress)
        elif kind == "share":
            worker.change_share(PlanShare(*data["share"]))
        else:
            gevent.spawn(worker.finish)

    def _prepare(self, config: RunConfig) -> None:
        try:
            self.worker = LoadWorker(self._spec, config, say=self._say, report=self._statistics)
        except PlanError as error:  # a file that the coordinator's machine has and this one has not
            self._say("refused", {"line": str(error), "code": ExitCode.USAGE})
            return
        self.worker.prepare()

    def handle_message(self, environment: Any, msg: Any) -> None:
        self.handle(msg.type.removeprefix(PREFIX), msg.data)

    def reporting(self, client_id: str, data: dict[str, Any]) -> None:
        """Add our report to Locust's, which goes to the master every 3 s."""
        if self.worker is not None and "tchat" not in data:
            data["tchat"] = _packed(self.worker.counted())

    def failed(self, user_instance: Any, exception: BaseException, tb: Any) -> None:
        """Handle the death of a Locust user in a task, which makes the verdict UNKNOWN as with any task of ours."""
        if self.worker is not None:
            task_failures.note(self.worker.recorder, exception)

    def _guarded(self, part: Callable[..., None], *given: Any) -> None:
        """Run a step so that a bug of the harness ends the run with a verdict; without it the coordinator would wait for ever."""
        try:
            part(*given)
        except Exception as error:
            logging.exception("the harness failed")
            line = f"the harness failed: {type(error).__name__}: {error}"
            self._say("refused", {"line": line, "code": OURS})

    def _say(self, kind: str, data: dict[str, Any]) -> None:
        runner = self._environment.runner
        if not isinstance(runner, WorkerRunner):
            self._local_hear("local", kind, data)
        elif kind == "report":
            shipped: dict[str, Any] = {"tchat": _packed(data)}
            self._environment.events.report_to_master.fire(client_id=runner.client_id, data=shipped)
            runner.send_message("stats", shipped)
        else:
            runner.send_message(f"{PREFIX}{kind}", data)


def _packed(report: dict[str, Any]) -> dict[str, Any]:
    """A worker's report as it goes to another process."""
    return {**report, "counts": pack(report["counts"])}

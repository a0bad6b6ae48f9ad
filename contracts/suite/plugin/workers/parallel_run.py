"""The parallel run of a session's checks: how many workers it uses, and how checks beyond the time budget are reported."""

import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from contracts.suite.api.api import BUSY
from contracts.suite.api.capabilities import TOLD_BY
from contracts.suite.api.suite_world import World
from contracts.suite.client.http_exchange import TOO_LONG_TO_READ
from contracts.suite.contract_violation import ContractViolation, Unreachable
from contracts.suite.judging.foreign_form import BEHIND_IS_DOWN
from contracts.suite.plugin.collection import CheckItem
from contracts.suite.plugin.failure_report import unchecked
from contracts.suite.plugin.preflight import round_trip
from contracts.suite.plugin.registry import Check
from contracts.suite.plugin.run_results import Results
from contracts.suite.plugin.workers.concurrency import Concurrency
from contracts.suite.plugin.workers.work_order import NEAR, arranged, cost, workers_for
from contracts.suite.plugin.workers.worker_pool import WorkerPool
from contracts.suite.plugin.workers.worker_world import WORLD
from contracts.suite.world.embedded_server import EmbeddedServer
from contracts.suite.world.suite_settings import Settings

FAILED_AND_ENDED = "it failed beside other checks, and the run ended before it could run alone: "
"""The prefix of the reason of a check that failed in parallel in a run that was cut short."""
SLACK = 1.5
"""The estimated time of a check, as a multiple of the round trips of its requests."""


def run_in_workers(session: pytest.Session, results: Results) -> bool:
    """Run the checks in workers. False means that pytest has to run them itself, one after another."""
    option, settings = session.config.option, results.settings
    items = [item for item in session.items if isinstance(item, CheckItem)]
    if not items or len(items) < len(session.items) or option.usepdb or option.capture == "no":
        return False
    if "fork" not in multiprocessing.get_all_start_methods():
        return False
    checks = [item.check for item in items]
    trip = _round_trip(settings)
    measured = bool(settings.host or settings.embedded)
    work = sum(map(cost, checks))
    count = workers_for(work, trip, cores=_cores(), most=settings.concurrency)
    budget = settings.budget
    if count == 1 and budget is None:
        return False
    order = arranged(checks, shared=bool(settings.host), by_value=budget is not None)
    concurrency = Concurrency(
        count,
        max(trip, NEAR),
        lambda answered: (
            workers_for(work, answered, cores=_cores(), most=settings.concurrency) if measured else count
        ),
    )
    pool = WorkerPool(
        session,
        concurrency,
        merge=lambda counted: results.merge(counted) if counted else None,
        findings=lambda: list(results.faults.values()),
        lost=_lost,
        fits=lambda place, left: budget is None or cost(checks[place]) * concurrency.trip * SLACK < left,
        disturbed=lambda report: (
            bool(settings.host) and _disturbed(report, session.config.stash[WORLD].world)
        ),
        until=float("inf") if budget is None else time.monotonic() + budget - (time.time() - results.started),
    )
    _prepare(session.config, checks, shared=bool(settings.host))
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.showfspath = False  # checks of all files end in turn, and each would begin a line
    try:
        pool.run(order)
    finally:
        if measured:
            results.parallelism = (
                f"{count} checks at a time, at a round trip of {trip * 1000:.0f} ms{concurrency.told}"
            )
        session.config.stash[WORLD].close()
        for place, row in pool.unconfirmed().items():
            failed = row.grade == "FAIL"
            results.add(unchecked(items[place], f"{FAILED_AND_ENDED}{row.reason}") if failed else row)
        results.uncounted = pool.uncounted
        if pool.cut_off:
            results.left_out = (
                f"not run: it was left out for --budget {budget:g} s, as what matters more comes first"
            )
    return True


def _round_trip(settings: Settings) -> float:
    """The round trip in seconds to the target, or to an embedded server with options, such as a fault that makes it slow."""
    if settings.host:
        return round_trip(settings)
    if not settings.embedded:
        return NEAR
    try:
        server = EmbeddedServer(settings.seed, settings.embedded)
    except Unreachable:
        return NEAR  # the checks will report it
    try:
        return round_trip(replace(settings, host=server.url))
    finally:
        server.stop()


def _prepare(config: pytest.Config, checks: Sequence[Check], *, shared: bool) -> None:
    """Import what all workers need before they are forked and, for a shared target, ask once for its accounts and capabilities."""
    schemathesis: Any = None
    if any(check.family == "conformance" for check in checks):
        from contracts.suite.schemathesis import schemathesis_runner as schemathesis
    if not shared:
        return
    try:
        world = config.stash[WORLD].open()
        world.target.recorder.secrets.share()
        needs = {need for check in checks for need in check.needs}
        for need in sorted(needs | ({"frames"} if "realtime" in needs else set())):
            world.capabilities.has(need)
        if schemathesis is not None:
            schemathesis.schemathesis_runner(world)
    except (ContractViolation, Unreachable):
        return  # the checks will report it


def _disturbed(report: Any, world: World | None) -> bool:
    """Whether other checks may be the cause of this report. They are not where the probe, before any check began, saw the same."""
    made = report.get("check") if isinstance(report, dict) else None
    if made is None or (world and world.capabilities.known(TOLD_BY.get(made.id, "")) is False):
        return False
    unknown = made.reason.endswith((BUSY, TOO_LONG_TO_READ)) or BEHIND_IS_DOWN.search(made.reason)
    return bool(made.grade == "FAIL" or unknown)


def _lost(item: pytest.Item, why: str) -> pytest.TestReport:
    report: Any = pytest.TestReport(
        item.nodeid, item.location, dict.fromkeys(item.keywords, 1), "failed", f"{item.name}: {why}", "call"
    )
    report.check, report.line = unchecked(item, why), why
    return report  # type: ignore[no-any-return]


def _cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

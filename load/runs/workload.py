"""`ArrivalWorkload`, what one load process does with a plan's arrivals; those of users and of sockets have the same steps.

workload.prepare()   blocks; warm_up.Refused where the run cannot begin
workload.perform()   from the start of the run to the end of the sending, or until `workload.send_window.stop()`
workload.clean_up()  archives what it has made
workload.close()
"""

import random
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any

from contracts.spec import Spec, oauth_clients
from load.engine.clean_up import archive
from load.engine.dispatcher import Dispatcher, JourneySequence
from load.engine.in_flight import Report
from load.engine.recorder import LoadRecorder
from load.engine.request_executor import RequestExecutor
from load.engine.warm_up import warm_up
from load.http.connection import Pool
from load.http.target import parse
from load.journeys import Journey, catalogue
from load.journeys.amended_journey import amended
from load.journeys.data_pool import DataPool, LoginSession
from load.journeys.sessions import FOREVER
from load.results.own_measures import watched
from load.runs.run_config import BY_CODE, RunConfig, account
from load.scenarios.data_files import accounts
from load.scenarios.scenario_file import SEQUENCE
from load.scenarios.shared_arrivals import PlanShare, SharedArrivals
from load.scenarios.stock import stock

OF_ACCOUNTS = frozenset({"login", "refreshTokens", "logout", *BY_CODE})
"""Operations that need an account even where tokens are ready."""


class ArrivalWorkload:
    """The open workload: the plan says when each request is due."""

    def __init__(self, spec: Spec, config: RunConfig, recorder: LoadRecorder, report: Report) -> None:
        self.config = config
        self.plan_share = PlanShare(since=0, index=config.index, of=config.of)
        self.left = 0
        """Items of its own that it could not archive."""
        self.journeys = _journeys(spec, config, recorder)
        data_pool = DataPool(
            random.Random(f"{config.seed} {config.index}"), name=f"w{config.index}", account=account()
        )
        if config.file is not None:
            data_pool.accounts = accounts(config.file.accounts) or data_pool.accounts
        data_pool.callers = [
            LoginSession(f"{data_pool.name} {token.place}", token.access, "", perf_counter_ns() + FOREVER)
            for token in config.ready_tokens
        ]
        data_pool.oauth_clients = oauth_clients(spec)
        pool = Pool(parse(config.host, prefix=spec.prefixes[0]))
        self.tracker = RequestExecutor(
            spec=spec, pool=pool, data_pool=data_pool, recorder=recorder, report=report
        )
        self.send_window = Dispatcher(
            self.tracker,
            self.journeys,
            sequences=_sequences(config, self.journeys),
            chance=config.random("think"),
        )

    def prepare(self) -> None:
        plan = self.config.plan()
        needed = stock(plan, self.config.index, self.config.of)
        asked = self.config.operations(plan)
        self.tracker.schema_sample.prepare(
            (journey.operation, self.tracker.their_status(journey.operation, journey.expects))
            for journey in self.journeys.values()
            if journey.operation in asked
        )
        read_only = self.config.file is not None and self.config.file.read_only
        warm_up(self.tracker, self.journeys, needed, read_only=read_only, logs_in=bool(asked & OF_ACCOUNTS))

    def perform(self) -> None:
        self.send_window.run(SharedArrivals(self.config.plan().arrivals(), self.plan_share))

    def take_share(self, share: PlanShare) -> None:
        """Send this share from now on, before the first arrival or in the middle of the plan."""
        self.plan_share = share
        self.send_window.change(share)

    def clean_up(self, seconds: float) -> None:
        """Archive the items that it has made, for so long at most."""
        self.left = archive(self.tracker, tuple(self.tracker.data_pool.made), seconds=seconds)

    def close(self) -> None:
        self.tracker.pool.close()

    def report(self) -> dict[str, Any]:
        """The facts that the coordinator gets at the end beside the counts."""
        return {"left": self.left}


def _journeys(spec: Spec, config: RunConfig, recorder: LoadRecorder) -> Mapping[str, Journey]:
    """All journeys, with the headers and data of the user's own scenario."""
    known = catalogue(spec)
    file = config.file
    if file is None:
        return known
    return {
        name: watched(
            amended(journey, headers=file.headers, rows=file.rows.get(name, ())),
            file.watched.get(name, ()),
            recorder,
        )
        for name, journey in known.items()
    }


def _sequences(config: RunConfig, journeys: Mapping[str, Journey]) -> Mapping[str, JourneySequence]:
    if config.file is None:
        steps = tuple(journeys[name] for name in BY_CODE) if config.flow == "pkce" else ()
        return {"login": JourneySequence(steps, 0)} if steps else {}
    return {
        f"{SEQUENCE}{name}": JourneySequence(tuple(journeys[step] for step in one.steps), one.think)
        for name, one in config.file.sequences.items()
    }

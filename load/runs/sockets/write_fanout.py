"""The scenario `write-fanout`: one write, N open sockets, 2 N requests for what has changed; again and again.

    locust -f load/locustfile.py --headless --host URL --scenario write-fanout --clients 200 --rate 1 --duration 12

Every write is an event on every socket, and every event is two requests due within four tenths of a second: the burst that
invalidation by events makes. It runs in the coordinating process alone, because all sockets have to hear of the same write at the same time.
"""

import random
import sys
from collections.abc import Sequence
from time import perf_counter_ns

import gevent

from contracts.command.collector_pause import frozen
from contracts.run.histogram import Histogram
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine import clean_up
from load.engine.in_flight import Report, thresholds
from load.engine.recorder import LoadRecorder
from load.engine.request_executor import RequestExecutor
from load.engine.send_window import PATIENCE, SendWindow
from load.engine.timing.loop_monitor import LoopMonitor
from load.engine.warm_up import Refused, warm_up
from load.http.connection import Pool
from load.http.target import Target
from load.journeys import catalogue
from load.journeys.data_pool import DataPool, Draft
from load.realtime.channel_endpoint import ChannelEndpoint
from load.realtime.websocket import Endpoint
from load.results import run_builder, terminal
from load.results.history_file import HistoryFile
from load.results.reconciliation import read as read_journal
from load.results.reconciliation import reconciled
from load.results.run_outputs import Outputs
from load.runs.load_worker import HURRIED
from load.runs.run_config import account
from load.runs.scenario_run import ScenarioRun, grade_of
from load.runs.sockets.fanout_sockets import EventDeliveries, FanOutSockets
from load.runs.sockets.fanout_verdicts import FanOutPlan, FanOutResult, Staleness, judge, steady
from load.runs.sockets.fanout_verdicts import by_operation as by_operation_of_fanout
from load.scenarios.stock import Stock

OPEN_SECONDS = 30.0
APART = 0.4
"""Seconds between the first and the last of the clients that read again. One process cannot send 400 requests at one instant, and
clients in the world do not: the ways of an event to them differ, and screens draw first. At 0.1 s one process was itself late."""
WRITE, READ, LIST = "updateContentItem", "getContentItem", "getContentItems"


class FanOutRun(ScenarioRun):
    def __init__(
        self, spec: Spec, target: Target, plan: FanOutPlan, *, report: Report, outputs: Outputs
    ) -> None:  # fmt: skip
        super().__init__(spec, outputs)
        self.target = target
        self.plan = plan
        self.journeys = catalogue(spec)
        self.recorder = LoadRecorder(thresholds(spec))
        data_pool = DataPool(random.Random(plan.seed), name="fanout", account=account())
        self.executor = RequestExecutor(
            spec=spec, pool=Pool(target), data_pool=data_pool, recorder=self.recorder, report=report
        )
        self.send_window = SendWindow(self.executor)
        self.staleness = Staleness(Histogram(), Histogram())
        self.stale: list[str] = []
        self._chance = random.Random(f"{plan.seed} apart")
        self.written: dict[int, int] = {}
        """Version -> when its write was acknowledged, ns."""
        self.sockets: FanOutSockets | None = None
        self.stopped = False

    @property
    def counted(self) -> LoadRecorder:
        return self.recorder

    def judged_so_far(self) -> Sequence[Verdict]:
        return by_operation_of_fanout(self.spec, self.recorder, None)

    def execute(self, workers: Sequence[str]) -> None:
        began, before = run_builder.now(), read_journal(self.target)
        verdicts: list[Verdict] = []
        cpu = None
        try:
            self.line.show(f"preparing {self.target.url} …")
            expected = (
                (name, self.executor.their_status(name, self.journeys[name].expects))
                for name in (WRITE, READ, LIST)
            )
            self.executor.schema_sample.prepare(expected)
            warm_up(
                self.executor, self.journeys, Stock(working=1, drafts=0, published=0, revertable=0, guests=0)
            )
            cpu = self._play()
            verdicts += [*self._judged(cpu), *clean_up.leftovers(self._clean_up())]
            verdicts.append(reconciled(before, read_journal(self.target), self.recorder.wire, ()))
        except Refused as refused:
            self.line.clear()
            print(refused, file=sys.stderr)
            self.code = refused.code
            verdicts = [Verdict(check="warm-up", grade=grade_of(refused.code), reason=str(refused))]
            self._clean_up()
        finally:
            self.executor.pool.close()
            self.line.clear()
        self._conclude(began, cpu, verdicts)

    def _clean_up(self) -> int:
        """Archive the items that the warm-up made; how many are left."""
        made = () if self.plan.keep_data else tuple(self.executor.data_pool.made)
        return clean_up.archive(self.executor, made, seconds=HURRIED if self.stopped else clean_up.CLEAN_UP)

    def finish(self) -> None:
        self.stopped = True

    def _play(self) -> float:
        """Open, write, close. The share of a core that it took."""
        executor = self.executor
        item = executor.data_pool.by_state["working"][0].id
        sockets = self.sockets = FanOutSockets(self._endpoint(), self.plan.clients, item, self._refetch)
        loop_monitor = LoopMonitor(self.recorder, executor.stalls)
        try:
            opened = sockets.open(OPEN_SECONDS)
            if opened < self.plan.clients:
                ends = ", ".join(f"{count} {how}" for how, count in sockets.lost.items()) or "no answer"
                raise Refused(f"only {opened} of {self.plan.clients} sockets opened ({ends})")
            with frozen():
                executor.start = perf_counter_ns()
                loop_monitor.start()
                for number in range(self.plan.writes):
                    if self.stopped:
                        break
                    self.line.show(f"write {number + 1} of {self.plan.writes}, {len(sockets.live)} sockets")
                    self._write(executor.start + round(number / self.plan.rate * 1e9))
                self._settle()
                return loop_monitor.stop()
        finally:
            loop_monitor.stop()
            sockets.close()

    def _endpoint(self) -> Endpoint:
        return ChannelEndpoint(self.spec, self.target).endpoint(self.executor.data_pool.caller().access)

    def _write(self, due: int) -> None:
        """Send one write when it is due. It waits for the answer of the last write, but not for the reads that this caused."""
        while (left := due - perf_counter_ns()) > 0 and not self.stopped:
            gevent.sleep(min(left / 1e9, 0.1))
        if self.stopped:
            return
        draft = self.journeys[WRITE].build(self.executor.data_pool)
        self._deliver(WRITE, draft, due)
        version = draft.facts.get("version")
        if version is not None:
            self.written[version] = perf_counter_ns()

    def _settle(self) -> None:
        """Wait until every live socket has got the event of every write, and has read again."""
        sockets = self.sockets
        assert sockets is not None

        def all_delivered() -> bool:
            return all(
                sockets.live <= sockets.deliveries.get(v, EventDeliveries()).at.keys() for v in self.written
            )

        patience = HURRIED if self.stopped else PATIENCE / 1e9
        sockets.wait(all_delivered, patience)
        sockets.wait(lambda: not sockets.refetching, patience)
        self.send_window.drain(0)

    def _refetch(self, socket: int, version: int, now: int) -> None:
        """The item and the list that it is in: `handleContentUpdate` invalidates both (S:1406-1440).

        Each client is as far away as it is, so that they do not ask at the same instant but within APART of each other.
        """
        assert self.sockets is not None
        now += round(self._chance.uniform(0, APART) * 1e9)
        gevent.sleep(max(0, now - perf_counter_ns()) / 1e9)
        data_pool, item = self.executor.data_pool, self.sockets.item
        shown = Draft(path={"id": item}, session=data_pool.caller(), facts={"item": item})
        rows = gevent.spawn(self._deliver, LIST, self.journeys[LIST].build(data_pool), now)
        self._deliver(READ, shown, now)
        rows.join()
        seen = shown.facts.get("version")
        if seen is not None and seen < version:
            self.stale.append(f"version {seen} after the event of version {version}")
        self.staleness.read.record(perf_counter_ns() - now)

    def _deliver(self, name: str, draft: Draft, due: int) -> None:
        self.recorder.due(name, due - self.executor.start)
        self.executor.deliver(self.journeys[name], draft, due)

    # The end

    def _judged(self, cpu: float) -> list[Verdict]:
        sockets = self.sockets
        assert sockets is not None
        for version, acknowledged in self.written.items():
            deliveries = sockets.deliveries.get(version)
            for at in deliveries.at.values() if deliveries is not None else ():
                self.staleness.event.record(max(0, at - acknowledged))
        result = FanOutResult(
            clients=self.plan.clients, written=tuple(self.written), deliveries=sockets.deliveries, lost=sockets.lost,
            stale=tuple(self.stale), staleness=self.staleness, unversioned=sockets.unversioned,
        )  # fmt: skip
        return judge(self.spec, result, self.recorder, cpu, b"\n".join(self.executor.history))

    def _conclude(self, began: float, cpu: float | None, verdicts: list[Verdict]) -> None:
        loads = []
        if self.written:
            loads.append(
                run_builder.result(
                    scenario="write-fanout", plan=self.plan.words, seed=self.plan.seed, seconds=self.plan.seconds,
                    operations=[LIST, READ, WRITE], recorder=self.recorder, cpu=cpu, verdicts=verdicts, state=steady(self.recorder, cpu),
                )
            )  # fmt: skip
        own = [] if loads else verdicts
        if self.stopped:
            reason = f"stopped after {len(self.written)} of {self.plan.writes} writes"
            own = [*own, Verdict(check="run", grade=Grade.UNKNOWN, reason=reason)]
        run = run_builder.run(
            self.spec, began=began, ended=run_builder.now(), target=self.target.url, seed=self.plan.seed,
            command="load write-fanout", loads=loads, verdicts=own,
        )  # fmt: skip
        if self.code is None:
            self.code = run_builder.EXIT[run.grade]
            terminal.summary(run, self.spec, terminal.console())
        history_file = HistoryFile()
        history_file.add(b"\n".join(self.executor.history))
        self.save(run, self.code, history_file)
        history_file.close()
        self.over.set()

"""One load process's part of a run: what it has sent is in its last report, with its answer."""

from time import perf_counter_ns
from typing import Any

import gevent
import pytest

from contracts.spec import load
from load.engine.in_flight import InFlight, thresholds
from load.engine.recorder import LoadRecorder
from load.http.connection import HttpConnection, HttpReply
from load.results.reconciliation import ledger
from load.runs import load_worker
from load.runs.load_worker import LoadWorker
from load.runs.run_config import RunConfig
from load.runs.workload import ArrivalWorkload

SPEC = load()


class SendsAtTheEnd(ArrivalWorkload):
    """As users whose timers go on until they leave."""

    def perform(self) -> None:
        pass

    def clean_up(self, seconds: float) -> None:
        tracker, now = self.tracker, perf_counter_ns()
        pending = InFlight(SPEC["verifyToken"], now, now, HttpConnection())
        tracker.outstanding[pending] = None
        tracker.recorder.due("verifyToken", now - tracker.start)
        tracker.recorder.sent("verifyToken", due=now - tracker.start, sent=now - tracker.start)
        gevent.spawn(self._answer, pending)

    def _answer(self, pending: InFlight) -> None:
        now = perf_counter_ns()
        self.tracker.answered(pending, HttpReply(200, {}, b"", now, now), "", expected=True)
        del self.tracker.outstanding[pending]


def test_an_answer_to_what_was_sent_last_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_worker, "_workload", lambda *parts: SendsAtTheEnd(*parts))
    total = LoadRecorder(thresholds(SPEC))

    def hear(kind: str, data: dict[str, Any]) -> None:
        if kind == "report":
            total.merge(data["counts"])

    config = RunConfig(scenario="smoke", seed=1, host="http://127.0.0.1:1", rate=1, seconds=1)
    LoadWorker(SPEC, config, say=hear, report=lambda *_: None).run_share(0)
    assert total.requests == 1
    assert ledger(total, ()).reason == ""

"""The classic workload for comparison: each of Locust's users asks, waits for the answer, and asks again at its own pace.

The same journeys and the same recorder, but Locust's FastHttpUser sends, and while the target stalls nobody asks: what a user
would have waited is not in the numbers (coordinated omission). So they are shown and judge nothing.
"""

from collections.abc import Callable, Iterator
from time import perf_counter_ns
from typing import Any

from contracts.spec import Operation
from contracts.verdict import Grade, Verdict
from load.engine.request_executor import RequestExecutor
from load.http.connection import ExchangeError, HttpReply
from load.http.request_bytes import parts
from load.http.target import Target
from load.journeys import Journey
from load.journeys.data_pool import DataPoolEmpty, Draft

REMARK = Verdict(
    check="closed",
    grade=Grade.ADVISORY,
    reason="closed users: latency counts from the sending, and what a stalled user did not send is missing; it judges nothing",
)


def locust_sender(client: Any, target: Target, journey: Journey) -> Callable[[Operation, Draft], HttpReply]:
    """Sends through a FastHttpUser's `client`, which reports to Locust's statistics by itself."""

    def carry(operation: Operation, draft: Draft) -> HttpReply:
        message = parts(target, operation, draft)
        with client.request(
            message.method, message.path, data=message.body or None, headers=dict(message.headers),
            name=operation.label, catch_response=True, allow_redirects=False,
        ) as response:  # fmt: skip
            last = perf_counter_ns()
            status = response.status_code
            if not status:
                response.failure("no answer")
                raise ExchangeError("reset", sent=True, detail=str(response.error or "no answer"))
            if status == journey.expects:
                response.success()
            else:
                response.failure(f"{status} instead of {journey.expects}")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpReply(status, headers, bytes(response.content or b""), last, last)

    return carry


class ClosedUsers:
    """What Locust's users take turns at, each with its own client: the next card of the deck."""

    def __init__(self, executor: RequestExecutor, deck: Iterator[Journey]) -> None:
        self.executor = executor
        self.deck = deck

    def step(self, client: Any) -> None:
        """One request, sent now and therefore due now. Blocks until it is answered."""
        executor, journey = self.executor, next(self.deck)
        now = perf_counter_ns()
        executor.recorder.due(journey.operation, now - executor.start)
        try:
            draft = journey.build(executor.data_pool)
        except DataPoolEmpty as reason:
            executor.starve(journey, now, str(reason))
            return
        executor.deliver(journey, draft, now, via=locust_sender(client, executor.pool.target, journey))

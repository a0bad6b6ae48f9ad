"""After the run: what it has made is archived, in bulk and within a bound, so that the target is not left with thousands of items.

The requests are in the history, because processes that still wait for answers may see what they did, and not in the statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from load.engine.request_executor import RequestExecutor
from load.http.connection import ExchangeError
from load.journeys import DecodedAnswer, Journey
from load.journeys.data_pool import DataPool, Draft

AT_ONCE = 100
"""Operations of one bulk request, as many as openapi.yaml allows."""


def archive(executor: RequestExecutor, ids: Sequence[str], *, seconds: float) -> int:
    """How many are left: those of requests that failed, and those for which there was no time."""
    until, left = monotonic() + seconds, 0
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        remaining = until - monotonic()
        if remaining <= 0 or not executor.data_pool.callers:
            return left + len(ids) - at
        journey = _archives(some)
        try:
            done = executor.upkeep(journey, journey.build(executor.data_pool), seconds=remaining)
        except ExchangeError:
            return left + len(ids) - at
        left += len(some) if done.wrong else 0
    return left


def _archives(ids: Sequence[str]) -> Journey:
    def build(data_pool: DataPool) -> Draft:
        return Draft(
            body={"operations": [{"type": "archive", "id": item} for item in ids]},
            session=data_pool.caller(),
            facts={"ops": [["archive", item, None] for item in ids]},
        )

    def learn(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
        result = answer.value["data"]
        draft.facts["failed"] = [[row["index"], row["code"], row["id"]] for row in result["failedOperations"]]
        draft.facts["succeeded"] = result["successfulOperations"]
        draft.settle()

    return Journey(name="bulkUpdateContent", expects=200, build=build, learn=learn)

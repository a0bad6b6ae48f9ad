"""The clean-up after a run: it archives the items that the run created, in bulk and within a time limit.

Its requests are not in the statistics, but in the history, because processes that still wait for answers may see their effects.
"""

from collections.abc import Sequence
from time import monotonic

from contracts.content_writes import BULK
from contracts.dialect import most_elements
from contracts.verdict import Grade, Verdict
from load.engine.request_executor import RequestExecutor
from load.http.connection import ExchangeError
from load.journeys import DecodedAnswer, Journey
from load.journeys.data_pool import DataPool, Draft
from load.journeys.journey import bulk_facts, nothing

CLEAN_UP = 10.0
"""The most seconds of the clean-up; 7,000 items take about one."""
ARCHIVE = "archiveContent"
AT_ONCE = 100
"""Operations of one bulk request, the most that openapi.yaml allows."""


def archive(executor: RequestExecutor, ids: Sequence[str], *, seconds: float) -> int:
    """Archive items. The result is the number that is left, because requests failed or the time was over."""
    until, left = monotonic() + seconds, 0
    in_bulk, alone = (name in executor.spec.operations for name in (BULK, ARCHIVE))
    at_once = most_elements(executor.dialect, BULK, "operations", AT_ONCE) if in_bulk else 1
    if not (in_bulk or alone):
        return len(ids)
    for at in range(0, len(ids), at_once):
        some = ids[at : at + at_once]
        remaining = until - monotonic()
        if remaining <= 0 or not executor.data_pool.callers:
            return left + len(ids) - at
        journey = _archives(some) if in_bulk else _archives_one(some[0])
        try:
            done = executor.upkeep(journey, journey.build(executor.data_pool), seconds=remaining)
        except ExchangeError:
            return left + len(ids) - at
        left += len(some) if done.wrong else 0
    return left


def leftovers(left: int) -> list[Verdict]:
    """The advisory verdict on items that are left."""
    reason = f"{left} items that the run made could not be archived and are still on the target"
    return [Verdict(check="load.clean-up", grade=Grade.ADVISORY, reason=reason)] if left else []


def _archives_one(item: str) -> Journey:
    def build(data_pool: DataPool) -> Draft:
        return Draft(path={"id": item}, body={}, session=data_pool.caller(), facts={"item": item})

    return Journey(name=ARCHIVE, expects=200, build=build, learn=nothing)


def _archives(ids: Sequence[str]) -> Journey:
    def build(data_pool: DataPool) -> Draft:
        return Draft(
            body={"operations": [{"type": "archive", "id": item} for item in ids]},
            session=data_pool.caller(),
            facts={"ops": [["archive", item, None] for item in ids]},
        )

    def learn(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
        draft.facts |= bulk_facts(answer.value)
        draft.settle()

    return Journey(name=BULK, expects=200, build=build, learn=learn)

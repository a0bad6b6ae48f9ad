"""The workload of users from the user's own locustfile; their calls go through our client and recorder and are judged like all.

A user names an operation and, optionally, path, query and body. The facts for the checkers come from request and answer; a call
without a path is made on one of the user's own items.
"""

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter_ns
from typing import Any

import gevent

from load.engine.warm_up import warm_up
from load.journeys import DecodedAnswer, Journey
from load.journeys.data_pool import DataPool, DataPoolEmpty, Draft
from load.journeys.journey import asked_facts, bulk_facts, write_facts
from load.runs.workload import ArrivalWorkload
from load.scenarios.stock import Stock

CHAINED = frozenset({"syncContent", "refreshTokens", "logout", "verifyToken"})
"""Operations that continue the user's earlier calls, so the caller must not give path or query."""


class OwnCallError(Exception):
    """The call failed and was counted, or it was impossible; the message is one line."""


class OwnUsersWorkload(ArrivalWorkload):
    """The workload of the user's own Locust classes. Users act while `open` is true."""

    open = False

    def prepare(self) -> None:
        warm_up(self.tracker, self.journeys, Stock(0, 0, 0, 0, 0), read_only=True, logs_in=False)

    def perform(self) -> None:
        gevent.sleep(max(0, self.tracker.start - perf_counter_ns()) / 1e9)
        self.open = True
        try:
            self.send_window.keep(self.config.plan().seconds)
        finally:
            self.open = False

    def call(
        self, pool: DataPool, name: str, *, path: Mapping[str, str] | None, query: Mapping[str, Any] | None, body: Any,
        headers: Mapping[str, str], expects: int | None,
    ) -> Any:  # fmt: skip
        """Make a call, and return the decoded answer without the envelope `data`. OwnCallError if it failed."""
        journey = self.journeys.get(name)
        if journey is None:
            raise OwnCallError(f"there is no operation {name!r}; there are {', '.join(self.journeys)}")
        answers: list[Any] = []
        draft, learn = self._draft(journey, pool, path, query, body)
        draft.pool, draft.headers = pool, (*draft.headers, *headers.items())

        def keep_answer(pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
            answers.append(answer.value)
            learn(pool, draft, answer)

        now, executor = perf_counter_ns(), self.tracker
        executor.recorder.due(journey.operation, now - executor.start)
        asked = replace(journey, learn=keep_answer, expects=journey.expects if expects is None else expects)
        executor.deliver(asked, draft, now)
        if not answers:
            raise OwnCallError(f"{name} failed")
        value = answers[0]
        return value["data"] if isinstance(value, dict) and "data" in value else value

    def _draft(
        self, journey: Journey, pool: DataPool, path: Mapping[str, str] | None, query: Mapping[str, Any] | None, body: Any
    ) -> tuple[Draft, Any]:  # fmt: skip
        if journey.operation in CHAINED and (path or query):
            raise OwnCallError(f"{journey.name} continues what the user did before: leave path and query out")
        if path or query or isinstance(body, list):
            return _plain(pool, path or {}, query or {}, body), _learn
        try:
            draft = journey.build(pool)
        except DataPoolEmpty as error:
            raise OwnCallError(
                f"{journey.name}: {error}; name the item by path, or create one first"
            ) from None
        if body is not None:
            if "operations" in body:
                pool.give_back(draft)
                return _plain(pool, {}, {}, body), _learn
            draft.body = {**(draft.body or {}), **body}
            if "version" in body:
                draft.facts["base"] = body["version"]
        return draft, journey.learn


def _plain(pool: DataPool, path: Mapping[str, str], query: Mapping[str, Any], body: Any) -> Draft:
    texts = tuple((name, str(value)) for name, value in query.items())
    return Draft(path=path, query=texts, body=body, session=pool.caller(), facts=asked_facts(path, body))


def _learn(pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    """Learn from an answer: the version of one item, or the results of a bulk request."""
    if answer.status >= 400 and isinstance(answer.value, dict):
        draft.facts["code"] = str(answer.value.get("code", ""))
        return
    shown = answer.value.get("data") if isinstance(answer.value, dict) else None
    if not isinstance(shown, dict):
        return
    if "failedOperations" in shown:
        draft.facts |= bulk_facts(answer.value)
    elif {"id", "version", "updatedAt"} <= shown.keys():
        draft.facts |= write_facts(answer.value)
        for item in pool.by_state["working"]:
            if item.id == shown["id"]:
                item.version = shown["version"]

"""The warm-up before a run: it makes sessions and items, and reads categories, so that every arrival can be sent when it is due.

Its requests are not in the statistics, but in the history, because the checkers must know every write.
"""

from collections import deque
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import gevent
from gevent.pool import Pool as Greenlets

from contracts.command.exit_code import ExitCode
from contracts.network import unreachable
from contracts.network.first_answer import doubt
from load.engine.request_executor import RequestExecutor
from load.http.connection import ANSWER, FIRST_ANSWER, ExchangeError
from load.journeys import DecodedAnswer, Journey
from load.journeys.data_pool import DataPool, Draft, KnownItem, LoginSession
from load.journeys.journey import nothing
from load.scenarios.stock import Stock

CALLERS, MOST_CALLERS = 4, 64
"""The number of sessions for content requests: at least 4, one for each account of a scenario file, at most 64."""
ABREAST = 8
"""The most warm-up requests at the same time: little load for the target, and still a thousand items in seconds."""
READ_ONLY_ITEMS = 20
SHOWN_TO = ("verifyToken", "getContentCategories", "getContentItems")
"""The operations to try a ready token with before the run; the first one that the target has is used."""
AGAIN, WAITS = frozenset({0, 429, 500, 502, 503, 504}), (0.1, 0.2, 0.4, 0.8, 1.6)
"""The statuses after which a request is repeated (0 is no answer) and the seconds before each repeat, so that a target with
occasional failures can be measured."""
SILENCE = 12.0
"""The seconds after which a request without an answer is not repeated."""
LONGEST_WAIT = 60.0
"""The most seconds that one request is waited for, by Retry-After and between repeats."""


class Refused(Exception):
    """The run cannot begin, with one line. The code is FAIL if the target is wrong, UNREACHABLE if it did not answer, UNKNOWN if
    the cause cannot be known."""

    def __init__(self, line: str, code: ExitCode = ExitCode.FAIL) -> None:
        super().__init__(line)
        self.code = code


def warm_up(
    executor: RequestExecutor, journeys: Mapping[str, Journey], stock: Stock, *, read_only: bool = False,
    logs_in: bool = True,
) -> None:  # fmt: skip
    """Fill the data pool; Refused if that fails. `read_only`: use the target's existing items. `logs_in`: the run needs an account
    in addition to its ready tokens."""
    data_pool = executor.data_pool
    ready = tuple(data_pool.callers)
    if ready:
        _present(executor, journeys)
    if logs_in or not ready:
        greet(executor, journeys)
    try:
        if ready:
            data_pool.callers[:] = ready
        else:
            for _ in range(min(max(CALLERS, len(data_pool.accounts)), MOST_CALLERS) - 1):
                _ask(executor, journeys["login"], "log in")
                data_pool.callers.append(data_pool.spend_guest())
        if "getContentCategories" in journeys:
            _ask(executor, journeys["getContentCategories"], "read the categories")
        _everywhere(stock.guests, lambda: _ask(executor, journeys["login"], "log in"))
        data_pool.wanted["working"] = stock.working
        if not read_only and "createContentItem" in journeys:
            _fill(executor, journeys, stock)
        elif "getContentItems" in journeys:
            _look_around(executor, journeys)
    except ExchangeError as error:
        raise _silent(executor, error) from None


def _present(executor: RequestExecutor, journeys: Mapping[str, Journey]) -> None:
    """Try each ready token once; Refused if the target does not accept it."""
    known = next((journeys[name] for name in SHOWN_TO if name in journeys), None)
    if known is None:
        return

    def show(session: LoginSession, **more: Any) -> None:
        def unsure(status: int) -> str:
            reason = f"{session.name.partition(' ')[2]}: the target does not take this token ({status})"
            return (
                f"{reason}: it has ended, was revoked, or is another target's" if status in (401, 403) else ""
            )

        journey = Journey(
            name=known.name, expects=known.expects, build=lambda pool: Draft(session=session), learn=nothing
        )
        _ask(executor, journey, "show a ready token", unsure=unsure, **more)

    first, *others = executor.data_pool.callers
    waiting = deque(others)
    try:
        show(first, again=AGAIN - {0}, seconds=FIRST_ANSWER)
        _everywhere(len(others), lambda: show(waiting.popleft()))
    except ExchangeError as error:
        raise _silent(executor, error) from None


def greet(executor: RequestExecutor, journeys: Mapping[str, Journey]) -> None:
    """Log in for the first session. Refused if the target does not answer or does not accept the credentials."""
    purpose = "log in with TCHAT_EMAIL and TCHAT_PASSWORD"
    path, email = executor.spec["login"].path, executor.data_pool.accounts[0].email
    place = f"POST {executor.pool.target.prefix}{path}"
    try:
        _ask(
            executor, journeys["login"], purpose, again=AGAIN - {0}, seconds=FIRST_ANSWER,
            unsure=lambda status: doubt(status, place, email=email),
        )  # fmt: skip
    except ExchangeError as error:
        raise _silent(executor, error) from None
    executor.data_pool.callers.append(executor.data_pool.spend_guest())


def _silent(executor: RequestExecutor, error: ExchangeError | str) -> Refused:
    reason = error.detail if isinstance(error, ExchangeError) else error
    return Refused(unreachable.line(executor.pool.target.url, reason), ExitCode.UNREACHABLE)


def _ask(
    executor: RequestExecutor, journey: Journey, purpose: str, *, again: frozenset[int] = AGAIN, seconds: float = ANSWER,
    unsure: Callable[[int], str] = lambda status: "",
) -> None:  # fmt: skip
    """Send a request until it succeeds. Temporary failures are repeated, each time after twice the wait. `unsure` tells why the
    cause of a status cannot be known. Silence is repeated within SILENCE only, and a request that the target wants later than LONGEST_WAIT
    is not repeated."""
    until, left = monotonic() + SILENCE, LONGEST_WAIT
    for wait in (*WAITS, None):
        status, wrong, silence, asked, unsent = 0, "", "", 0.0, None
        try:
            wrong, status, silence, asked = executor.upkeep(
                journey, journey.build(executor.data_pool), seconds=seconds
            )
        except ExchangeError as error:
            unsent = error
        if unsent is None and not wrong:
            return
        pause = max(wait or 0, asked)
        left -= pause
        if status not in again or wait is None or left < 0 or (not status and monotonic() > until):
            if unsent is not None:
                raise unsent
            if silence:
                raise _silent(executor, silence)
            if why := unsure(status):
                raise Refused(why, ExitCode.UNKNOWN)
            # A limit of the rate is no failure of the target: it may be right for so many requests at once.
            code = ExitCode.UNKNOWN if status == 429 else ExitCode.FAIL
            raise Refused(f"the run cannot begin: could not {purpose} at the target: {wrong}", code)
        gevent.sleep(pause)


def _everywhere(times: int, work: Callable[[], None]) -> None:
    """Do some work several times, partly in parallel; the first failure is raised."""
    failures: list[BaseException] = []

    def guarded() -> None:
        if not failures:
            try:
                work()
            except (Refused, ExchangeError) as error:
                failures.append(error)

    greenlets = Greenlets(ABREAST)
    for _ in range(times):
        greenlets.spawn(guarded)
    greenlets.join()
    if failures:
        raise failures[0]


def _fill(executor: RequestExecutor, journeys: Mapping[str, Journey], stock: Stock) -> None:
    data_pool = executor.data_pool
    create = journeys["createContentItem"]
    items = max(stock.working + stock.drafts + stock.revertable, READ_ONLY_ITEMS)
    _everywhere(items, lambda: _ask(executor, create, "create an item"))
    drafts = data_pool.by_state["drafts"]
    for _ in range(stock.revertable):
        data_pool.place(drafts.popleft(), "revertable")
    waiting = list(data_pool.by_state["revertable"])
    data_pool.by_state["revertable"].clear()
    _everywhere(len(waiting), lambda: _give_past(executor, journeys, waiting.pop()))


def _look_around(executor: RequestExecutor, journeys: Mapping[str, Journey]) -> None:
    """Learn the ids of existing items."""
    lists = journeys["getContentItems"]

    def learn(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
        for row in answer.value["data"]["data"]:
            data_pool.remember(row["id"])
            data_pool.stamp = max(data_pool.stamp, row["updatedAt"])
        lists.learn(data_pool, draft, answer)

    def build(data_pool: DataPool) -> Draft:
        return Draft(query=(("page", "1"), ("limit", "100")), session=data_pool.caller())

    read = Journey(name=lists.name, expects=lists.expects, build=build, learn=learn)
    _ask(executor, read, "list its items")


def _give_past(executor: RequestExecutor, journeys: Mapping[str, Journey], item: KnownItem) -> None:
    """Give an item a second version and learn the id of the first, so that it can be reverted and can be in conflict.

    If the update fails, the item's version is unknown, and the item is not used.
    """
    data_pool = executor.data_pool
    update, versions = journeys["updateContentItem"], journeys.get("getContentVersions")

    def build_update(data_pool: DataPool) -> Draft:
        return Draft(
            path={"id": item.id},
            body={"version": item.version, "title": data_pool.title()},
            session=data_pool.caller(),
            facts={"item": item.id, "base": item.version},
        )

    def learn_update(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
        shown = answer.value["data"]
        item.version = shown["version"]
        draft.facts |= {"version": shown["version"], "at": shown["updatedAt"]}

    def build_read(data_pool: DataPool) -> Draft:
        return Draft(
            path={"id": item.id},
            query=(("limit", "10"),),
            session=data_pool.caller(),
            facts={"item": item.id},
        )

    def learn_versions(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
        rows = answer.value["data"]
        item.ancestor = rows[-1]["id"]
        draft.facts["version"] = rows[0]["version"]

    revised = Journey(name=update.name, expects=update.expects, build=build_update, learn=learn_update)
    done = executor.upkeep(revised, build_update(data_pool))
    if done.wrong and done.status in AGAIN:
        return
    if done.wrong:
        raise Refused(f"the run cannot begin: could not update an item at the target: {done.wrong}")
    if versions is not None:
        read = Journey(name=versions.name, expects=versions.expects, build=build_read, learn=learn_versions)
        _ask(executor, read, "read the versions of an item")
    data_pool.by_state["revertable"].append(item)

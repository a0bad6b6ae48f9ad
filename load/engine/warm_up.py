"""Before the run: sessions, categories and items to work with, so that every arrival can be sent when it is due.

Its requests are in the history, because checkers must know every write, and not in the statistics.
"""

from collections import deque
from collections.abc import Callable, Mapping
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
"""Sessions that content requests share out among them: one an account of a scenario file, up to a bound."""
ABREAST = 8
"""Warm-up requests at once: polite to the target, and still a thousand items in seconds."""
READ_ONLY_ITEMS = 20
SHOWN_TO = ("verifyToken", "getContentCategories", "getContentItems")
"""What a ready token is tried with before the run: the first of these that the target has."""
AGAIN, WAITS = frozenset({0, 429, 500, 502, 503, 504}), (0.1, 0.2, 0.4, 0.8, 1.6)
"""What is tried again, 0 being no answer, and after how many seconds: a target that fails now and then is measured, not refused."""
LONGEST_WAIT = 60.0
"""Seconds of a Retry-After that are waited for."""


class Refused(Exception):
    """The target does not let the run begin. One line, and the code: FAIL where the target is wrong, UNREACHABLE where nothing
    at all answered, UNKNOWN where nobody knows whose mistake it is."""

    def __init__(self, line: str, code: ExitCode = ExitCode.FAIL) -> None:
        super().__init__(line)
        self.code = code


def warm_up(
    executor: RequestExecutor, journeys: Mapping[str, Journey], stock: Stock, *, read_only: bool = False,
    logs_in: bool = True,
) -> None:  # fmt: skip
    """Fill the data pool; Refused says what stood in the way. `read_only`: with what the target shows already. `logs_in`: the run
    needs an account beside its ready tokens."""
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
    """Each ready token is shown to the target once; Refused where it does not take one."""
    known = next((journeys[name] for name in SHOWN_TO if name in journeys), None)
    if known is None:
        return

    def show(session: LoginSession, **more: Any) -> None:
        def unsure(status: int) -> str:
            told = f"{session.name.partition(' ')[2]}: the target does not take this token ({status})"
            return (
                f"{told}: it has ended, was revoked, or is another target's" if status in (401, 403) else ""
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
    """One login, whose session is the first caller; Refused where nobody answers or the credentials are not taken."""
    purpose = "log in with TCHAT_EMAIL and TCHAT_PASSWORD"
    place, email = f"POST {executor.pool.target.prefix}/auth/login", executor.data_pool.accounts[0].email
    try:
        _ask(
            executor, journeys["login"], purpose, again=AGAIN - {0}, seconds=FIRST_ANSWER,
            unsure=lambda status: doubt(status, place, email=email),
        )  # fmt: skip
    except ExchangeError as error:
        raise _silent(executor, error) from None
    executor.data_pool.callers.append(executor.data_pool.spend_guest())


def _silent(executor: RequestExecutor, error: ExchangeError | str) -> Refused:
    told = error.told if isinstance(error, ExchangeError) else error
    return Refused(unreachable.line(executor.pool.target.url, told), ExitCode.UNREACHABLE)


def _ask(
    executor: RequestExecutor, journey: Journey, purpose: str, *, again: frozenset[int] = AGAIN, seconds: float = ANSWER,
    unsure: Callable[[int], str] = lambda status: "",
) -> None:  # fmt: skip
    """Until it works; what may pass by itself is tried again, each time after twice the wait. `unsure`: why nobody knows whose
    mistake this status is."""
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
        if status not in again or wait is None:
            if unsent is not None:
                raise unsent
            if silence:
                raise _silent(executor, silence)
            if why := unsure(status):
                raise Refused(why, ExitCode.UNKNOWN)
            raise Refused(f"the run cannot begin: could not {purpose} at the target: {wrong}")
        gevent.sleep(max(wait, min(asked, LONGEST_WAIT)))


def _everywhere(times: int, work: Callable[[], None]) -> None:
    """Do it so many times, some at once; the first failure is raised here."""
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
    """The ids of items that are there."""
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
    """A second version, and the id of the first: an item that can be reverted and can be in conflict.

    Where the update fails nobody knows the item's version, and it is left alone.
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

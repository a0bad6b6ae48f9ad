"""Before the run: sessions, categories and items for the shelves, so that every arrival can be sent when it is due.

Its requests are in the history, because checkers must know every write, and not in the statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gevent.pool import Pool as Greenlets

from load.connection import ExchangeError
from load.courier import Courier
from load.journeys import Answer, Journey
from load.scenarios import Stock
from load.world import Draft, Item, World

CALLERS = 4
"""Sessions that content requests share out among them."""
ABREAST = 8
"""Warm-up requests at once: polite to the target, and still a thousand items in seconds."""
READ_ONLY_ITEMS = 20


class Refused(Exception):
    """The target does not let the run begin. `reached` is False where nothing at all answered. One line."""

    def __init__(self, line: str, *, reached: bool) -> None:
        super().__init__(line)
        self.reached = reached


def warm_up(courier: Courier, journeys: Mapping[str, Journey], stock: Stock) -> None:
    """Fill the world's shelves; Refused says what stood in the way."""
    world = courier.world
    greet(courier, journeys)
    try:
        for _ in range(CALLERS - 1):
            _ask(courier, journeys["login"], "log in")
            world.callers.append(world.spend_guest())
        _ask(courier, journeys["getContentCategories"], "read the categories")
        _everywhere(stock.guests, lambda: _ask(courier, journeys["login"], "log in"))
        world.wanted["working"] = stock.working
        _fill(courier, journeys, stock)
    except ExchangeError as error:
        raise _silent(courier, error) from None


def greet(courier: Courier, journeys: Mapping[str, Journey]) -> None:
    """One login, whose session is the first caller; Refused where nobody answers or the credentials are not taken."""
    try:
        _ask(courier, journeys["login"], "log in with TCHAT_EMAIL and TCHAT_PASSWORD")
    except ExchangeError as error:
        raise _silent(courier, error) from None
    courier.world.callers.append(courier.world.spend_guest())


def _silent(courier: Courier, error: ExchangeError) -> Refused:
    url = courier.pool.target.url
    return Refused(f"nothing answers at {url} ({error}); is the target running?", reached=False)


def _ask(courier: Courier, journey: Journey, purpose: str, draft: Draft | None = None) -> None:
    wrong = courier.upkeep(journey, journey.build(courier.world) if draft is None else draft)
    if wrong:
        raise Refused(f"the run cannot begin: could not {purpose} at the target: {wrong}", reached=True)


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


def _fill(courier: Courier, journeys: Mapping[str, Journey], stock: Stock) -> None:
    world = courier.world
    create = journeys["createContentItem"]
    items = max(stock.working + stock.drafts + stock.revertable, READ_ONLY_ITEMS)
    _everywhere(items, lambda: _ask(courier, create, "create an item"))
    drafts = world.shelves["drafts"]
    for _ in range(stock.revertable):
        world.place(drafts.popleft(), "revertable")
    waiting = list(world.shelves["revertable"])
    world.shelves["revertable"].clear()
    _everywhere(len(waiting), lambda: _give_past(courier, journeys, waiting.pop()))


def _give_past(courier: Courier, journeys: Mapping[str, Journey], item: Item) -> None:
    """A second version, and the id of the first: an item that can be reverted and can be in conflict."""
    world = courier.world
    world.place(item, "revertable")
    shelf = world.shelves["revertable"]
    shelf.remove(item)
    update = journeys["updateContentItem"]
    draft = Draft(
        path={"id": item.id},
        body={"version": item.version, "title": world.title()},
        session=world.caller(),
        facts={"item": item.id, "base": item.version},
    )

    def learn_update(world: World, draft: Draft, answer: Answer) -> None:
        shown = answer.value["data"]
        item.version = shown["version"]
        draft.facts |= {"version": shown["version"], "at": shown["updatedAt"]}

    revised = Journey(name=update.name, expects=update.expects, build=update.build, learn=learn_update)
    _ask(courier, revised, "update an item", draft)

    def learn_versions(world: World, draft: Draft, answer: Answer) -> None:
        rows = answer.value["data"]
        item.ancestor = rows[-1]["id"]
        draft.facts["version"] = rows[0]["version"]

    versions = journeys["getContentVersions"]
    read = Journey(name=versions.name, expects=versions.expects, build=versions.build, learn=learn_versions)
    _ask(courier, read, "read the versions of an item", Draft(
        path={"id": item.id}, query=(("limit", "10"),), session=world.caller(), facts={"item": item.id}
    ))  # fmt: skip
    shelf.append(item)

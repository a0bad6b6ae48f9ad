"""A short session of one persona, and what it cost: for the report, and to see each policy at work on a real server.

Log in and warm, read and go back, make all six mutations, return to the tab, lose and regain the network, flush the
measurements, let the access token end, log out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from load.client.exchange import Ask, Effect
from load.client.experiments.bench import Bench, Hand
from load.client.monitor import INTERVAL
from load.client.persona import Persona

LIST = Ask("getContentItems", {"page": 1, "limit": 20})
OPENED = 5
DWELL = 8.0
"""Seconds on a screen: under the 30 s after which a return to it asks again."""
LIFE = 901.0
"""A second more than an access token lives (R7)."""


@dataclass(slots=True)
class Played:
    """`sends` are HTTP requests by operation, `refetches` requests by the mutation or event that caused them, `expiry`
    refreshes at the end of the access token (None if the server's clock could not be moved), `failed` what the server
    did not answer with success."""

    persona: str
    sends: dict[str, int] = field(default_factory=dict)
    mounts: int = 0
    served: int = 0
    joined: int = 0
    revalidated: int = 0
    refetches: dict[str, int] = field(default_factory=dict)
    expiry: int | None = None
    duplicates: int = 0
    flushes: int = 0
    measurements_lost: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def hit_ratio(self) -> float:
        """The share of mounts that cost no request."""
        return (self.served + self.joined) / self.mounts if self.mounts else 0.0


def play(bench: Bench, persona: Persona) -> Played:
    """BenchError if the server does not let the session begin."""
    hand = bench.hand(persona)
    played = Played(persona.name)
    _read(hand, played)
    _edit(bench, hand, played)
    client = hand.client
    _counted(hand, played, "focus", client.focus)
    _counted(hand, played, "reconnect", client.reconnect)
    hand.wait(INTERVAL)
    _expire(hand, played)
    hand.do(client.logout(hand.clock.now))
    tally, monitor = client.cache.tally, client.monitor
    played.sends = dict(client.transport.traffic.sends)
    played.mounts, played.served, played.joined = tally.mounts or played.mounts, tally.served, tally.joined
    played.revalidated = client.transport.http_cache.saved
    played.flushes, played.measurements_lost = monitor.flushes, monitor.lost
    return played


def summary(played: Played) -> str:
    """A few lines for people."""
    causes = ", ".join(f"{cause} {requests}" for cause, requests in played.refetches.items())
    expiry = "not tried (the target's clock cannot be moved)" if played.expiry is None else str(played.expiry)
    lines = [
        f"{played.persona}: {sum(played.sends.values())} requests",
        f"  reads: {played.mounts} on the screen, {played.hit_ratio:.0%} without a request "
        f"({played.served} from the cache, {played.joined} joined), {played.revalidated} answered 304",
        f"  requests caused by: {causes}",
        f"  refreshes at expiry: {expiry}; duplicates: {played.duplicates}",
        f"  flushes: {played.flushes}, measurements lost: {played.measurements_lost}",
    ]
    return "\n".join([*lines, *(f"  failed: {what}" for what in played.failed)])


def _read(hand: Hand, played: Played) -> None:
    """The list, some of its items with their history, back to the list each time, and the first item once more."""
    with _shown(hand, played, LIST, Ask("getContentCategories", {"includeEmpty": False})):
        hand.wait(DWELL)
    rows = _rows(hand)[:OPENED]
    for item in [*rows, *rows[:1]]:
        screen = [
            Ask("getContentItem", {"id": item["id"]}),
            Ask("getContentVersions", {"contentId": item["id"]}),
        ]
        with _shown(hand, played, *screen):
            hand.wait(DWELL)
        with _shown(hand, played, LIST):
            hand.wait(DWELL)


def _edit(bench: Bench, hand: Hand, played: Played) -> None:
    """All six mutations on an item of our own, with the list and the item on the screen."""
    title = f"{bench.mark} session {hand.client.persona.name}"
    made = _mutate(hand, played, "createContentItem", title=title)
    if made is None:
        return
    own = made["id"]
    screen = (LIST, Ask("getContentItem", {"id": own}), Ask("getContentVersions", {"contentId": own}))
    with _shown(hand, played, *screen):
        first = bench.plain().read(Ask("getContentVersions", {"contentId": own}))[-1]["id"]
        _mutate(hand, played, "updateContentItem", id=own, version=made["version"], body="Edited")
        _mutate(hand, played, "publishContent", id=own)
        _mutate(hand, played, "revertContentVersion", contentId=own, versionId=first)
        _mutate(hand, played, "bulkUpdateContent", operations=[{"type": "publish", "id": own}])
        _mutate(hand, played, "archiveContent", id=own)
        if hand.client.persona.cached == "tags":
            _counted(hand, played, "content_updated", lambda now: hand.client.content_updated(own, now))
    found = bench.plain().read(Ask("getContentItems", {"search": title, "status": "archived", "limit": 100}))
    played.duplicates = len(found["data"]) - 1


def _expire(hand: Hand, played: Played) -> None:
    """The access token ends while three queries are shown; coming back asks for all of them at once."""
    before = hand.client.account.refreshes.started
    with _shown(
        hand, played, LIST, Ask("getContentCategories", {"includeEmpty": False}), Ask("getContentItems")
    ):
        if not hand.expire(LIFE):
            return
        if hand.client.persona.cached == "tags":
            hand.do(hand.client.focus(hand.clock.now))
        else:
            hand.show(LIST, Ask("getContentCategories", {"includeEmpty": False}), Ask("getContentItems"))
    played.expiry = hand.client.account.refreshes.started - before


def _mutate(hand: Hand, played: Played, operation: str, **arg: Any) -> Any:
    requests = _requests(hand)
    settled = hand.write(operation, **arg)
    played.refetches[operation] = _requests(hand) - requests - 1
    if not settled.outcome.ok:
        played.failed.append(f"{operation}: {settled.status or settled.why}")
        return None
    return settled.outcome.data


def _counted(hand: Hand, played: Played, event: str, happens: Callable[[float], list[Effect]]) -> None:
    before = _requests(hand)
    hand.do(happens(hand.clock.now))
    played.refetches[event] = _requests(hand) - before


def _requests(hand: Hand) -> int:
    """Content requests so far; flushes of the monitor are not the event's doing."""
    sends = hand.client.transport.traffic.sends
    return sends.total() - sends["ingestMetrics"]


@contextmanager
def _shown(hand: Hand, played: Played, *asks: Ask) -> Iterator[None]:
    numbers = hand.show(*asks)
    if hand.client.persona.cached != "tags":
        played.mounts += len(numbers)
        for ask, number in zip(asks, numbers, strict=True):
            settled = hand.client.results[number]
            if not settled.outcome.ok:
                played.failed.append(f"{ask.operation}: {settled.status or settled.why}")
    yield
    if hand.client.persona.cached == "tags":
        hand.hide(*numbers)


def _rows(hand: Hand) -> list[Any]:
    """The list as the client has it."""
    if hand.client.persona.cached == "tags":
        entry = hand.client.cache.entries.get(LIST.key)
        data = entry.data if entry else None
    else:
        read = [s for s in hand.client.results.values() if s.ask == LIST and s.outcome.ok]
        data = read[-1].outcome.data if read else None
    return list(data["data"]) if data else []

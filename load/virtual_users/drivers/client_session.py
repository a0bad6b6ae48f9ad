"""A short session of one persona against a real server, and its cost in requests.

It logs in and warms the cache, reads and goes back, makes all six mutations, returns to the tab, loses and regains the network,
flushes the measurements, lets the access token expire, and logs out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from load.virtual_users.experiments.experiment_bench import ClientHandle, ExperimentBench
from load.virtual_users.guide.behaviour.performance_monitor import INTERVAL
from load.virtual_users.guide.exchange import Ask, Effect
from load.virtual_users.guide.persona import Persona

LIST = Ask("getContentItems", {"page": 1, "limit": 20})
OPENED = 5
DWELL = 8.0
"""Seconds on a screen: less than the 30 s after which a return to it sends a request again."""
LIFE = 901.0
"""One second more than the lifetime of an access token (R7)."""


@dataclass(slots=True)
class SessionResult:
    """The counts of one session. `sends`: HTTP requests by operation; `refetches`: requests by the mutation or event that caused
    them; `expiry`: refreshes at the expiry of the access token (None if the server's clock could not be moved); `failed`: the
    calls that the server did not answer with success."""

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


def play_session(bench: ExperimentBench, persona: Persona) -> SessionResult:
    """Play the session. BenchError if the server does not allow it to begin."""
    handle = bench.handle(persona)
    result = SessionResult(persona.name)
    _read(handle, result)
    _edit(bench, handle, result)
    client = handle.client
    _counted(handle, result, "focus", client.focus)
    _counted(handle, result, "reconnect", client.reconnect)
    handle.wait(INTERVAL)
    _expire(handle, result)
    handle.do(client.logout(handle.clock.now))
    tally, monitor = client.cache.tally, client.monitor
    result.sends = dict(client.transport.traffic.sends)
    result.mounts, result.served, result.joined = tally.mounts or result.mounts, tally.served, tally.joined
    result.revalidated = client.transport.http_cache.saved
    result.flushes, result.measurements_lost = monitor.flushes, monitor.lost
    return result


def summary(result: SessionResult) -> str:
    """The session in a few lines for people."""
    causes = ", ".join(f"{cause} {requests}" for cause, requests in result.refetches.items())
    expiry = "not tried (the target's clock cannot be moved)" if result.expiry is None else str(result.expiry)
    lines = [
        f"{result.persona}: {sum(result.sends.values())} requests",
        f"  reads: {result.mounts} on the screen, {result.hit_ratio:.0%} without a request "
        f"({result.served} from the cache, {result.joined} joined), {result.revalidated} answered 304",
        f"  requests caused by: {causes}",
        f"  refreshes at expiry: {expiry}; duplicates: {result.duplicates}",
        f"  flushes: {result.flushes}, measurements lost: {result.measurements_lost}",
    ]
    return "\n".join([*lines, *(f"  failed: {what}" for what in result.failed)])


def _read(handle: ClientHandle, result: SessionResult) -> None:
    """Show the list, some items with their versions, the list again after each, and the first item once more."""
    with _shown(handle, result, LIST, Ask("getContentCategories", {"includeEmpty": False})):
        handle.wait(DWELL)
    rows = _rows(handle)[:OPENED]
    for item in [*rows, *rows[:1]]:
        screen = [
            Ask("getContentItem", {"id": item["id"]}),
            Ask("getContentVersions", {"contentId": item["id"]}),
        ]
        with _shown(handle, result, *screen):
            handle.wait(DWELL)
        with _shown(handle, result, LIST):
            handle.wait(DWELL)


def _edit(bench: ExperimentBench, handle: ClientHandle, result: SessionResult) -> None:
    """Make all six mutations on an item of its own, with the list and the item on the screen."""
    title = f"{bench.mark} session {handle.client.persona.name}"
    made = _mutate(bench, handle, result, "createContentItem", title=title)
    if made is None:
        return
    own = made["id"]
    screen = (LIST, Ask("getContentItem", {"id": own}), Ask("getContentVersions", {"contentId": own}))
    with _shown(handle, result, *screen):
        first = bench.plain().read(Ask("getContentVersions", {"contentId": own}))[-1]["id"]
        _mutate(bench, handle, result, "updateContentItem", id=own, version=made["version"], body="Edited")
        _mutate(bench, handle, result, "publishContent", id=own)
        _mutate(bench, handle, result, "revertContentVersion", contentId=own, versionId=first)
        _mutate(bench, handle, result, "bulkUpdateContent", operations=[{"type": "publish", "id": own}])
        _mutate(bench, handle, result, "archiveContent", id=own)
        if handle.client.persona.cached == "tags":
            _counted(handle, result, "content_updated", lambda now: handle.client.content_updated(own, now))
    found = bench.plain().read(Ask("getContentItems", {"search": title, "status": "archived", "limit": 100}))
    result.duplicates = len(found["data"]) - 1


def _expire(handle: ClientHandle, result: SessionResult) -> None:
    """Let the access token expire while three queries are shown, and return, so that all of them are fetched at once."""
    before = handle.client.account.refreshes.started
    with _shown(
        handle, result, LIST, Ask("getContentCategories", {"includeEmpty": False}), Ask("getContentItems")
    ):
        if not handle.expire(LIFE):
            return
        if handle.client.persona.cached == "tags":
            handle.do(handle.client.focus(handle.clock.now))
        else:
            handle.show(LIST, Ask("getContentCategories", {"includeEmpty": False}), Ask("getContentItems"))
    result.expiry = handle.client.account.refreshes.started - before


def _mutate(
    bench: ExperimentBench, handle: ClientHandle, result: SessionResult, operation: str, **arg: Any
) -> Any:
    if operation in bench.left_out:
        return None
    requests = _requests(handle)
    settled = handle.write(operation, **arg)
    result.refetches[operation] = _requests(handle) - requests - 1
    if not settled.outcome.ok:
        result.failed.append(f"{operation}: {settled.status or settled.why}")
        return None
    return settled.outcome.data


def _counted(
    handle: ClientHandle, result: SessionResult, event: str, happens: Callable[[float], list[Effect]]
) -> None:
    before = _requests(handle)
    handle.do(happens(handle.clock.now))
    result.refetches[event] = _requests(handle) - before


def _requests(handle: ClientHandle) -> int:
    """The number of requests so far, without the monitor's flushes, which no event causes."""
    sends = handle.client.transport.traffic.sends
    return sends.total() - sends["ingestMetrics"]


@contextmanager
def _shown(handle: ClientHandle, result: SessionResult, *asks: Ask) -> Iterator[None]:
    numbers = handle.show(*asks)
    if handle.client.persona.cached != "tags":
        result.mounts += len(numbers)
        for ask, number in zip(asks, numbers, strict=True):
            settled = handle.client.results[number]
            if not settled.outcome.ok:
                result.failed.append(f"{ask.operation}: {settled.status or settled.why}")
    yield
    if handle.client.persona.cached == "tags":
        handle.hide(*numbers)


def _rows(handle: ClientHandle) -> list[Any]:
    """The list as the client has it."""
    if handle.client.persona.cached == "tags":
        entry = handle.client.cache.entries.get(LIST.key)
        data = entry.data if entry else None
    else:
        read = [s for s in handle.client.results.values() if s.ask == LIST and s.outcome.ok]
        data = read[-1].outcome.data if read else None
    return list(data["data"]) if data else []

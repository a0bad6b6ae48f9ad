"""Faults of events that are wrong, premature or incomplete, and depend on the request.

The hub sees committed changes only. So for an event before its commit, the write is executed and rolled back, the event is sent, and the write
is executed again a moment later. With several processes each does this for its own sockets; changes of another process are sent normally.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial

from mock_server.application import Application
from mock_server.clock import Clock
from mock_server.faults.families import entry as row
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at
from mock_server.message import HttpResponse, ReceivedRequest
from mock_server.realtime.hub import Hub
from mock_server.servers.http_adapter import HttpAdapter
from mock_server.store.changes import ChangeLog, Entry
from mock_server.store.sqlite.database import Database

_fault = partial(row.wrapped, "realtime")

HEAD_START = 0.2
"""Seconds from an event to the commit of its write: enough for a client to read the item."""
sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
_ITEM = re.compile(rb"(?:/api)?/content/items/([^/]+)(?:/(publish|archive))?")
_ACTION = {b"publish": "published", b"archive": "archived"}


def _silence(step: WrappedStep, entry: Entry) -> None:
    """Suppress the event of this change later."""
    step.memory.setdefault("silenced", set()).add((entry.item, entry.version))


def _unless_silenced(step: WrappedStep, entry: Entry) -> None:
    """A wrapper of `Hub.broadcast` that skips suppressed events."""
    silenced = step.memory.get("silenced", set())
    if (entry.item, entry.version) in silenced:
        silenced.discard((entry.item, entry.version))
    else:
        step(entry)


def _reads(request: ReceivedRequest) -> bool:
    return request.method in ("GET", "HEAD")


async def _told_first(step: WrappedStep, request: ReceivedRequest) -> HttpResponse:
    hub = step.part(Hub)
    if not _reads(request) and b"/content/" in request.path:
        hub.pump()
        coming = _rehearsed(step, request)
        for entry in coming:
            hub.broadcast(entry)
            _silence(step, entry)
        if coming:
            await sleep(HEAD_START)
    response: HttpResponse = await step(request)
    return response


def _rehearsed(step: WrappedStep, request: ReceivedRequest) -> list[Entry]:
    """The changes that a request will make, found by executing it and rolling it back."""
    try:
        with step.part(Database).write():
            step.part(Application).answer(request)
            raise _TakenBackError(step.part(ChangeLog).after(step.part(Hub).seen))
    except _TakenBackError as taken:
        return taken.entries


class _TakenBackError(Exception):
    def __init__(self, entries: list[Entry]) -> None:
        super().__init__()
        self.entries = entries


async def _refused_told(step: WrappedStep, request: ReceivedRequest) -> HttpResponse:
    response: HttpResponse = await step(request)
    last = _last(step, request)
    if last is not None and response.status == 409 and b"VERSION_CONFLICT" in response.body:
        now = step.part(Clock).now()
        refused = last._replace(version=last.version + 1, action="updated", notify=False, stamp=now)
        step.part(Hub).broadcast(refused)
    return response


async def _repeat_told(step: WrappedStep, request: ReceivedRequest) -> HttpResponse:
    hub = step.part(Hub)
    hub.pump()
    response: HttpResponse = await step(request)
    last, found = _last(step, request), _ITEM.fullmatch(request.path)
    if (
        last is not None
        and found is not None
        and found[2]
        and response.status == 200
        and last.seq <= hub.seen
    ):
        hub.broadcast(last._replace(action=_ACTION[found[2]]))
    return response


def _last(step: WrappedStep, request: ReceivedRequest) -> Entry | None:
    """The newest change of the item in a write's path."""
    found = _ITEM.fullmatch(request.path)
    if found is None or _reads(request):
        return None
    return step.part(ChangeLog).last_of(found[1].decode("latin-1"))


async def _last_of_bulk(step: WrappedStep, request: ReceivedRequest) -> HttpResponse:
    hub = step.part(Hub)
    hub.pump()
    response: HttpResponse = await step(request)
    if request.path.endswith(b"/content/items/bulk"):
        for entry in step.part(ChangeLog).after(hub.seen)[:-1]:
            _silence(step, entry)
    return response


PREMATURE = (
    _fault("ws-event-before-commit", "W1", "An event comes before its write can be read.", "realtime.read-after-event", "",
           at(HttpAdapter.answered, _told_first), at(Hub.broadcast, _unless_silenced)),
    _fault("ws-event-of-refused", "W1", "A refused write is announced.", "realtime.no-event-without-change", "",
           at(HttpAdapter.answered, _refused_told)),
    _fault("ws-event-of-repeat", "W2", "A repeat without effect is announced.", "realtime.no-event-without-change", "",
           at(HttpAdapter.answered, _repeat_told)),
)  # fmt: skip
BULK_ONCE = _fault("ws-event-bulk-once", "W3", "A bulk request is announced by its last change only.", "realtime.bulk-events", "",
                   at(HttpAdapter.answered, _last_of_bulk), at(Hub.broadcast, _unless_silenced))  # fmt: skip

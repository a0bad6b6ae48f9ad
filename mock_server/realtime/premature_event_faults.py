"""What the channel tells though it is not so, not yet so, or only half of it: faults that need to see the request.

The hub knows committed changes only. So an event before its commit is a rehearsal: the write is done, taken
back, told, and done again a moment later. In several processes each tells its own sockets so; what comes from
another process is told as it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import msgspec

from mock_server.clock import Clock
from mock_server.message import HttpRequest, HttpResponse
from mock_server.realtime.hub import Hub
from mock_server.rules import Ruling
from mock_server.store.changes import ChangeLog, Entry
from mock_server.store.sqlite.database import Database

HEAD_START = 0.2
"""Seconds from an event to the commit of its write: enough for a client to read the item."""
_ITEM = re.compile(rb"(?:/api)?/content/items/([^/]+)(?:/(publish|archive))?")
_ACTION = {b"publish": "published", b"archive": "archived"}


class PrematureEventFaults:
    """`rehearse` answers a request without leaving a trace of it elsewhere than in the database."""

    def __init__(
        self,
        hub: Hub,
        log: ChangeLog,
        database: Database,
        clock: Clock,
        ruling: Ruling,
        rehearse: Callable[[HttpRequest], object],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._hub = hub
        self._log = log
        self._db = database
        self._clock = clock
        self._ruling = ruling
        self._rehearse = rehearse
        self.sleep = sleep

    async def before(self, request: HttpRequest) -> None:
        if request.method in ("GET", "HEAD"):
            return
        self._hub.pump()
        if not self._ruling.rules.ws_event_after_commit and b"/content/" in request.path:
            coming = self._rehearsed(request)
            for entry in coming:
                self._hub.broadcast(entry)
                self._hub.event_faults.silence(entry)
            if coming:
                await self.sleep(HEAD_START)

    def _rehearsed(self, request: HttpRequest) -> list[Entry]:
        """The changes that this request will make."""
        try:
            with self._db.write():
                self._rehearse(request)
                raise _TakenBack(self._log.after(self._hub.seen))
        except _TakenBack as taken:
            return taken.entries

    def after(self, request: HttpRequest, response: HttpResponse) -> None:
        rules = self._ruling.rules
        found = _ITEM.fullmatch(request.path)
        if found is None or request.method in ("GET", "HEAD"):
            return
        if rules.ws_event_bulk_last_only and found[1] == b"bulk":
            for entry in self._log.after(self._hub.seen)[:-1]:
                self._hub.event_faults.silence(entry)
        last = self._log.last_of(found[1].decode("latin-1"))
        if last is None:
            return
        if rules.ws_event_of_refused and _code(response) == "VERSION_CONFLICT":
            self._hub.broadcast(
                last._replace(
                    version=last.version + 1, action="updated", notify=False, stamp=self._clock.now()
                )
            )
        effective = last.seq > self._hub.seen
        if rules.ws_event_of_repeat and response.status == 200 and found[2] and not effective:
            self._hub.broadcast(last._replace(action=_ACTION[found[2]]))


class _TakenBack(Exception):
    def __init__(self, entries: list[Entry]) -> None:
        super().__init__()
        self.entries = entries


def _code(response: HttpResponse) -> str:
    if response.status != 409:
        return ""
    return str(msgspec.json.decode(response.body).get("code"))

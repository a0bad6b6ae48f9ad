"""Group commit: the writes that arrive in one turn of the event loop share a transaction, and no answer leaves before it.

A commit costs more than the write (it goes to the disk); one for all that wait costs the same. Nothing of a group can be
seen before its commit: reads of the same turn wait with it, the change log commits first, and if the commit fails, all of
them are answered 500.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from mock_server.message import HttpRequest, HttpResponse
from mock_server.problem import Problem
from mock_server.store.sqlite.database import Database

MOST = 64
"""Answers that wait for one commit; so long the write lock may be held against other processes."""

Send = Callable[[HttpResponse], None]


class GroupCommit:
    """`handle` makes answers; `done` is called after each commit."""

    def __init__(
        self, database: Database, handle: Callable[[HttpRequest], HttpResponse], done: Callable[[], None]
    ) -> None:
        self._db = database
        self._handle = handle
        self._done = done
        self._waiting: list[tuple[HttpResponse, Send]] = []

    def answer(self, request: HttpRequest, send: Send) -> None:
        """Make the answer and send it, now or within this turn; the answers of one connection keep their order."""
        self._db.grouping = True
        try:
            response = self._handle(request)
        finally:
            self._db.grouping = False
        if not self._db.pending and not self._waiting:
            send(response)
            return
        self._waiting.append((response, send))
        if len(self._waiting) == MOST:
            self.flush()
        elif len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Commit, and send what waited for it."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._db.finish()
        except Exception as error:
            print(
                f"mock_server: {len(waiting)} requests are not committed: {error}",
                file=sys.stderr,
                flush=True,
            )
            waiting = [(_failed(), send) for _, send in waiting]
        for response, send in waiting:
            send(response)
        self._done()


def _failed() -> HttpResponse:
    return Problem("INTERNAL", "The server could not keep what was written.").response("r-uncommitted")

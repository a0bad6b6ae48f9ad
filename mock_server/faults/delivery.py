"""Delivers an answer through bad weather: late, slowly, in part, or not at all.

ASGI has no word for a broken connection, so the transport is asked for under uvicorn's `send`; a server that
does not show one gets an exception, which it turns into a failure of its own (a 500 or a cut answer).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mock_server.faults.plan import Plan
from mock_server.message import Response

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_SLICES_PER_SECOND = 20


class Broken(ConnectionResetError):
    """The connection is to break here, and the server gives no way to do it."""


async def deliver(
    plan: Plan,
    response: Response,
    send: Send,
    *,
    head: bool,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    stall: Callable[[float], object] = time.sleep,
) -> None:
    """`stall` blocks the whole process, `sleep` only this answer."""
    if plan.stall:
        stall(plan.stall)
    if plan.delay:
        await sleep(plan.delay)
    if plan.reset:
        return _break(send, reset=True)
    headers = response.headers
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if head else response.body
    if plan.first_byte:
        await sleep(plan.first_byte)
    if plan.cut and body:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        return _break(send, reset=False)
    while plan.bytes_per_second and body:
        part = max(1, plan.bytes_per_second // _SLICES_PER_SECOND)
        await send({"type": "http.response.body", "body": body[:part], "more_body": True})
        body = body[part:]
        await sleep(part / plan.bytes_per_second)
    await send({"type": "http.response.body", "body": body})
    return None


def _break(send: Send, *, reset: bool) -> None:
    """End the connection: by RST, or by FIN in the middle of an answer."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise Broken("a fault ends this connection")
    if not reset:
        transport.close()
        return
    wire = transport.get_extra_info("socket")
    if wire is not None:  # linger 0: what is unsent is dropped and the peer gets RST
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()

"""The delivery of a response while faults are on: late, slowly, in part, or not at all; without a fault of that kind, at once and whole.

`Planning` has the steps that faults of delivery wrap; `deliver` carries a plan out. A broken connection is the wire's to break;
where there is none, the server gets an exception, which it turns into a failure of its own (a 500 or a cut answer).

>>> Planning().plan(Moment(age=0)) == CALM, Planning().interruption(Moment(age=0))
(True, None)
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from mock_server.message import HttpResponse
from mock_server.problem import Problem
from mock_server.servers.tcp_connection import TcpConnection

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_SLICES_PER_SECOND = 20
LEAVING = 0.005
"""Seconds in which a client that leaves once its request is sent is seen to have left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """How one response is delivered. `fails`: the response is a 500 though the request was applied. `gone`: what is done in place
    of a delivery to nobody."""

    stall: float = 0.0
    delay: float = 0.0
    first_byte: float = 0.0
    bytes_per_second: int = 0
    reset: bool = False
    cut: bool = False
    fails: bool = False
    gone: Callable[[], None] | None = None


CALM = DeliveryPlan()
"""At once, whole, and over a connection that holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One request, as far as its delivery depends on it."""

    age: int
    """How many requests came before it since the faults were set."""
    chance: float = 0.0
    """A number from [0, 1) of its own."""
    method: str = "GET"
    size: int = 0
    """Bytes of the response's body."""


class Planning:
    def interruption(self, moment: Moment) -> Problem | None:
        """What is answered in place of handling the request."""
        return None

    def plan(self, moment: Moment) -> DeliveryPlan:
        return CALM


class Broken(ConnectionResetError):
    """The connection is to break here, and the server gives no way to do it."""


async def deliver(
    plan: DeliveryPlan,
    response: HttpResponse,
    send: Send,
    *,
    head: bool,
    wire: TcpConnection | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    stall: Callable[[float], object] = time.sleep,
) -> None:
    """Send a response as its plan says. `stall` blocks the whole process, `sleep` only this answer."""
    if plan.stall:
        stall(plan.stall)
    if plan.delay:
        await sleep(plan.delay)
    if plan.gone is not None and wire is not None:
        if not wire.gone():
            await sleep(LEAVING)
        if wire.gone():
            plan.gone()
    if plan.reset:
        return _break(wire, reset=True)
    headers = response.headers
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if head else response.body
    if plan.first_byte:
        await sleep(plan.first_byte)
    if plan.cut and body:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        return _break(wire, reset=False)
    while plan.bytes_per_second and body:
        part = max(1, plan.bytes_per_second // _SLICES_PER_SECOND)
        await send({"type": "http.response.body", "body": body[:part], "more_body": True})
        body = body[part:]
        await sleep(part / plan.bytes_per_second)
    await send({"type": "http.response.body", "body": body})
    return None


def _break(wire: TcpConnection | None, *, reset: bool) -> None:
    """End the connection: by RST, or by FIN in the middle of an answer."""
    if wire is None:
        raise Broken("a fault ends this connection")
    if reset:
        wire.reset()
    else:
        wire.close()

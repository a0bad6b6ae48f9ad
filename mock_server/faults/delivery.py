"""The delivery of responses while faults are on: late, slowly, incompletely or not at all; without delivery faults, at once and completely.

`Planning` has the steps that delivery faults wrap; `deliver` executes a plan. Connections are broken with a TcpConnection; without one, the
server gets an exception, from which it makes a failure of its own (a 500 or an incomplete response).

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
"""The seconds after which the disconnect of a client that leaves right after its request is visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """The delivery of one response. Times are in seconds. `fails` replaces it by a 500 although the request was executed. `gone` is called if
    the client has disconnected."""

    stall: float = 0.0
    delay: float = 0.0
    first_byte: float = 0.0
    bytes_per_second: int = 0
    reset: bool = False
    cut: bool = False
    fails: bool = False
    gone: Callable[[], None] | None = None


CALM = DeliveryPlan()
"""The plan of a normal delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The properties of a request on which its delivery depends."""

    age: int
    """The number of earlier requests since the faults were set."""
    chance: float = 0.0
    """A random number from [0, 1)."""
    method: str = "GET"
    size: int = 0
    """The size of the response's body in bytes."""


class Planning:
    def interruption(self, moment: Moment) -> Problem | None:
        """The error that replaces the handling of a request, or None."""
        return None

    def plan(self, moment: Moment) -> DeliveryPlan:
        return CALM


async def pause(
    seconds: float,
    *,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """A sleep of not less than these seconds.

    The timer of an event loop may end early: uvloop's counts whole milliseconds from a time that it took before.
    """
    due = clock() + seconds
    left = seconds
    while left > 0:
        await sleep(left)
        left = due - clock()


class Broken(ConnectionResetError):
    """The connection has to be broken, and the server has no other way for it."""


async def deliver(
    plan: DeliveryPlan,
    response: HttpResponse,
    send: Send,
    *,
    head: bool,
    wire: TcpConnection | None = None,
    sleep: Callable[[float], Awaitable[object]] = pause,
    stall: Callable[[float], object] = time.sleep,
) -> None:
    """Send a response according to its plan. `stall` blocks the whole process, `sleep` only this response."""
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
    """End the connection with RST, or with FIN in the middle of a response."""
    if wire is None:
        raise Broken("a fault ends this connection")
    if reset:
        wire.reset()
    else:
        wire.close()

"""One row of the tables: what a proxy does to the messages that pass, in which manner it writes them, and why that is so.

A Intercept is made anew for each proxy, so that a row may remember what has passed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.differences.proxy.http_messages import Framing
from tests.differences.proxy.message import Answer, Forward, Headers, Request

Channel = Literal["tunnel", "alter", "reframe"]


class Intercept:
    """Does nothing. A row overrides what it alters."""

    async def handle(self, request: Request, forward: Forward) -> Answer:
        """The answer to a request; `forward` may be called once, often or never."""
        return self.answer(request, await forward(self.request(request)))

    def request(self, request: Request) -> Request:
        return request

    def answer(self, request: Request, answer: Answer) -> Answer:
        """`request` is the one that the client sent."""
        return answer

    def opening(self, request: Request) -> Request:
        """A WebSocket handshake on its way to the server."""
        return request

    def refusal(self, request: Request, answer: Answer) -> Answer:
        """A refused WebSocket handshake on its way back."""
        return answer

    def up(self, text: str) -> Iterable[tuple[float, str]]:
        """A client's text message: what the server gets in its place, each after so many seconds."""
        yield 0.0, text

    def down(self, text: str) -> Iterable[tuple[float, str]]:
        """A server's text message."""
        yield 0.0, text


class Answers(Intercept):
    """Alters each answer, and each refusal of a handshake, by a function of the request and the answer."""

    def __init__(self, change: Callable[[Request, Answer], Answer]) -> None:
        self._change = change

    def answer(self, request: Request, answer: Answer) -> Answer:
        return self._change(request, answer)

    refusal = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`why` is the sentence that leaves this free, or the one that it breaks. `checks` must go red (of faults)."""

    name: str
    why: str
    make: Callable[[], Intercept] = Intercept
    manner: Framing = field(default_factory=Framing)
    channel: Channel = "tunnel"
    adds: Headers = ()
    host: Literal["client", "upstream"] = "client"
    fresh: bool = False
    """A new connection to the server for each request."""
    listens: str = "127.0.0.1"
    named: str = ""
    """The host's name in the URL, where it is not the address."""
    path: str = ""
    """What stands behind the host in the URL."""
    partial: bool = False
    """Not everything can be reached, so "unknown" is a right verdict too."""
    checks: tuple[str, ...] = ()
    along: str = ""
    """The checks that must run with those named, as pytest's -k: where the fault shows only in company."""
    options: tuple[str, ...] = ()
    """What the suite is called with beside --target."""

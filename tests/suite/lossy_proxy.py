"""A proxy that loses sight of clients: what becomes of a request whose client has left is its to choose.

    with lossy_proxy(url, Late(seed=1)) as network: ...

A `Network` that is right may carry a lost write out at once, later, beside another request, or never; it may tell of one that is
still worked on, and show it in one view before another. Wrong ones carry it out twice, or complete what was never sent whole.
Whatever is a client's that waits for its answer passes through untouched, one request at a time where the network says so.
"""

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.suite.serving import Received, Reply, forwarded, serving

Ask = Callable[[Received], Reply]


class Network:
    """The plainest: what is lost is carried out at once, what is torn never. `handled` is set with each lost request."""

    handled: threading.Event

    def lost(self, sent: Received, ask: Ask) -> Reply | None:
        """A write whose client is about to leave; an answer, of which it may see the first byte, or None."""
        return None if sent.torn else ask(sent)

    def passes(self, sent: Received, ask: Ask) -> Reply:
        """A request whose client waits."""
        return ask(sent)


@dataclass
class Late(Network):
    """At once, after a few more requests, beside one of them, or never."""

    seed: int
    fates: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._held: list[tuple[int, bool, Received]] = []
        self._passed = 0

    def lost(self, sent: Received, ask: Ask) -> Reply | None:
        if sent.torn:
            return None
        fate = self._rng.choice(("at once", "never", "late", "late", "beside"))
        self.fates.append(fate)
        if fate == "at once":
            return ask(sent)
        if fate != "never":
            self._held.append((self._passed + self._rng.randint(1, 5), fate == "beside", sent))
        return Reply(504, [("Content-Type", "text/plain")], b"the gateway has waited long enough")

    def passes(self, sent: Received, ask: Ask) -> Reply:
        self._passed += 1
        due = [held for held in self._held if held[0] <= self._passed]
        self._held = [held for held in self._held if held[0] > self._passed]
        beside = [threading.Thread(target=ask, args=(one,)) for _, along, one in due if along]
        for _, along, one in due:
            if not along:
                ask(one)
        for thread in beside:
            thread.start()
        back = ask(sent)
        for thread in beside:
            thread.join()
        return back


class Never(Network):
    """It forgets what nobody waits for."""

    def lost(self, sent: Received, ask: Ask) -> Reply | None:
        return None


@dataclass
class Lagging(Network):
    """So many lists after a lost write show what was there before it, though the item itself shows it."""

    stale: int
    left: int = 0

    def __post_init__(self) -> None:
        self._seen: dict[str, Reply] = {}

    def lost(self, sent: Received, ask: Ask) -> Reply | None:
        self.left = self.stale
        return super().lost(sent, ask)

    def passes(self, sent: Received, ask: Ask) -> Reply:
        if "search=" not in sent.path:
            return ask(sent)
        if self.left and sent.path in self._seen:
            self.left -= 1
            return self._seen[sent.path]
        self._seen[sent.path] = ask(sent)
        return self._seen[sent.path]


@dataclass
class Busy(Network):
    """So many times the lost creation is said to be in flight."""

    times: int

    def passes(self, sent: Received, ask: Ask) -> Reply:
        if self.times and "Idempotency-Key" in sent.headers:
            self.times -= 1
            return Reply(409, [("Content-Type", "application/problem+json")], IN_FLIGHT)
        return ask(sent)


class Doubling(Network):
    """A gateway that repeats what it got no answer to, though it had arrived."""

    def lost(self, sent: Received, ask: Ask) -> Reply | None:
        if not sent.torn:
            ask(sent)
        return super().lost(sent, ask)


class Mending(Network):
    """It hands on what was never sent whole, as if the last byte did not matter."""

    def lost(self, sent: Received, ask: Ask) -> Reply | None:
        return ask(sent._replace(body=sent.body + b"}" * sent.torn, torn=False))


PROBLEM = {
    "type": "tag:tchat.com,2026:idempotency-in-flight", "title": "In flight", "status": 409, "detail": "Wait.",
    "code": "IDEMPOTENCY_IN_FLIGHT", "message": "Wait.", "requestId": "r-1",
}  # fmt: skip
IN_FLIGHT = json.dumps(PROBLEM).encode()


@contextmanager
def lossy_proxy(url: str, network: Network) -> Iterator[str]:
    """The URL of the proxy, until the block ends."""
    turn = threading.Lock()
    network.handled = threading.Event()

    def ask(sent: Received) -> Reply:
        return forwarded(url, sent)

    def respond(sent: Received) -> Reply | None:
        # The suite keeps one connection, which begins with a login; whoever is going to leave takes one of its own.
        lost = sent.first and sent.method != "GET" and "/content/" in sent.path
        with turn:
            back = network.lost(sent, ask) if lost else network.passes(sent, ask)
        if lost:
            network.handled.set()
        return back

    with serving(respond) as at:
        yield at

"""A target whose latencies are known: `python -m tests.bench.load.known_latency_server RULE LOG`, in a process of its own.

Prints its port; appends what it did to LOG when its input ends. Answers are openapi.yaml's examples, and only getContentItem is
delayed. Rules: `none`, `spread` (95 % 20 ms, 4 % 150 ms, 1 % 203 ms, drawn), `edge` (195, 197, 199, 201, 203, 205 ms in turn), `stall`
(20 ms, and every 10 s the whole process is away for 1 s). The truth about a request is from its first byte received to its last
byte sent, by the server's own clock: timers of event loops are a millisecond wide.
"""

import asyncio
import heapq
import itertools
import json
import os
import random
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import msgspec
import uvloop

from contracts.spec import Spec, load
from load.engine.timing.precise_sleep import KernelTimer

REQUEST = re.compile(rb"([A-Z]+) ([^ ?]+)")
MS = 1_000_000
STALL_EVERY, STALL = 10.0, 1.0
DELAYED = "getContentItem"


DRAWN = random.Random(1).choices((20, 150, 203), (95, 4, 1), k=100_000)
"""Dealt out exactly, 95 in each hundred, p95 would be the slowest of all that take 20 ms, which is the worst moment of the machine
and says nothing of who measures. Of what is drawn it is one in the midst of its kind."""


def spread(n: int) -> int:
    return DRAWN[n % len(DRAWN)]


RULES: dict[str, Callable[[int], int]] = {
    "none": lambda n: 0,
    "spread": spread,
    "edge": lambda n: (195, 197, 199, 201, 203, 205)[n % 6],
    "stall": lambda n: 20,
}


def examples(spec: Spec) -> dict[str, bytes]:
    """A whole answer for each operation whose success has an example."""
    found = {}
    parts = spec.document["components"]

    def deref(node: dict[str, Any], kind: str) -> dict[str, Any]:
        while "$ref" in node:
            node = parts[kind][str(node["$ref"]).rsplit("/", 1)[1]]
        return node

    for operation in spec:
        raw = spec.document["paths"][operation.path][operation.method.lower()]["responses"]
        answer = deref(raw[str(operation.success.status)], "responses")
        content: Any = next(iter(answer.get("content", {}).values()), {})
        if "examples" in content:
            body = msgspec.json.encode(deref(next(iter(content["examples"].values())), "examples")["value"])
            stored = "no-store" if operation.id in ("login", "refreshTokens") else "private, no-cache"
            head = (
                f'HTTP/1.1 {operation.success.status} X\r\nContent-Type: application/json\r\nETag: "v1"\r\n'
                f"Cache-Control: {stored}\r\nLocation: /api/content/items/x\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            found[operation.id] = head.encode() + body
    return found


class Agenda:
    """What is to be done at which time of perf_counter_ns, in its order."""

    def __init__(self) -> None:
        self._timer = KernelTimer()
        self._waiting: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        asyncio.get_running_loop().add_reader(self._timer.fileno(), self._ring)

    def at(self, moment: int, do: Callable[[], None]) -> None:
        heapq.heappush(self._waiting, (moment, next(self._numbers), do))
        if self._waiting[0][0] == moment:
            self._timer.set(moment)

    def _ring(self) -> None:
        os.read(self._timer.fileno(), 8)  # how often it fired; it is readable until then
        while self._waiting and self._waiting[0][0] <= perf_counter_ns():
            heapq.heappop(self._waiting)[2]()
        if self._waiting:
            self._timer.set(self._waiting[0][0])


class Target(asyncio.Protocol):
    spec = load()
    answers = examples(spec)
    rule: Callable[[int], int] = RULES["none"]
    truth: list[tuple[int, int]] = []  # noqa: RUF012 - one server a process
    known: dict[bytes, str] = {}  # noqa: RUF012
    agenda: Agenda

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        came = perf_counter_ns()
        found = REQUEST.match(data)
        assert found
        operation = self.known.get(found[0])
        if operation is None:
            matched = self.spec.match(found[1].decode(), found[2].decode().removeprefix("/api"))[0]
            if matched is None:  # it has no journal to reconcile with
                self.transport.write(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n")
                return
            operation = self.known[found[0]] = matched.id
        if operation != DELAYED:
            self.transport.write(self.answers[operation])
            return
        index = len(self.truth)
        self.truth.append((came, came))
        self.agenda.at(came + self.rule(index) * MS, partial(self.answer, operation, came, index))

    def answer(self, operation: str, came: int, index: int) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.answers[operation])
        self.truth[index] = (came, perf_counter_ns())


async def serve(rule: str, log: Path) -> None:
    Target.rule, Target.agenda = staticmethod(RULES[rule]), Agenda()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Target, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    stalls: list[tuple[int, int]] = []
    gone = loop.run_in_executor(None, sys.stdin.read)
    while not gone.done():
        await asyncio.wait([gone], timeout=STALL_EVERY if rule == "stall" else None)
        if not gone.done():
            began = perf_counter_ns()
            while perf_counter_ns() - began < STALL * 1e9:
                pass  # the whole process is away, as in a pause of a garbage collector
            stalls.append((began, perf_counter_ns()))
    log.write_text(json.dumps({"truth": Target.truth, "stalls": stalls}), "utf-8")


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], Path(sys.argv[2])))

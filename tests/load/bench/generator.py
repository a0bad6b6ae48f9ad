"""How many requests one core can send with all recording on, and what the recording alone costs.

    taskset -c 0 python -m tests.load.bench.target none LOG     (prints a port)
    taskset -c 1 python -m tests.load.bench.generator PORT      closed loop, 64 requests in flight

Beside it in the same run: the same connections without any of our counting, and Locust's own FastHttpUser loop.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import gevent
from locust import FastHttpUser
from locust.env import Environment

from contracts.spec import Operation, load
from load.connection import Connection, Pool
from load.courier import Courier
from load.journeys import ALL
from load.recorder import Recorder
from load.target import parse
from load.wire import render
from load.world import Account, Session, World

ABREAST = 64
SECONDS = 3.0
ROUNDS = 3


def measure(work: Callable[[], None]) -> float:
    """Requests a second of `work` called in so many greenlets at once."""
    done = 0
    until = time.perf_counter() + SECONDS

    def loop() -> None:
        nonlocal done
        while time.perf_counter() < until:
            work()
            done += 1

    began = time.perf_counter()
    gevent.joinall([gevent.spawn(loop) for _ in range(ABREAST)])
    return done / (time.perf_counter() - began)


def ours(port: int, environment: Any) -> Callable[[], None]:
    spec = load()
    world = World(random.Random(1), name="w0", account=Account("", ""))
    world.callers = [Session("s", "a" * 200, "r", expires=1 << 62)]
    for n in range(100):
        world.remember(f"item{n}")
    recorder = Recorder({op.id: 200_000_000 for op in spec})

    def report(operation: Operation, ms: float, length: int, wrong: str) -> None:
        if environment is not None:
            environment.events.request.fire(
                request_type=operation.method, name=operation.label, response_time=ms, response_length=length,
                exception=wrong or None, context={},
            )  # fmt: skip

    target = parse(f"http://127.0.0.1:{port}", prefix="/api")
    courier = Courier(spec=spec, pool=Pool(target), world=world, recorder=recorder, report=report)
    courier.start = perf_counter_ns()
    journey = ALL["getContentItem"]

    def work() -> None:
        recorder.due(journey.operation, 0)
        courier.deliver(journey, journey.build(world), perf_counter_ns())
        if len(courier.history) > 10_000:
            courier.history.clear()

    return work


def bare(port: int) -> Callable[[], None]:
    spec = load()
    world = World(random.Random(1), name="w0", account=Account("", ""))
    world.callers = [Session("s", "a" * 200, "r", expires=1 << 62)]
    world.remember("item")
    target = parse(f"http://127.0.0.1:{port}", prefix="/api")
    pool = Pool(target)
    request = render(target, spec["getContentItem"], ALL["getContentItem"].build(world))

    def work() -> None:
        connection = pool.idle()
        if connection is None:
            connection = Connection()
            pool.open(connection)
        connection.exchange(request)
        pool.rest(connection)

    return work


def fast_http_user(port: int) -> float:
    environment = Environment(user_classes=[])
    environment.create_local_runner()

    class Reader(FastHttpUser):
        host = f"http://127.0.0.1:{port}"

    users = [Reader(environment) for _ in range(ABREAST)]
    done = 0
    until = time.perf_counter() + SECONDS

    def loop(user: Reader) -> None:
        nonlocal done
        while time.perf_counter() < until:
            user.client.get(
                "/api/content/items/x", name="GET", headers={"Authorization": "Bearer " + "a" * 200}
            )
            done += 1

    began = time.perf_counter()
    gevent.joinall([gevent.spawn(loop, user) for user in users])
    return done / (time.perf_counter() - began)


def recording() -> float:
    """Microseconds a request of due, sent and answered together."""
    recorder = Recorder({"x": 200_000_000})
    rng = random.Random(1)
    latencies = [rng.randrange(1_000_000, 300_000_000) for _ in range(100_000)]
    began = time.perf_counter()
    for n, latency in enumerate(latencies):
        due = n * 1_000_000
        recorder.due("x", due)
        recorder.sent("x", due=due, sent=due + 1_000)
        recorder.answered("x", due=due, sent=due + 1_000, done=due + latency, status=200)
    return (time.perf_counter() - began) / len(latencies) * 1e6


if __name__ == "__main__":
    port = int(sys.argv[1])
    environment = Environment(user_classes=[])
    environment.create_local_runner()
    for _ in range(ROUNDS):
        print(f"bare connections            {measure(bare(port)):8.0f}/s")
        print(f"ours, recording             {measure(ours(port, None)):8.0f}/s")
        print(f"ours, and Locust's stats    {measure(ours(port, environment)):8.0f}/s")
        print(f"Locust's FastHttpUser       {fast_http_user(port):8.0f}/s")
        print(f"recording                   {recording():8.2f} us a request")

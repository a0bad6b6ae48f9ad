"""Generators that run in one process, each as a command that prints one line of JSON: `python -m tests.bench.load.sending_loops MODE …`.

    ours URL SECONDS            the engine's own sending, everything recorded: counts, histograms, history, Locust's statistics
    bare URL SECONDS            the same connections with nothing counted
    locust URL SECONDS          Locust's FastHttpUser in a bare loop, its own statistics on
    locust-rate URL RATE SECONDS   FastHttpUsers that share a rate, and what Locust's statistics say in the end
    recording                   the recorder alone

All loops have 64 requests under way. Importing Locust patches the process, so nothing else may run here.
"""

import gc
import json
import random
import sys
import time
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

import gevent
from locust import FastHttpUser, constant_throughput, task
from locust.env import Environment

from contracts.spec import load
from load.engine.in_flight import thresholds
from load.engine.recorder import LoadRecorder
from load.engine.request_executor import RequestExecutor
from load.http.connection import HttpConnection, Pool
from load.http.request_bytes import render
from load.http.target import Target, parse
from load.journeys import ALL
from load.journeys.data_pool import AccountCredentials, DataPool, LoginSession
from load.results.locust_statistics import LocustStatistics

ABREAST = 64
TOKEN = "a" * 200
KEPT = 10_000
"""Lines of history that are kept before they would be shipped."""


def target(url: str) -> Target:
    parts = urlsplit(url)
    return parse(f"{parts.scheme}://{parts.netloc}", prefix="/api")


def data_pool() -> DataPool:
    made = DataPool(random.Random(1), name="w0", account=AccountCredentials("", ""))
    made.callers = [LoginSession("s", TOKEN, "r", expires=1 << 62)]
    for n in range(100):
        made.remember(f"item{n}")
    return made


def rate(work: Callable[[], None], seconds: float) -> float:
    """Calls a second of `work` in so many greenlets at once."""
    done = 0
    until = time.perf_counter() + seconds

    def loop() -> None:
        nonlocal done
        while time.perf_counter() < until:
            work()
            done += 1

    began = time.perf_counter()
    gevent.joinall([gevent.spawn(loop) for _ in range(ABREAST)])
    return done / (time.perf_counter() - began)


def ours(url: str, seconds: float) -> float:
    spec, environment = load(), Environment(user_classes=[])
    environment.create_local_runner()
    recorder = LoadRecorder(thresholds(spec))

    executor = RequestExecutor(
        spec=spec,
        pool=Pool(target(url)),
        data_pool=data_pool(),
        recorder=recorder,
        report=LocustStatistics(environment),
    )
    executor.start = perf_counter_ns()
    journey = ALL["getContentItem"]
    gc.collect()
    gc.freeze()  # as every load process does when it begins (load.runs.load_worker)

    def work() -> None:
        now = perf_counter_ns()
        recorder.due(journey.operation, now - executor.start)
        executor.deliver(journey, journey.build(executor.data_pool), now)
        if len(executor.history) > KEPT:
            executor.history.clear()

    found = rate(work, seconds)
    lost = recorder.errors
    if lost > recorder.done * 0.01:
        example = next(tally.examples[0] for tally in recorder.tallies.values() if tally.examples)
        sys.exit(f"{lost} of {recorder.done} requests failed: {example}")
    return found


def bare(url: str, seconds: float) -> float:
    place = target(url)
    pool, made = Pool(place), data_pool()
    request = render(place, load()["getContentItem"], ALL["getContentItem"].build(made))

    def work() -> None:
        connection = pool.idle()
        if connection is None:
            connection = HttpConnection()
            pool.open(connection)
        connection.exchange(request)
        pool.rest(connection)

    return rate(work, seconds)


def reader(url: str, pace: float = 0.0) -> type[FastHttpUser]:
    parts = urlsplit(url)

    class Reader(FastHttpUser):
        host = f"{parts.scheme}://{parts.netloc}"

        def wait_time(self) -> float:
            return float(constant_throughput(pace)(self)) if pace else 0.0

        @task
        def read(self) -> None:
            self.client.get(parts.path, name="GET", headers={"Authorization": f"Bearer {TOKEN}"})

    return Reader


def locust_loop(url: str, seconds: float) -> float:
    environment = Environment(user_classes=[])
    environment.create_local_runner()
    users = iter([reader(url)(environment) for _ in range(ABREAST)])
    taken: dict[Any, Any] = {}

    def work() -> None:
        mine = gevent.getcurrent()
        if mine not in taken:
            taken[mine] = next(users)
        taken[mine].read()

    return rate(work, seconds)


def locust_rate(url: str, arrivals: float, seconds: float) -> dict[str, float]:
    """As Locust comes: closed users at a constant throughput, percentiles out of its own buckets."""
    users = 50
    environment = Environment(user_classes=[reader(url, arrivals / users)])
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=100)
    gevent.sleep(seconds)
    runner.quit()
    stats = environment.stats.get("GET", "GET")
    found = {
        name: float(stats.get_response_time_percentile(rank))
        for name, rank in {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}.items()
    }
    over = sum(count for ms, count in stats.response_times.items() if ms > 200)
    return {**found, "over": over, "count": stats.num_requests}


def recording() -> float:
    """Microseconds a request of due, sent and answered together."""
    recorder = LoadRecorder({"x": 200_000_000})
    rng = random.Random(1)
    latencies = [rng.randrange(1_000_000, 300_000_000) for _ in range(100_000)]
    began = time.process_time()
    for n, latency in enumerate(latencies):
        due = n * 1_000_000
        recorder.due("x", due)
        recorder.sent("x", due=due, sent=due + 1_000)
        recorder.answered("x", due=due, sent=due + 1_000, done=due + latency, status=200)
    return (time.process_time() - began) / len(latencies) * 1e6


def main(words: list[str]) -> object:
    match words:
        case ["ours", url, seconds]:
            return ours(url, float(seconds))
        case ["bare", url, seconds]:
            return bare(url, float(seconds))
        case ["locust", url, seconds]:
            return locust_loop(url, float(seconds))
        case ["locust-rate", url, arrivals, seconds]:
            return locust_rate(url, float(arrivals), float(seconds))
        case ["recording"]:
            return recording()
    sys.exit(__doc__)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))

"""Locust's statistics: the same whether each request is told by its event or they are handed over together."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.load.conftest import ROOT
from tests.waiting import HANG

SCRIPT = """
import json, sys
import gevent
from locust.env import Environment
from contracts.spec import load
from load.stats import Statistics

SPEC = load()
READ, WRITE = SPEC["getContentItem"], SPEC["createContentItem"]
CALLS = [(READ, 12.4, 600, ""), (READ, 203.0, 610, ""), (READ, 147.2, 600, ""), (WRITE, 5.0, 700, ""), (WRITE, 9.0, 0, "500")]
seen = []


def shown(listens):
    environment = Environment(user_classes=[])
    environment.create_local_runner()
    if listens:
        environment.events.request.add_listener(lambda **told: seen.append(told["name"]))
    statistics = Statistics(environment)
    for call in CALLS[:3]:
        statistics(*call)
    if not listens:
        assert environment.stats.total.num_requests == 0
        while environment.stats.total.num_requests != 3:  # it hands over by itself
            gevent.sleep(0.02)
    for call in CALLS[3:]:
        statistics(*call)
    statistics.flush()
    statistics.flush()
    stats = environment.stats
    rows = {entry.name: entry for entry in (stats.total, *stats.entries.values())}
    names = ("num_requests", "num_failures", "total_response_time", "min_response_time", "max_response_time", "total_content_length")
    return {
        name: [*(getattr(row, n) for n in names), sorted(row.response_times.items()), sum(row.num_reqs_per_sec.values())]
        for name, row in rows.items()
    }


print(json.dumps([shown(True), shown(False), seen]))
"""


def test_both_ways_add_up_to_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=HANG, check=False
    )
    assert done.returncode == 0, done.stderr
    listened, alone, seen = json.loads(done.stdout)
    assert listened == alone
    assert len(seen) == 5
    assert listened["Aggregated"][:2] == [5, 1]

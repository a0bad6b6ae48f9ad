"""Locust's statistics get each request."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.load.conftest import ROOT
from tests.waiting import HANG

SCRIPT = """
import json, sys
from argparse import Namespace
from locust.env import Environment
from contracts.spec import load
from load.results.locust_statistics import LocustStatistics, rounded

SPEC = load()
READ, WRITE = SPEC["getContentItem"], SPEC["createContentItem"]
CALLS = [(READ, 12.4, 600, ""), (READ, 203.0, 610, ""), (READ, 147.2, 600, ""), (WRITE, 5.0, 700, ""), (WRITE, 9.0, 0, "500")]
seen = []


def shown():
    environment = Environment(user_classes=[])
    environment.create_local_runner()
    environment.events.request.add_listener(lambda **told: seen.append(told["name"]))
    statistics = LocustStatistics(environment)
    for call in CALLS:
        statistics(*call)
    stats = environment.stats
    rows = {entry.name: entry for entry in (stats.total, *stats.entries.values())}
    names = ("num_requests", "num_failures", "total_response_time", "min_response_time", "max_response_time", "total_content_length")
    return {
        name: [*(getattr(row, n) for n in names), sorted(row.response_times.items()), sum(row.num_reqs_per_sec.values())]
        for name, row in rows.items()
    }


def kept(history):
    # Whether Locust keeps copies of all that each row has counted, for its last 10 seconds.
    environment = Environment(user_classes=[], parsed_options=Namespace(stats_history_enabled=history))
    environment.create_local_runner()
    statistics = LocustStatistics(environment)
    environment.stats.clear_all()  # as each start from the page does; the page then asks the total for its last seconds
    statistics(*CALLS[0])
    rows = (environment.stats.total, *environment.stats.entries.values())
    return [row.use_response_times_cache for row in rows]


rounds = [rounded(ms) for ms in (199.96, 200.04, 1_234.5, 61_234.5)]
print(json.dumps([shown(), seen, rounds, kept(False), kept(True)]))
"""


@pytest.fixture(scope="module")
def told() -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=HANG, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def test_each_request_is_counted_and_told_to_whoever_listens(told: list[Any]) -> None:
    listened, seen, *_ = told
    assert len(seen) == 5
    assert listened["Aggregated"][:2] == [5, 1]
    assert listened["GET /content/items/{id}"][:4] == [3, 0, 362.6, 12.4]


def test_locust_counts_to_a_tenth_of_a_millisecond_where_it_matters(told: list[Any]) -> None:
    assert told[2] == [200.0, 200.0, 1_230.0, 61_200.0]


def test_rows_keep_copies_only_for_a_history_of_each(told: list[Any]) -> None:
    assert told[3:] == [[True, False], [True, True]]

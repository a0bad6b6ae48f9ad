"""Histories, policies in use, scenario files and access logs with something broken in them: read, or refused in one line.

Documents and overlays: `contracts/spec/source/test_mutated_documents.py`; runs and baselines: `reports/test_mutated_files.py`. What a reader
takes is used as well: a history is judged, a policy decides.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from contracts import spec
from contracts.checkers import judge
from contracts.history import Call, HistoryError, Outcome, encode
from contracts.history import read as read_history
from load.scenarios import access_log, scenario_reader
from load.scenarios.arrival_plan import PlanError
from reports.decision import decide as decisions
from reports.decision import policy
from tests.mutations import COUNT, of_bytes, of_json, of_lines
from tests.reports import sample_runs

TODAY = date(2026, 1, 1)
RUN = sample_runs.run(checks=sample_runs.checks(red={"items.create": 1}))
EXAMPLE = Path(__file__).parents[1] / "reports" / "policy.example.yaml"
FACTS = {
    "item": "a",
    "version": 1,
    "base": 0,
    "at": "2026-01-01T00:00:00Z",
    "session": "s",
    "socket": "x.1",
    "stamp": "1",
}
CALLS = [
    json.loads(
        encode(
            Call(client=f"c{n % 2}", operation=operation, due=n * 10, sent=n * 10 + 1, done=n * 10 + 8, outcome=Outcome.OK, facts=FACTS)
        )
    )
    for n, operation in enumerate(("createContentItem", "updateContentItem", "getContentItem", "syncContent", "socket.event", "refreshTokens"))
]  # fmt: skip
SCENARIO = {
    "name": "mix",
    "load": [
        {
            "name": "all",
            "mix": {"getContentItem": 3, "updateContentItem": 1, "browse": 1},
            "stages": [{"rate": 5, "for": "10s"}, {"from": 5, "to": 9, "for": "5s"}],
        }
    ],
    "journeys": {"browse": {"think": "1s", "steps": ["createContentItem", "getContentItem"]}},
    "thresholds": {"getContentItem": {"errors": "1%"}},
}
LOG = (
    b'127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /api/content/items?page=1 HTTP/1.1" 200 17 "-" "x"\n'
    b'127.0.0.1 - - [01/Jan/2026:00:00:01 +0000] "PUT /api/content/items/a HTTP/1.1" 200 17 "-" "x"\n'
)
HAR = {
    "log": {
        "entries": [
            {"startedDateTime": "2026-01-01T00:00:00Z", "request": {"method": "GET", "url": "http://h/api/content/items"}}
        ]
    }
}  # fmt: skip


def histories(text: bytes, path: Path) -> None:
    judge(list(read_history(text.splitlines())))


def policies(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    decisions.decide(RUN, policy.read(path), TODAY)


def scenarios(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    scenario_reader.read(path, spec.load())


def access_logs(text: bytes, path: Path) -> None:
    access_log.read(text, spec=spec.load(), name=str(path))


REFUSALS = (HistoryError, policy.PolicyError, PlanError)
Spoil = Callable[[random.Random], bytes]
READERS: list[tuple[Callable[[bytes, Path], None], Spoil, str]] = [
    (histories, lambda rng: of_lines(CALLS, rng), "calls.ndjson"),
    (policies, lambda rng: of_bytes(EXAMPLE.read_bytes(), rng), "policy.yaml"),
    (scenarios, lambda rng: of_json(SCENARIO, rng), "mix.json"),
    (scenarios, lambda rng: of_bytes(json.dumps(SCENARIO, indent=1).encode(), rng), "mix.yaml"),
    (access_logs, lambda rng: of_bytes(LOG, rng), "access.log"),
    (access_logs, lambda rng: of_json(HAR, rng), "access.har"),
]


@pytest.mark.parametrize(("reader", "spoil", "name"), READERS, ids=[row[2] for row in READERS])
def test_a_mutated_file_is_read_or_refused_in_one_line(
    reader: Callable[[bytes, Path], None], spoil: Spoil, name: str, tmp_path: Path
) -> None:
    rng, path = random.Random(name), tmp_path / name
    refused = 0
    for _ in range(COUNT):
        broken = spoil(rng)
        try:
            reader(broken, path)
        except REFUSALS as error:
            refused += 1
            line = str(error)
            assert "\n" not in line and (name in line or reader is histories), line
        except Exception as error:
            error.add_note(repr(broken[:2000]))
            raise
    assert 0 < refused < COUNT

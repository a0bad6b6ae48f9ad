"""A slice of `make differences` for every run: rows against the checks that are the likeliest to notice, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.plugin.registry import load
from contracts.suite.world.embedded_server import ORIGIN
from contracts.suite.world.suite_settings import settings
from tests.differences.proxy.server import running
from tests.differences.row import Row
from tests.differences.tables import TABLES

CHECKS = load()
HARMLESS = [row for name, rows in TABLES.items() if name != "faults" for row in rows]
FAULTS = TABLES["faults"]
# Only a whole run has what these need: an earlier look that was kept, or enough answers.
WHOLE = {"stale-sync", "corrupted-one-in-twenty"}
# They wait for answers or events that come late, so they are left to `make differences`.
SLOW = {
    "jitter",
    "late-30ms",
    "late-50ms",
    "category-late",
    "events-late",
    "events-one-in-ten-lost",
}
# One of each kind that a difference in between has ever turned red, or could: methods, lists in fields, HEAD, tags, words
# of problems, ids, tokens, refused handshakes, frames, the end of a socket.
SENSITIVE = (
    "smoke.reaches[createContentItem]", "http.head[getContentItem]", "http.options[getContentItem]",
    "http.bulk-is-no-id", "http.own-origin", "http.etag", "http.not-modified", "http.request-id", "http.idempotency-replay",
    "items.not-found", "items.update-merges", "items.location-resolves", "bulk.partial-failure", "sync.deleted",
    "revert.content", "auth.no-store", "auth.no-cookies", "auth.login-refused-alike", "auth.refresh-rotates",
    "isolation.same-as-missing", "tokens.forged[flipped-signature]", "realtime.handshake",
    "realtime.refused[no-upgrade]", "realtime.refused[no-token]", "realtime.event-per-change",
    "realtime.heartbeat-answered", "realtime.logout-closes", "frames.rfc6455[rsv1]", "shape.answers[getContentItem]",
    "shape.problems", "shape.options",
)  # fmt: skip


@contextmanager
def _world(url: str) -> Iterator[World]:
    made = World(settings({"target": url, "origin": ORIGIN}, {}), load_spec())
    try:
        yield made
    finally:
        made.target.connection.close()


def _run(world: World, name: str) -> None:
    slug, _, value = name.rstrip("]").partition("[")
    check = CHECKS[slug]
    world.target.recorder.start()
    api = Api(world, name)
    check.function(api, value=value) if value else check.function(api)


def _tests_of(slug: str) -> list[str]:
    over = CHECKS[slug].over
    return [slug] if over is None else [f"{slug}[{value}]" for value in over]


def _portion(row: Row) -> tuple[str, ...]:
    """Every fourth of the sensitive checks, another quarter for each row; what looks back at them is always there."""
    start = HARMLESS.index(row) % 4
    return (*SENSITIVE[start:-3:4], *SENSITIVE[-3:])


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in HARMLESS if row.name not in SLOW])
def test_a_harmless_difference_turns_nothing_red(server: str, row: Row) -> None:
    with running(server, row) as url, _world(url) as world:
        for name in _portion(row):
            if row.name != "without-channel" or not name.startswith(("realtime.", "frames.")):
                _run(world, name)


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row.name) for row in FAULTS if row.name not in SLOW | WHOLE]
)
def test_a_fault_turns_its_check_red(server: str, row: Row) -> None:
    with running(server, row) as url, _world(url) as world:
        red = []
        for slug in row.checks:
            if slug.startswith("shape."):
                for name in (*_tests_of("smoke.reaches"), "tokens.forged[words]", "http.unknown-routes"):
                    _quietly(world, name)
            red.append(any(_quietly(world, name) for name in _tests_of(slug)))
    assert red and all(red)


def _quietly(world: World, name: str) -> bool:
    """Whether it went red."""
    try:
        _run(world, name)
    except ContractViolation:
        return True
    return False


def test_every_row_has_a_name_of_its_own_and_a_reason() -> None:
    rows = [*HARMLESS, *FAULTS]
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.why for row in rows)


def test_faults_name_checks_that_exist_and_harmless_rows_none() -> None:
    assert all(row.checks and set(row.checks) <= set(CHECKS) for row in FAULTS)
    assert not any(row.checks for row in HARMLESS)

"""A target that keeps an edited contract gets no red, and a broken one still does: the mock serves each edit to the suite's checks and
to a load run."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from contracts.model.unpromised import UnpromisedError
from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.checks.test_handshake import REFUSALS
from contracts.suite.contract_violation import OBSERVED, ContractViolation, Unchecked
from contracts.suite.plugin.registry import Check, load, require
from contracts.suite.world.control import find
from contracts.suite.world.suite_settings import settings
from contracts.verdict import Grade
from load.http.target import parse
from load.realtime.channel_endpoint import ChannelEndpoint
from load.realtime.websocket import WebSocket
from tests.contracts.dialect.edited_contracts import CHANNEL, EDITS, TOGETHER, Edit, together
from tests.fork_server import embedded_server
from tests.load.in_process_run import load_run

CHECKS = load()
SAMPLE = (
    "items.create-keeps-what-was-sent", "items.create-defaults", "items.create-is-draft", "items.location-resolves",
    "items.update-merges", "items.publish-platforms", "items.conflict-on-stale-version", "items.not-found", "items.publish", "items.archive",
    "items.pages-of-everything", "items.order", "items.limit-bounds", "http.not-modified", "http.if-match",
    "http.idempotency-replay", "http.closed-bodies", "http.request-id", "http.validation-tells-where", "bulk.partial-failure",
    "versions.newest-first", "revert.backup", "sync.chain", "categories.unknown", "auth.login", "auth.verify",
    "permissions.matrix", "permissions.told-at-login", "items.publish-once-stamped", "http.metrics-count",
    "auth.refresh-rotates", "auth.refresh-grace-ends", "auth.refresh-expires", "auth.expires-in", "auth.refresh-reuse-revokes-family",
    "realtime.event-per-change", "realtime.refused", "realtime.heartbeat-answered",
)  # fmt: skip
"""Of every kind of law some; `pytest contracts --overlay …` makes all of them."""
FAULT, RED = "lost-update", "items.conflict-on-stale-version"
ALONE = os.environ.get("TCHAT_EDITS") == "alone"
CONTRACTS = EDITS if ALONE else tuple(map(together, TOGETHER))


@pytest.fixture
def world(edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The mock that keeps the edited contract, as the suite sees it."""
    for name, value in edit.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with embedded_server() as server:
        made = World(settings({"target": server.url}, {}), load_spec())
        yield made
        made.close()


def outcome(world: World, check: Check) -> str:
    """`pass`, `not applicable`, `unchecked` or what is wrong."""
    try:
        require(world, check)
        OBSERVED.begin()
        subjects = [None] if check.over is None else [*check.over][:2]
        for subject in subjects:
            api = Api(world, check.id)
            check.function(api, **({} if subject is None else {"value": subject}))
    except UnpromisedError:
        return "not applicable"
    except Unchecked:
        return "unchecked"
    except ContractViolation as violation:
        return str(violation)
    return "not applicable" if OBSERVED.only_unpromised() else "pass"


@pytest.mark.parametrize("edit", CONTRACTS, ids=[edit.name for edit in CONTRACTS])
def test_an_edited_contract_has_no_red_until_it_is_broken(edit: Edit, world: World) -> None:
    found = {slug: outcome(world, CHECKS[slug]) for slug in dict.fromkeys((*SAMPLE, *edit.passes))}
    findings = [fault.finding for fault in world.target.recorder.faults.values()]
    assert {
        slug: told for slug, told in found.items() if told not in ("pass", "not applicable", "unchecked")
    } == {}
    assert [(finding.check, finding.operation, finding.expected, finding.got) for finding in findings] == []
    assert list(found.values()).count("pass") > len(SAMPLE) // (2 if ALONE else 3)
    named = [edit.not_applicable] if isinstance(edit.not_applicable, str) else edit.not_applicable
    assert {found[slug] for slug in named} <= {"not applicable"}
    assert {slug: found[slug] for slug in edit.passes if found[slug] != "pass"} == {}
    run = load_run(world.target.host)
    assert [
        (one.operation, one.error_examples)
        for one in run.loads[0].operations
        if one.errors or not one.answered
    ] == []
    assert [verdict.reason for verdict in run.all_verdicts() if verdict.grade is Grade.FAIL] == []
    control = find(world.target, world.accounts)
    assert control is not None
    control.request("PUT", "/faults", {"faults": [FAULT]}).must(200)
    assert outcome(world, CHECKS[RED]).startswith("expected ")


@pytest.mark.parametrize(
    "edit", [edit for edit in EDITS if edit.passes == CHANNEL], ids=lambda edit: edit.name
)
def test_a_handshake_has_its_token_where_the_document_says(edit: Edit, world: World) -> None:
    api = Api(world, "realtime.refused")
    told = {}
    for case in REFUSALS:
        try:
            CHECKS["realtime.refused"].function(api, value=case)
        except UnpromisedError:
            told[case] = "not applicable"
    assert told == dict.fromkeys(("both-places", "token-twice"), "not applicable")
    channel = ChannelEndpoint(
        world.target.spec, parse(world.target.host, prefix=world.target.settings.prefix)
    )
    token = world.accounts.session("owner").access
    assert [channel.status(told) for told in (token, "undefined", None)] == [101, 401, 401]
    sent = channel.endpoint(token)
    assert token not in sent.path and any(token in value for _, value in sent.headers)
    heard = Heard()
    socket = WebSocket(0, lambda: sent, heard)
    heard.end.wait(timeout=10)
    socket.abort()
    assert heard.told == [("opened", 0)]


class Heard:
    """A listener that keeps the first event."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.end = Event()

    def __getattr__(self, name: str) -> Any:
        return lambda *told: (self.told.append((name, *told)), self.end.set())


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.name == "no-bulk"], ids=["no-bulk"])
def test_what_was_made_is_archived_where_nothing_is_in_bulk(world: World) -> None:
    token = world.accounts.session("owner").access
    made = world.target.call("createContentItem", body={"title": "One"}, token=token).must(201).data["id"]
    world.close()
    assert (
        world.target.call("getContentItem", path={"id": made}, token=token).must(200).data["status"]
        == "archived"
    )


def test_every_edit_is_in_one_of_the_contracts() -> None:
    assert sorted(name for names in TOGETHER for name in names) == sorted(edit.name for edit in EDITS)


@pytest.mark.parametrize(
    "edit", [edit for edit in EDITS if edit.name == "operation-added"], ids=["operation-added"]
)
def test_an_operation_that_nobody_knows_is_answered_from_its_examples(world: World) -> None:
    token = world.accounts.session("owner").access
    shown = world.target.call("getMe", token=token).must(200)
    assert (shown.json, shown.headers["etag"]) == ({"id": "u-1"}, '"v1"')
    assert world.target.call("getMe", token="no.such.token").status == 401

"""Every fault of the realtime family is a deviation that a client observes, and leaves nothing when it is off.

One server for each: a probe at it as it is, the fault put on through the control interface, the same probe, a
reset, the same probe again. What each probe has to find is written in the table.
"""

from typing import Any

import pytest

from mock_server.faults import CATALOGUE
from mock_server.faults.families.realtime import premature_event_faults
from tests.mock_server.realtime_probes import (
    OPEN,
    REFUSED,
    Probe,
    bad_at_intervals,
    bulk,
    challenge,
    echo,
    form,
    heartbeat_digits,
    knock,
    later,
    logout,
    members,
    overflow,
    post,
    presence,
    pushed_stamp,
    reaches,
    read_at_event,
    refused_write,
    repeated,
    repeats,
    restart,
    said,
    seen,
    still_there,
    subprotocol,
    told,
    types,
)
from tests.mock_server.visitor import HEARTBEAT, STAMP, Visitor
from tests.mock_server.wire import Wire

OTHER, INGEST = "demo@other.example", "ingest@tchat.com"
BINARY, LARGE, MEDIUM = b"\x00", "x" * 65_537, '{"type":"x","pad":"' + "x" * 5000 + '"}'
EVENTS = told("version")
ACTIONS = ["created", "updated", "published", "archived", "reverted"]
NOTIFIED = [False, False, True, False, False]
DATA = ["action", "contentId", "showNotification", "title", "updatedAt", "updatedBy", "version"]
ANSWER = "heartbeat_response"

# fault -> (probe, what it finds on an honest server, what it finds with the fault on)
TABLE: dict[str, tuple[Probe, Any, Any]] = {
    "ws-no-auth": (knock(), REFUSED, OPEN),
    "ws-token-unchecked": (knock("token=undefined"), REFUSED, OPEN),
    "ws-expired-accepted": (knock("token={access}", wait=901), REFUSED, OPEN),
    "ws-refresh-accepted": (knock("token={refresh}"), REFUSED, OPEN),
    "ws-ended-session-accepted": (knock("token={access}", ended=True), REFUSED, OPEN),
    "ws-two-tokens-accepted": (knock("token={access}", authorization="Bearer {access}"), 400, OPEN),
    "ws-query-token-ignored": (knock("token={access}"), OPEN, REFUSED),
    "ws-subprotocol-chosen": (subprotocol, None, "chat"),
    "ws-methods-unchecked": (post, 405, 426),
    "ws-origin-unchecked": (knock("token={access}", origin="https://evil.example"), 403, OPEN),
    "ws-refused-after-upgrade": (knock("token=undefined"), REFUSED, 4401),
    "ws-refused-403": (knock(), REFUSED, 403),
    "ws-challenge-missing": (challenge, True, False),
    "ws-heartbeat-dead": (said(HEARTBEAT), [ANSWER], []),
    "ws-heartbeat-late": (said(HEARTBEAT), [ANSWER], []),
    "ws-heartbeat-twice": (said(HEARTBEAT), [ANSWER], [ANSWER, ANSWER]),
    "ws-heartbeat-echo-wrong": (echo, STAMP, 0),
    "ws-heartbeat-seconds": (heartbeat_digits, [13, 13], [10, 10]),
    "ws-heartbeat-not-sent": (later(30, 30), (2, None), (0, None)),
    "ws-heartbeat-flood": (later(30, 1, 1), (1, None), (3, None)),
    "ws-heartbeat-rare": (later(30, 30, 30, 30, talking=True), (4, None), (1, None)),
    "ws-echo-loop": (said({"type": ANSWER, "data": {"timestamp": 1}}), [], [ANSWER]),
    "ws-half-open": (later(80), (0, "aborted"), (1, None)),
    "ws-silence-clean": (later(80), (0, "aborted"), (0, 1000)),
    "ws-event-before-commit": (read_at_event, (2, [2]), (1, [2])),
    "ws-event-of-refused": (refused_write, [], [2]),
    "ws-event-of-repeat": (repeats, [("archived", 3)], [("published", 2), ("archived", 3), ("archived", 3)]),
    "ws-event-lost": (EVENTS, [1, 2, 3, 4, 5], [1, 2, 4, 5]),
    "ws-event-doubled": (EVENTS, [1, 2, 3, 4, 5], [1, 2, 3, 3, 4, 5]),
    "ws-event-swapped": (EVENTS, [1, 2, 3, 4, 5], [1, 3, 2, 5, 4]),
    "ws-event-late": (EVENTS, [1, 2, 3, 4, 5], []),
    "ws-event-all-workspaces": (reaches(OTHER), [], ["content_updated"]),
    "ws-event-without-permission": (reaches(INGEST), [], ["content_updated"]),
    "ws-event-not-to-author": (EVENTS, [1, 2, 3, 4, 5], []),
    "ws-event-version-ahead": (EVENTS, [1, 2, 3, 4, 5], [2, 3, 4, 5, 6]),
    "ws-event-version-behind": (EVENTS, [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]),
    "ws-event-action-wrong": (told("action"), ACTIONS, ["updated"] * 5),
    "ws-event-title-wrong": (told("title"), ["A", "A1", "A1", "A1", "A"], ["stale"] * 5),
    "ws-event-notifies-always": (told("showNotification"), NOTIFIED, [True] * 5),
    "ws-event-notifies-never": (told("showNotification"), NOTIFIED, [False] * 5),
    "ws-event-bulk-once": (bulk, [2, 3, 4, 1], [4, 1]),
    "ws-event-without-title": (told("title"), ["A", "A1", "A1", "A1", "A"], [None] * 5),
    "ws-event-extra-member": (members, (["data", "type"], DATA), (["data", "type"], sorted([*DATA, "internalId"]))),
    "ws-event-type-wrong": (types, ["content_updated"] * 5, ["contentUpdated"] * 5),
    "ws-event-flat": (members, (["data", "type"], DATA), (sorted([*DATA, "type"]), [])),
    "ws-mute": (still_there, (5, 1, False), (3, 0, False)),
    "ws-aborts": (still_there, (5, 1, False), (5, 0, True)),
    "ws-presence-missing": (presence, ["online", "offline"], []),
    "ws-presence-wrong": (presence, ["online", "offline"], ["online", "online"]),
    "ws-sync-without-cause": (types, ["content_updated"] * 5, ["content_updated"] * 5 + ["sync_required"]),
    "ws-sync-not-told": (overflow, ["content_updated", "sync_required"], ["content_updated"]),
    "ws-sync-stamp-late": (pushed_stamp, "2023-11-14T22:13:20.000000Z", "2023-11-14T22:14:20.000000Z"),
    "ws-sync-stamp-number": (pushed_stamp, "2023-11-14T22:13:20.000000Z", STAMP),
    "ws-close-binary-wrong": (said(BINARY), [1003], [1008]),
    "ws-close-large-wrong": (said(LARGE), [1009], [1008]),
    "ws-close-policy-wrong": (said("{", "{", "{"), ["error", "error", 1008], ["error", "error", 1002]),
    "ws-close-session-wrong": (logout, (4401, None), (1000, None)),
    "ws-close-restart-wrong": (restart, 1012, 1011),
    "ws-large-accepted": (said(LARGE), [1009], ["error"]),
    "ws-large-limit-low": (said(MEDIUM), ["error"], [1009]),
    "ws-bad-frame-closes": (said("{"), ["error"], [1008]),
    "ws-close-loses-answers": (said("{", "{", "{"), ["error", "error", 1008], [1008]),
    "ws-bad-frames-endless": (said("{", "{", "{"), ["error", "error", 1008], ["error", "error", "error"]),
    "ws-bad-frames-remembered": (bad_at_intervals, [], [1008]),
    "ws-error-repeats-type": (repeated, 50, 200),
    "ws-binary": (form, [["text"]], [["bytes"]]),
    "ws-bad-frame-silent": (said("{"), ["error"], []),
    "ws-unknown-type-counts": (said(*[{"type": "x"}] * 3), ["error"] * 3, ["error", "error", 1008]),
    "ws-logout-keeps-socket": (logout, (4401, None), (None, None)),
    "ws-logout-closes-user": (logout, (4401, None), (4401, 4401)),
    "ws-expiry-closes": (later(*[60] * 15, talking=True), (15, None), (14, 4401)),
}  # fmt: skip


pytestmark = pytest.mark.server(
    control=True, password_cost=1, check_answers=False, cors_origins=("https://app.example",)
)


def test_the_table_is_complete() -> None:
    assert set(TABLE) == {fault.name for fault in CATALOGUE.values() if fault.family == "realtime"}


async def put(wire: Wire, *faults: str) -> list[str]:
    answer = await wire.call("PUT", "/_control/faults", {"faults": list(faults)})
    named: list[str] = answer.json()["faults"]
    return named


@pytest.mark.parametrize("fault", TABLE)
async def test_a_fault_is_seen_while_it_is_on_and_only_then(wire: Wire, fault: str) -> None:
    probe, honest, spoilt = TABLE[fault]
    assert await seen(wire, probe) == honest
    assert await put(wire, fault) == [fault]
    assert await seen(wire, probe) == spoilt
    assert (await wire.call("POST", "/_control/reset", {})).json()["faults"] == []
    assert await seen(wire, probe) == honest


# What takes more than one probe


async def test_a_late_answer_comes_when_its_time_has_come(wire: Wire) -> None:
    await put(wire, "ws-heartbeat-late:ms=1500", "ws-event-late:ms=2000")
    assert await seen(wire, said(HEARTBEAT, then=1.4)) == []
    assert await seen(wire, said(HEARTBEAT, then=1.5)) == [ANSWER]
    assert await seen(wire, told("version", wait=1.9)) == []
    assert await seen(wire, told("version", wait=2)) == [1, 2, 3, 4, 5]


async def test_an_event_that_no_other_follows_is_late_and_not_lost(wire: Wire) -> None:
    await put(wire, "ws-event-swapped:every=5")
    assert await seen(wire, told("version", wait=0.9)) == [1, 2, 3, 4]
    assert await seen(wire, told("version", wait=1)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("fault", "before", "after"),
    [
        pytest.param("ws-mute:events=1", 1, 1, id="a muted socket speaks again, of what is new"),
        pytest.param("ws-event-late:ms=60000", 0, 2, id="what was held back is sent"),
        pytest.param("ws-event-swapped:every=2", 1, 2, id="what waited for the next event is sent"),
    ],
)
async def test_an_open_socket_recovers_when_the_faults_go(
    wire: Wire, fault: str, before: int, after: int
) -> None:
    await put(wire, fault)
    visitor = Visitor(wire)
    peer = await visitor.open()
    await visitor.create()
    await visitor.create()
    assert len(peer.frames) == before
    assert await put(wire) == []
    await wire.settle()
    assert len(peer.frames) == after
    await visitor.create()
    assert len(peer.frames) == after + 1


async def test_counts_begin_anew_with_each_setting(wire: Wire) -> None:
    visitor = Visitor(wire)
    peer = await visitor.open()
    for _ in range(3):
        await put(wire, "ws-event-lost:every=2")
        await visitor.create()
    assert len(peer.frames) == 3


async def test_a_wrong_name_changes_nothing(wire: Wire) -> None:
    await put(wire, "ws-event-type-wrong")
    answer = await wire.call("PUT", "/_control/faults", {"faults": ["ws-mutte"]})
    assert answer.status == 400
    assert "did you mean ws-mute?" in answer.json()["detail"]
    assert await seen(wire, types) == ["contentUpdated"] * 5


async def test_a_rehearsed_write_is_made_once_and_journalled_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(seconds: float) -> None:
        del seconds

    monkeypatch.setattr(premature_event_faults, "sleep", at_once)
    visitor = Visitor(wire)
    await visitor.pair()
    await put(wire, "ws-event-before-commit")
    peer = await visitor.open()
    item = await visitor.create()
    await visitor.update(item, 1)
    assert (await visitor.call("GET", f"/content/items/{item}")).json()["data"]["version"] == 2
    assert [frame["data"]["version"] for frame in peer.frames] == [1, 2]
    journal = (await wire.call("GET", "/_control/journal")).json()
    assert (journal["total"], journal["events"]) == (4, 2)  # login, create, update, read

"""The programs that find nothing on the clean server find each of these faults, so their silence says something.

TCHAT_DIFFERENTIAL_FAULTS=all takes every fault of the catalogue but those listed here as out of sight, with the reason.
"""

import os
from collections.abc import Iterable

import pytest

from mock_server.faults import CATALOGUE
from tests.differential.harness import content_harness, event_harness, session_harness
from tests.differential.harness.event_harness import draw_events
from tests.differential.programs import session_programs
from tests.differential.programs.content_programs import draw

ALL = os.environ.get("TCHAT_DIFFERENTIAL_FAULTS") == "all"
CONTENT_STEPS, SESSION_STEPS, EVENT_STEPS = 4000, 2400, 1000

CONTENT = (
    "lost-update", "conflict-one-late", "conflict-applies", "write-lost", "read-stale",
    "version-raised-twice", "put-keeps-category", "list-stale", "search-wildcards", "search-case-sensitive",
    "page-skips-one", "list-pages-rounded-down", "range-end-exclusive", "tree-prunes-parents",
    "history-rewritten", "backup-not-marked", "revert-foreign-version", "revert-keeps-archived",
    "sync-border-twice", "sync-cap-lost:limit=3", "bulk-backwards", "bulk-atomic", "archive-repeat-counts",
    "idempotency-of-all", "idempotency-not-compared", "if-match-weak", "etag-fixed", "foreign-written",
    "bulk-permission-unchecked", "title-cut", "text-latin", "forbidden-applies",
)  # fmt: skip
SESSIONS = (
    "expiry-at-exp", "refresh-as-access", "access-as-refresh", "refresh-not-rotated", "reuse-accepted", "reuse-spares-family",
    "grace-missing", "grace-endless", "grace-second-pair", "logout-keeps-access", "logout-keeps-refresh", "logout-ends-all",
    "throttle-missing", "throttle-spares-correct", "email-case-sensitive", "device-keeps-session", "verify-other-user",
    "expired-not-told", "signature-unchecked", "token-base64url", "refresh-201",
)  # fmt: skip
EVENTS = (
    "ws-event-lost", "ws-event-doubled", "ws-event-swapped", "ws-event-all-workspaces", "ws-event-not-to-author",
    "ws-event-version-ahead", "ws-event-bulk-once", "ws-event-of-repeat", "ws-event-of-refused", "ws-event-notifies-never",
    "ws-sync-not-told", "ws-sync-stamp-late", "ws-sync-without-cause", "ws-mute",
)  # fmt: skip

# What the model does not speak of, or no request of these programs can show.
OUT_OF_SIGHT = {
    "routes, methods and media types are the wire's": (
        "wrong-method-404", "wrong-method-501", "head-refused", "options-refused", "allow-incomplete", "slash-ignored", "bulk-is-an-id",
        "hidden-path", "duplicates-taken", "unknown-query-refused", "media-type-unchecked", "media-type-parameters-refused",
        "body-limit-unchecked", "bad-json-500", "body-before-token",
    ),
    "metrics are no content": ("metrics-200", "metrics-count-wrong"),
    "tokens are the session programs' matter": ("login-201", "refresh-201", "unauthorized-403"),
    "how headers, sentences and logs are worded": (
        "scheme-unchecked", "scheme-case-sensitive", "challenge-error-always", "token-in-error", "token-in-log", "password-in-error",
        "account-told",
    ),
    "a forger's work, not a caller's": ("alg-none",),
    "handshakes, heartbeats, presence, closing: no change of content": (
        "ws-event-before-commit", "ws-event-without-permission", "ws-aborts",
    ),
}  # fmt: skip
UNSEEN = frozenset(name for names in OUT_OF_SIGHT.values() for name in names)
OF_CONTENT = frozenset({"permission-unchecked", "bulk-permission-unchecked", "foreign-read", "foreign-written", "foreign-told",
                        "list-all-workspaces", "sync-all-workspaces", "mass-assignment"})  # fmt: skip


def chosen(few: Iterable[str], of_all: Iterable[str]) -> list[str]:
    """The few, or with them every other one that is not out of sight."""
    listed = list(few)
    named = {text.partition(":")[0] for text in listed}
    return listed + [name for name in of_all if ALL and name not in named and name not in UNSEEN]


def _families(*families: str) -> list[str]:
    return [name for name, fault in CATALOGUE.items() if fault.family in families]


@pytest.mark.parametrize("fault", chosen(CONTENT, [*_families("meaning", "http"), *sorted(OF_CONTENT)]))
def test_content_programs_find(fault: str) -> None:
    world, length = content_harness.world(), 500
    assert any(
        content_harness.play(draw(seed, length, world), seed=seed, faults=[fault]).found
        for seed in range(CONTENT_STEPS // length)
    ), f"no disagreement within {CONTENT_STEPS} steps"


@pytest.mark.parametrize(
    "fault", chosen(SESSIONS, [name for name in _families("auth") if name not in OF_CONTENT])
)
def test_session_programs_find(fault: str) -> None:
    length = 120
    assert any(
        session_harness.play(session_programs.draw(seed, length), seed=seed, faults=[fault]).complaints
        for seed in range(SESSION_STEPS // length)
    ), f"no disagreement within {SESSION_STEPS} steps"


@pytest.mark.parametrize(
    "fault", chosen(EVENTS, [n for n in _families("realtime") if n.startswith("ws-event")])
)
def test_event_programs_find(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.realtime.socket.LONGEST_QUEUE", 4)
    world, length = content_harness.world(), 200
    assert any(
        event_harness.play(draw_events(seed, length, world), seed=seed, faults=[fault]).complaints
        for seed in range(EVENT_STEPS // length)
    ), f"no disagreement within {EVENT_STEPS} steps"


def test_the_lists_name_faults() -> None:
    listed = {text.partition(":")[0] for text in (*CONTENT, *SESSIONS, *EVENTS)} | UNSEEN | OF_CONTENT
    assert listed - set(CATALOGUE) == set()
    assert {text.partition(":")[0] for text in (*CONTENT, *EVENTS)} & UNSEEN == set()

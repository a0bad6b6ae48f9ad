"""What a fault's `check` may name, and which tests of a check to run for it, the likeliest first.

A name is a slug of the contract suite or one of the verdicts of a load run; nothing else can go red.
"""

from collections.abc import Sequence

from contracts.suite.plugin.registry import Check, load
from mock_server.faults.fault import Fault

CHECKS = load()

VERDICTS = {"objective": "an operation is too slow or fails too often"}
"""Verdicts of a load run that a fault may name; they are no check of the suite."""

LOOKING_BACK = ("shape.answers", "shape.problems", "shape.options", "shape.secrets", "shape.no-server-errors",
                "realtime.messages")  # fmt: skip
"""They judge every answer of the whole run, so what the other checks send is a part of them."""

# What a whole run sends before they speak, in short: every operation, every family of refusals.
BEFORE = (
    "smoke.reaches", "items.create-keeps-what-was-sent", "items.publish", "items.archive", "items.not-found",
    "items.conflict-on-stale-version", "items.category-unknown", "versions.snapshots", "revert.content", "sync.shows-changes",
    "sync.deleted", "bulk.partial-failure", "categories.tree", "categories.items", "http.etag", "http.not-modified", "http.if-match",
    "http.idempotency-reuse", "http.options", "http.method-not-allowed", "http.unknown-routes", "http.media-type", "http.too-large",
    "http.validation-tells-where", "http.head", "auth.verify", "auth.refresh-rotates", "auth.login-refused-alike",
    "auth.login-throttled", "auth.types-not-interchangeable", "auth.no-store", "tokens.required-everywhere", "tokens.header-forms",
    "permissions.challenge", "http.metrics-count", "items.pagination-agrees", "fuzz.ids", "http.no-json",
    "items.search-no-wildcards", "http.token-before-body",
)  # fmt: skip
BEFORE_MESSAGES = (
    "realtime.event-per-change", "realtime.heartbeat-answered", "realtime.user-status", "realtime.pushed-events", "frames.texts",
)  # fmt: skip


def slug_of(name: str) -> str:
    """`http.options[getContentItem]` -> `http.options`."""
    return name.partition("[")[0]


def is_known(name: str) -> bool:
    return slug_of(name) in CHECKS or name in VERDICTS


def trials_of(check: Check, operations: Sequence[str]) -> list[str | None]:
    """The values of a check's tests (None: it has one test), those about the fault's operations first, as it names them."""
    if check.over is None:
        return [None]
    values: list[str | None] = list(check.over)
    return [v for v in operations if v in values] + [v for v in values if v not in operations]


def plan(name: str, fault: Fault) -> list[tuple[str, str | None]]:
    """The tests to run, in order, until `name` is red: its own, and for one that looks back those before it."""
    slug, _, value = name.rstrip("]").partition("[")
    own: list[tuple[str, str | None]] = (
        [(slug, value)] if value else [(slug, v) for v in trials_of(CHECKS[slug], fault.operations)]
    )
    if slug not in LOOKING_BACK:
        return own
    before = BEFORE_MESSAGES if slug == "realtime.messages" else BEFORE
    return own + [(other, v) for other in before for v in trials_of(CHECKS[other], fault.operations)]

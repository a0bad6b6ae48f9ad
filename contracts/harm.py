"""The harm that a violation of each check's law does, and which failures block a release at which level.

A list of a hundred failures is read from the top, so failures are sorted by harm: lost data, then unauthorized access, broken clients of
the guide, and mere differences from the document. The first pattern that matches a check's id decides. Otherwise a law that the guide
itself states (S:, F, W) breaks its clients, and any other differs from the document.

>>> harm_of("items.update-once", "R17"), harm_of("isolation.by-id", "R22"), harm_of("items.archive", "F1, S:302-313")
(<Harm.LOSES_DATA: 'loses-data'>, <Harm.LETS_SOMEBODY_IN: 'lets-somebody-in'>, <Harm.BREAKS_CLIENTS: 'breaks-clients'>)
>>> [blocks("guide", "RFC 9110 9.3.2", Harm.HYGIENE), blocks("rfc", "RFC 9110 9.3.2", Harm.HYGIENE)]
[False, True]
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from types import MappingProxyType


class Harm(StrEnum):
    """The harm that a violation does to users of the API, the worst first."""

    LOSES_DATA = "loses-data"
    LETS_SOMEBODY_IN = "lets-somebody-in"
    BREAKS_CLIENTS = "breaks-clients"
    DIFFERS = "differs"
    HYGIENE = "hygiene"

    @property
    def words(self) -> str:
        return WORDS[self]

    @property
    def rank(self) -> int:
        return list(Harm).index(self)


WORDS: Mapping[Harm, str] = MappingProxyType(
    {
        Harm.LOSES_DATA: "loses data",
        Harm.LETS_SOMEBODY_IN: "lets somebody in",
        Harm.BREAKS_CLIENTS: "breaks the guide's clients",
        Harm.DIFFERS: "differs from the document",
        Harm.HYGIENE: "hygiene",
    }
)
NEVER_IN_BULK = frozenset({Harm.LOSES_DATA, Harm.LETS_SOMEBODY_IN})
"""Harms that cannot be accepted for many failures with one command."""

_LOSES = """
smoke.read-your-write items.create-keeps-what-was-sent items.update-merges items.update-replaces-members-whole
items.conflict-on-stale-version items.update-once items.failed-write-inert items.unicode-survives items.largest-survives
items.archived-refuses-writes items.ids-fresh items.pages-disjoint items.pages-of-everything items.order-across-pages
versions.snapshots versions.immutable revert.content revert.keeps-history revert.backup revert.recovers
sync.shows-changes sync.border sync.chain sync.full-state sync.deleted sync.recovered sync.has-more
bulk.all-succeed bulk.partial-failure bulk.in-order bulk.same-as-single http.if-match http.idempotency-replay
http.get-changes-nothing permissions.refused-inert tokens.refused-writes-inert stateful.model stateful.lost-answers
races.one-winner races.counter races.reads-linearizable races.bulk-against-single races.publish-against-archive
races.idempotent-create races.creates races.sync-under-writes
"""
_LETS_IN = """
isolation.* permissions.* tokens.* conformance.auth-not-ignored shape.secrets http.foreign-origin http.own-origin
http.no-hidden-paths http.idempotency-key-per-account items.server-fields-refused races.refresh-against-logout
auth.expiry auth.expired-everywhere auth.refresh-expires auth.absolute-life auth.refresh-reuse-revokes-family
auth.refresh-grace-ends auth.refresh-rotates auth.types-not-interchangeable auth.logout-ends-session
auth.one-session-a-device auth.login-refused-alike auth.login-same-time auth.login-throttled auth.no-store
auth.no-cookies auth.log-secrets auth.no-secrets-in-tokens realtime.ended-session-refused realtime.expired-refused
realtime.refused realtime.no-crossing realtime.event-permission realtime.logout-closes realtime.reuse-closes
realtime.device-login-closes realtime.outlives-token frames.errors-tell-no-token
bulk.permissions oauth.verifier oauth.code-once oauth.code-bound oauth.code-expires oauth.client-bound oauth.revoke
oauth.no-open-redirect oauth.no-token-in-url oauth.s256-only oauth.state-and-issuer oauth.consent oauth.page-*
oauth.redirect-status oauth.token-answer oauth.log-secrets
caches.owner-first caches.signed-out caches.after-logout caches.conditional-by-owner caches.origin-counts
"""
_BREAKS = """
smoke.* shape.answers shape.no-server-errors conformance.examples conformance.coverage-positive
conformance.fuzzing-positive keywords.exact realtime.* frames.* races.* auth.refresh-* auth.access-outlives-rotation
objective objective.* compat.* baseline.* caches.*
"""
_HYGIENE = """
shape.options http.options http.head http.method-not-allowed http.request-id http.accept-ignored-or-honoured
http.unknown-routes http.bulk-is-no-id http.validation-tells-where http.entity-tags-syntax
http.idempotency-key-syntax http.idempotency-refused-unused http.duplicate-members http.token-before-body
items.query-unknown-ignored items.not-found-before-body items.search-white-space auth.login-throttle-ends
auth.login-success-clears
"""
TABLE: tuple[tuple[str, Harm], ...] = tuple(
    (pattern, harm)
    for patterns, harm in (
        (_LOSES, Harm.LOSES_DATA),
        (_LETS_IN, Harm.LETS_SOMEBODY_IN),
        (_HYGIENE, Harm.HYGIENE),
        (_BREAKS, Harm.BREAKS_CLIENTS),
    )
    for pattern in patterns.split()
)

_GUIDE = re.compile(r"(S:\d|F\d|W\d)")
_STANDARD = re.compile(r"(RFC|openapi|asyncapi)")

LEVELS: Mapping[str, str] = MappingProxyType(
    {
        "guide": "what the guide's text says, and whatever loses data or lets somebody in",
        "rfc": "also what RFCs and the document say",
        "full": "also the rules of ours that fill the gaps (R1 to R40) and OWASP's",
    }
)


@cache
def harm_of(check: str, source: str) -> Harm:
    """The harm of a check, by its id and its source (`S:102, R17`)."""
    found = next((harm for pattern, harm in TABLE if fnmatchcase(check, pattern)), None)
    if found is not None:
        return found
    return Harm.BREAKS_CLIENTS if _of_guide(source) else Harm.DIFFERS


def blocks(level: str, source: str, harm: Harm) -> bool:
    """Whether a failed check with this source (`S:102, R17`) and harm blocks a release at this level."""
    if harm in NEVER_IN_BULK or level == "full" or _of_guide(source):
        return True
    return level == "rfc" and any(_STANDARD.match(part) for part in sources(source))


def sources(source: str) -> list[str]:
    return [part.strip() for part in source.split(",") if part.strip()]


def _of_guide(source: str) -> bool:
    return any(_GUIDE.match(part) for part in sources(source))

"""Two public catalogues of what goes wrong in APIs, and which checks look for it here: OWASP API Security Top 10 (2023) and the
fault categories of Web Fuzzing Commons.

People who read findings of several tools sort them by these. A category has the checks that look for it, or the reason why nothing
can be looked for in this API; the test refuses a category with neither.

>>> labels("isolation.lists")
('OWASP-API1:2023', 'WFC-F206')
>>> labels("items.order")
()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class RiskCategory:
    """One category of a public catalogue of API risks. `checks` are ids or patterns of them; `not_applicable` says why there are
    none."""

    title: str
    checks: tuple[str, ...] = ()
    not_applicable: str = ""

    def covers(self, check: str) -> bool:
        return any(fnmatchcase(check, pattern) for pattern in self.checks)


def _of(title: str, checks: str) -> RiskCategory:
    return RiskCategory(title, tuple(checks.split()))


CATEGORIES: Mapping[str, RiskCategory] = MappingProxyType(
    {
        "OWASP-API1:2023": _of(
            "Broken object level authorization",
            "isolation.* caches.owner-first caches.conditional-by-owner realtime.no-crossing http.idempotency-key-per-account "
            "revert.foreign-version",
        ),
        "OWASP-API2:2023": _of(
            "Broken authentication",
            "auth.* tokens.* oauth.* caches.signed-out caches.after-logout realtime.refused realtime.expired-refused "
            "realtime.logout-closes realtime.reuse-closes races.parallel-refreshes races.refresh-against-logout "
            "conformance.auth-not-ignored",
        ),
        "OWASP-API3:2023": _of(
            "Broken object property level authorization",
            "items.server-fields-refused http.closed-bodies shape.answers auth.no-secrets-in-tokens",
        ),
        "OWASP-API4:2023": _of(
            "Unrestricted resource consumption",
            "http.too-large items.limit-bounds bulk.hundred bulk.invalid-document versions.limit sync.has-more frames.rfc6455 "
            "auth.login-throttled realtime.silence-aborts",
        ),
        "OWASP-API5:2023": _of(
            "Broken function level authorization", "permissions.* bulk.permissions realtime.event-permission"
        ),
        "OWASP-API6:2023": _of(
            "Unrestricted access to sensitive business flows", "auth.login-throttled auth.login-refused-alike"
        ),
        "OWASP-API7:2023": RiskCategory(
            "Server side request forgery",
            not_applicable="no operation takes a URL that the server would fetch",
        ),
        "OWASP-API8:2023": _of(
            "Security misconfiguration",
            "http.foreign-origin http.own-origin caches.origin-counts auth.no-store shape.secrets shape.no-server-errors "
            "http.method-not-allowed http.options auth.no-cookies auth.log-secrets "
            "oauth.no-open-redirect oauth.page-not-framed oauth.log-secrets",
        ),
        "OWASP-API9:2023": _of(
            "Improper inventory management",
            "http.unknown-routes http.no-hidden-paths fuzz.paths smoke.both-mounts",
        ),
        "OWASP-API10:2023": RiskCategory(
            "Unsafe consumption of APIs",
            not_applicable="what the server itself calls cannot be seen from outside",
        ),
        "WFC-F100": _of("HTTP status 500", "shape.no-server-errors"),
        "WFC-F101": _of("An answer that does not match its schema", "shape.answers conformance.*"),
        "WFC-F102": _of(
            "Success on invalid input",
            "fuzz.requests keywords.exact http.closed-bodies bulk.invalid-document conformance.coverage-negative "
            "conformance.fuzzing-negative items.query-syntax",
        ),
        "WFC-F103": _of("A resource is there after its deletion", "items.archived-hidden sync.deleted"),
        "WFC-F104": _of(
            "A refused creation leaves something behind",
            "items.failed-write-inert permissions.refused-inert tokens.refused-writes-inert",
        ),
        "WFC-F200": _of("SQL injection", "items.search-no-wildcards fuzz.requests items.unicode-survives"),
        "WFC-F201": RiskCategory(
            "Cross-site scripting",
            not_applicable="texts are data here and are answered as they came, in JSON; making them safe is their page's work",
        ),
        "WFC-F202": RiskCategory(
            "Server side request forgery",
            not_applicable="no operation takes a URL that the server would fetch",
        ),
        "WFC-F203": _of("Mass assignment", "items.server-fields-refused http.closed-bodies"),
        "WFC-F204": _of(
            "The existence of a protected resource is told",
            "isolation.same-as-missing isolation.by-id permissions.before-existence",
        ),
        "WFC-F205": _of("A known caller is told to be unknown", "permissions.matrix permissions.challenge"),
        "WFC-F206": _of(
            "Something protected can be read or changed", "isolation.* permissions.matrix bulk.permissions"
        ),
        "WFC-F207": _of(
            "Something protected can be had without a token",
            "tokens.required-everywhere caches.signed-out conformance.auth-not-ignored",
        ),
        "WFC-F208": _of("Changes without a token", "tokens.required-everywhere tokens.refused-writes-inert"),
        "WFC-F209": _of("A stack trace in an answer", "shape.secrets"),
        "WFC-F210": _of("A hidden path answers", "http.no-hidden-paths http.unknown-routes fuzz.paths"),
    }
)


@lru_cache(maxsize=1024)
def labels(check: str) -> tuple[str, ...]:
    """The categories that a check belongs to: those of OWASP, then those of Web Fuzzing Commons."""
    return tuple(name for name, category in CATEGORIES.items() if category.covers(check))

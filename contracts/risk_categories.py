"""The checks that cover each category of two public catalogues of API risks: OWASP API Security Top 10 (2023) and the fault categories of
Web Fuzzing Commons (0.12).

Readers of findings from several tools sort them by these categories. A category has the checks that cover it, or the reason why it cannot
occur in this API; a test refuses a category with neither.

>>> labels("isolation.lists")
('OWASP-API1:2023', 'WFC-F306')
>>> labels("items.order")
()
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class RiskCategory:
    """One category of a public catalogue of API risks. `checks` are ids or patterns; `not_applicable` is the reason if there are none;
    `name` is the catalogue's own name of the category."""

    title: str
    checks: tuple[str, ...] = ()
    not_applicable: str = ""
    name: str = ""

    def covers(self, check: str) -> bool:
        return any(fnmatchcase(check, pattern) for pattern in self.checks)


def _of(title: str, checks: str) -> RiskCategory:
    return RiskCategory(title, tuple(checks.split()))


def _wfc(name: str, title: str, checks: str, not_applicable: str = "") -> RiskCategory:
    return RiskCategory(title, tuple(checks.split()), not_applicable, name)


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
        "WFC-F100": _wfc("HTTP_STATUS_500", "HTTP status 500", "shape.no-server-errors"),
        "WFC-F101": _wfc("HTTP_STATUS_NO_NON_STANDARD_CODES", "A status that no standard has", "shape.answers"),
        "WFC-F102": _wfc("HTTP_STATUS_NO_201_IF_DELETE", "201 for DELETE", "", "no operation is a DELETE"),
        "WFC-F103": _wfc("HTTP_STATUS_NO_201_IF_GET", "201 for GET", "shape.answers"),
        "WFC-F104": _wfc("HTTP_STATUS_NO_201_IF_PATCH", "201 for PATCH", "", "no operation is a PATCH"),
        "WFC-F105": _wfc("HTTP_STATUS_NO_204_IF_CONTENT", "204 with a body", "shape.options http.options"),
        "WFC-F106": _wfc("HTTP_STATUS_NO_413_IF_NO_PAYLOAD", "413 for a request without a body", "shape.answers auth.refresh-forms"),
        "WFC-F107": _wfc("HTTP_STATUS_NO_415_IF_NO_PAYLOAD", "415 for a request without a body", "shape.answers auth.refresh-forms"),
        "WFC-F108": _wfc("HTTP_STATUS_NO_304_IF_NO_GET_OR_HEAD", "304 for a write", "shape.answers http.if-match"),
        "WFC-F109": _wfc("HTTP_STATUS_NO_401_IF_NO_WWW_AUTHENTICATE", "401 without WWW-Authenticate", "shape.answers shape.problems"),
        "WFC-F110": _wfc("HTTP_STATUS_NO_405_IF_NO_ALLOW", "405 without Allow", "http.method-not-allowed shape.options"),
        "WFC-F111": _wfc("HTTP_STATUS_NO_205_IF_CONTENT", "205 with a body", "", "no operation answers 205; one that does is undocumented"),
        "WFC-F112": _wfc("HTTP_STATUS_NO_426_IF_NO_UPGRADE", "426 without Upgrade", "realtime.methods"),
        "WFC-F113": _wfc("HTTP_NONWORKING_DELETE", "A resource is there after its deletion", "items.archived-hidden sync.deleted"),
        "WFC-F114": _wfc("HTTP_SIDE_EFFECTS_FAILED_MODIFICATION", "A refused change leaves something behind", "items.failed-write-inert permissions.refused-inert tokens.refused-writes-inert"),
        "WFC-F115": _wfc("HTTP_REPEATED_CREATE_PUT", "A PUT creates twice", "", "no PUT creates: an id that names nothing is 404"),
        "WFC-F116": _wfc("HTTP_MISLEADING_CREATE_PUT", "A PUT says that it created what was there", "", "no PUT creates: an id that names nothing is 404"),
        "WFC-F117": _wfc("HTTP_PARTIAL_UPDATE_PUT", "A PUT replaces a part only", "", "the guide's PUT changes the members that it names, which the document says (items.update-merges)"),
        "WFC-F118": _wfc("HTTP_NON_IDEMPOTENT_PUT", "A PUT is not idempotent", "items.update-once items.conflict-on-stale-version"),
        "WFC-F119": _wfc("HTTP_INVALID_MERGE_PATCH", "An invalid merge patch", "", "no operation is a PATCH"),
        "WFC-F120": _wfc("HTTP_INVALID_LOCATION", "A Location that leads nowhere", "items.location-resolves"),
        "WFC-F121": _wfc("HTTP_OTHER_STATUS_5XX", "A status of 5xx other than 500 and 501", "shape.no-server-errors"),
        "WFC-F122": _wfc("HTTP_CREATED_RESOURCE_NOT_FOUND", "What was created is not found", "smoke.read-your-write items.location-resolves caches.missing-then-there"),
        "WFC-F200": _wfc("SCHEMA_INVALID_RESPONSE", "An answer that does not match its schema", "shape.answers conformance.*"),
        "WFC-F201": _wfc("SCHEMA_INVALID_ALLOW", "Allow lists other methods than the document", "shape.options http.options http.method-not-allowed"),
        "WFC-F202": _wfc("SCHEMA_STATUS_NO_401_IF_NO_AUTH", "401 where no authentication is declared", "shape.answers"),
        "WFC-F203": _wfc("SCHEMA_STATUS_NO_403_IF_NO_401", "403 where no 401 is declared", "shape.answers"),
        "WFC-F204": _wfc("SCHEMA_STATUS_HAS_406_IF_ACCEPT", "406 for a media type that is declared", "http.accept-ignored-or-honoured shape.answers"),
        "WFC-F205": _wfc("SCHEMA_STATUS_NO_501_IF_IMPLEMENTED", "501 for an operation that is declared", "shape.no-server-errors smoke.reaches"),
        "WFC-F206": _wfc("SCHEMA_VALIDATION_BYPASS", "Success on invalid input", "fuzz.requests keywords.exact http.closed-bodies bulk.invalid-document conformance.coverage-negative conformance.fuzzing-negative items.query-syntax"),
        "WFC-F207": _wfc("SCHEMA_VALID_INPUT_REJECTED", "Refusal of valid input", "fuzz.requests keywords.exact conformance.examples conformance.coverage-positive conformance.fuzzing-positive"),
        "WFC-F300": _wfc("SECURITY_SQL_INJECTION", "SQL injection", "items.search-no-wildcards fuzz.requests items.unicode-survives"),
        "WFC-F301": _wfc("SECURITY_XSS_INJECTION", "Cross-site scripting", "oauth.page-escapes"),
        "WFC-F302": _wfc("SECURITY_SSRF", "Server side request forgery", "", "no operation takes a URL that the server would fetch"),
        "WFC-F303": _wfc("SECURITY_MASS_ASSIGNMENT", "Mass assignment", "items.server-fields-refused http.closed-bodies"),
        "WFC-F304": _wfc("SECURITY_EXISTENCE_LEAKAGE", "The existence of a protected resource is told", "isolation.same-as-missing isolation.by-id permissions.before-existence"),
        "WFC-F305": _wfc("SECURITY_NOT_RECOGNIZED_AUTHENTICATED", "A known caller is told to be unknown", "permissions.matrix permissions.challenge"),
        "WFC-F306": _wfc("SECURITY_INCONSISTENT_WRITE_AUTHORIZATION", "Something protected can be changed", "isolation.* permissions.matrix bulk.permissions"),
        "WFC-F307": _wfc("SECURITY_IGNORE_ANONYMOUS", "Something protected can be had without a token", "tokens.required-everywhere caches.signed-out conformance.auth-not-ignored"),
        "WFC-F308": _wfc("SECURITY_ANONYMOUS_MODIFICATIONS", "Changes without a token", "tokens.required-everywhere tokens.refused-writes-inert"),
        "WFC-F309": _wfc("SECURITY_LEAKED_STACK_TRACES", "A stack trace in an answer", "shape.secrets"),
        "WFC-F310": _wfc("SECURITY_HIDDEN_ACCESSIBLE_ENDPOINT", "A hidden path answers", "http.no-hidden-paths http.unknown-routes fuzz.paths"),
        "WFC-F311": _wfc("SECURITY_DECLARED_AUTH_NOT_ENFORCED", "Declared authentication is not enforced", "conformance.auth-not-ignored tokens.required-everywhere tokens.forged"),
        "WFC-F312": _wfc("SECURITY_CALL_TIMEOUT", "A call without an answer in time", "smoke.in-time"),
    }
)  # fmt: skip


@lru_cache(maxsize=1024)
def labels(check: str) -> tuple[str, ...]:
    """The categories that a check belongs to: those of OWASP, then those of Web Fuzzing Commons."""
    return tuple(name for name, category in CATEGORIES.items() if category.covers(check))

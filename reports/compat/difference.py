"""One difference between two documents, and the closed table of difference rules with their severities.

A rule has one severity, whichever module finds the difference. `unknown` is for what cannot be decided from the
documents; it is never a pass.

>>> RULES["request.enum-narrowed"].value, RULES["response.enum-narrowed"].value
('breaking', 'harmless')
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Severity(StrEnum):
    BREAKING = "breaking"
    UNKNOWN = "unknown"
    HARMLESS = "harmless"


B, U, H = Severity.BREAKING, Severity.UNKNOWN, Severity.HARMLESS

Side = Literal["old", "new"]

# Per rule: the new schema's relation to the old one, the severity in a request, the severity in a response.
SCHEMA_RULES: Mapping[str, tuple[str, Severity, Severity]] = {
    "type-narrowed": ("narrower", B, H),
    "type-widened": ("wider", H, B),
    "type-changed": ("narrower, wider", B, B),
    "enum-narrowed": ("narrower", B, H),
    "enum-widened": ("wider", H, B),
    # No client of the guide allocates by a bound, so a response beyond the old bound breaks none.
    "range-narrowed": ("narrower", B, H),
    "range-widened": ("wider", H, H),
    # But all of them read the first element of lists that were promised to hold one.
    "may-be-empty": ("wider", H, B),
    "format-narrowed": ("narrower", B, H),
    "format-widened": ("wider", H, B),
    "format-changed": ("narrower, wider", B, B),
    "pattern-narrowed": ("narrower", B, H),
    "pattern-widened": ("wider", H, B),
    "pattern-changed": ("perhaps narrower, perhaps wider", U, U),
    "repeats-refused": ("narrower", B, H),
    "repeats-allowed": ("wider", H, B),
    "not-narrowed": ("narrower", B, H),
    "not-widened": ("wider", H, B),
    "condition-narrowed": ("narrower", B, H),
    "condition-widened": ("wider", H, B),
    "closed": ("narrower", B, H),
    "opened": ("wider", H, H),
    # Clients send documented members only, and ignore undocumented ones.
    "property-added": ("", H, H),
    "property-removed": ("", B, B),
    "optional-removed": ("", B, H),
    "required-added": ("narrower", B, H),
    "required-dropped": ("wider", H, B),
    "dependency-added": ("narrower", B, H),
    "dependency-dropped": ("wider", H, B),
    "variant-added": ("wider", H, B),
    "variant-removed": ("narrower", B, H),
    # A request that fits two variants of a `oneOf` is refused; a response that fits two is readable by either.
    "variants-overlap": ("perhaps narrower, perhaps wider", U, H),
    "discriminator-changed": ("", B, B),
    "mapping-added": ("", H, B),
    "mapping-removed": ("", B, H),
    "default-changed": ("", B, H),
    "keyword-changed": ("perhaps narrower, perhaps wider", U, U),
}
"""`optional-removed` exists for responses only and `default-changed` for requests only; see `schema_diff.py`."""

_REST: Mapping[str, Severity] = {
    "operation.removed": B,
    "operation.moved": B,
    "operation.not-compared": U,
    "operation.added": H,
    "operation.renamed": H,
    "operation.deprecated": H,
    "server.removed": B,
    "server.added": H,
    # The latency objective is a promise like any other: clients choose their timeouts by it.
    "objective.loosened": B,
    "objective.tightened": H,
    "cache.changed": H,
    "permission.changed": B,
    "permission.dropped": H,
    "security.narrowed": B,
    "security.loosened": H,
    "security.scheme-changed": B,
    "security.scope-removed": B,
    "security.scope-added": H,
    "callback.removed": B,
    "callback.added": H,
    "callback.changed": U,
    "webhook.removed": B,
    "webhook.added": H,
    "webhook.changed": U,
    "parameter.removed": B,
    "parameter.added": H,
    "parameter.required-added": B,
    "parameter.required": B,
    "parameter.optional": H,
    "parameter.style-changed": B,
    "body.removed": B,
    "body.added": H,
    "body.required-added": B,
    "body.required": B,
    "body.optional": H,
    "body.media-removed": B,
    "body.media-added": H,
    "body.limit-lowered": B,
    "body.limit-raised": H,
    "body.encoding-changed": U,
    "answer.status-changed": B,
    "answer.success-added": B,
    "answer.error-added": H,
    "answer.removed": H,
    "answer.success-removed": B,
    "answer.body-removed": B,
    "answer.body-added": H,
    "answer.media-changed": B,
    "answer.media-removed": B,
    "answer.media-added": U,
    "answer.header-removed": B,
    "answer.header-optional": B,
    "answer.header-required": H,
    "answer.header-dropped": H,
    "answer.header-style-changed": B,
    "answer.header-added": H,
}

# Rules that break no client and still need a reader: the gate shows them as a remark.
REMARKED = frozenset({"security.loosened", "permission.dropped"})

_ONE_SIDED = frozenset({"request.optional-removed", "request.may-be-empty", "response.default-changed"})

RULES: Mapping[str, Severity] = MappingProxyType(
    {
        **_REST,
        **{
            f"{direction}.{stem}": severity
            for stem, (_, *both) in SCHEMA_RULES.items()
            for direction, severity in zip(("request", "response"), both, strict=True)
            if f"{direction}.{stem}" not in _ONE_SIDED
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference between two documents. `pointer` is a JSON pointer into the document that `side` names: the old one if
    something was removed."""

    rule: str
    operation: str
    """operationId in the old document, or in the new one if the operation was added; empty for the whole document."""
    pointer: str
    side: Side
    text: str
    """One sentence."""

    @property
    def severity(self) -> Severity:
        return RULES[self.rule]


def in_old(rule: str, operation: str, pointer: str, text: str) -> Difference:
    """A difference that points into the old document, because the new one no longer has the place."""
    return Difference(rule=rule, operation=operation, pointer=pointer, side="old", text=text)


def in_new(rule: str, operation: str, pointer: str, text: str) -> Difference:
    return Difference(rule=rule, operation=operation, pointer=pointer, side="new", text=text)

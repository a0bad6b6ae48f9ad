"""One difference between two documents, and the closed table of what a difference can be.

The table is the law: a rule has one severity, whoever finds it. `unknown` is for what cannot be decided from the
documents; it is never a pass.

>>> RULES["request.enum-narrowed"].value, RULES["response.enum-narrowed"].value
('breaking', 'harmless')
"""

from __future__ import annotations

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

# By rule of the schema: severity in a request, severity in an answer.
_SCHEMAS: Mapping[str, tuple[Severity, Severity]] = {
    "type-narrowed": (B, H),
    "type-widened": (H, B),
    "type-changed": (B, B),
    "enum-narrowed": (B, H),
    "enum-widened": (H, B),
    # No client of the guide sizes anything by a bound, so an answer beyond the old one is not felt.
    "range-narrowed": (B, H),
    "range-widened": (H, H),
    # But all of them index into lists that were promised to hold something.
    "may-be-empty": (H, B),
    "format-narrowed": (B, H),
    "format-widened": (H, B),
    "format-changed": (B, B),
    "pattern-narrowed": (B, H),
    "pattern-widened": (H, B),
    "pattern-changed": (U, U),
    "repeats-refused": (B, H),
    "repeats-allowed": (H, B),
    "not-narrowed": (B, H),
    "not-widened": (H, B),
    "closed": (B, H),
    "opened": (H, H),
    "property-added": (H, H),
    "property-removed": (B, B),
    "optional-removed": (B, H),
    "required-added": (B, H),
    "required-dropped": (H, B),
    "dependency-added": (B, H),
    "dependency-dropped": (H, B),
    "variant-added": (H, B),
    "variant-removed": (B, H),
    "default-changed": (B, H),
    "keyword-changed": (U, U),
}
"""`optional-removed` is of answers only and `default-changed` of requests only; see `schema.py`."""

_REST: Mapping[str, Severity] = {
    "operation.removed": B,
    "operation.moved": B,
    "operation.added": H,
    "operation.renamed": H,
    "operation.deprecated": H,
    "server.removed": B,
    "server.added": H,
    "objective.loosened": H,
    "objective.tightened": H,
    "cache.changed": H,
    "permission.changed": B,
    "permission.dropped": H,
    "security.narrowed": B,
    "security.loosened": H,
    "security.scheme-changed": B,
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
    "answer.status-changed": B,
    "answer.success-added": B,
    "answer.error-added": H,
    "answer.removed": H,
    "answer.body-removed": B,
    "answer.body-added": H,
    "answer.media-changed": B,
    "answer.media-removed": B,
    "answer.media-added": U,
    "answer.header-removed": B,
    "answer.header-optional": B,
    "answer.header-required": H,
    "answer.header-dropped": H,
    "answer.header-added": H,
}

# Rules that need no client to be harmed and yet want a reader: the gate shows them as a remark.
REMARKED = frozenset({"objective.loosened", "security.loosened", "permission.dropped"})

_ONE_SIDED = frozenset({"request.optional-removed", "request.may-be-empty", "response.default-changed"})

RULES: Mapping[str, Severity] = MappingProxyType(
    {
        **_REST,
        **{
            f"{direction}.{stem}": severity
            for stem, both in _SCHEMAS.items()
            for direction, severity in zip(("request", "response"), both, strict=True)
            if f"{direction}.{stem}" not in _ONE_SIDED
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`pointer` is a JSON pointer into the document named by `side`: the old one where something is gone."""

    rule: str
    operation: str
    """operationId in the old document, in the new one for what is added; empty for the whole document."""
    pointer: str
    side: Side
    text: str
    """One sentence."""

    @property
    def severity(self) -> Severity:
        return RULES[self.rule]

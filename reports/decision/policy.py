"""The release policy: the effect of each grade on a release, and the accepted failures.

It comes from a YAML file (`schemas/policy.schema.json`) or is built in: FAIL and UNKNOWN block, ADVISORY warns. A policy can turn
FAIL and UNKNOWN into warnings, but cannot hide them.

    >>> parse("format: 1\\neffects: {UNKNOWN: warn}").effect(VerdictFacts(check="coverage.status"), Grade.UNKNOWN).value
    'warn'
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema

from contracts.harm import blocks, sources
from contracts.spec import SpecError
from contracts.spec.source import document_text
from contracts.verdict import Grade
from reports.decision.verdict_facts import VerdictFacts, steady

SCHEMA = Path(__file__).parent.parent / "schemas" / "policy.schema.json"


class PolicyEffect(StrEnum):
    BLOCK = "block"
    WARN = "warn"
    IGNORE = "ignore"


class PolicyError(ValueError):
    """The file is not a policy; the message is one line with the file and the place."""


DEFAULTS: Mapping[Grade, PolicyEffect] = MappingProxyType(
    {
        Grade.PASS: PolicyEffect.IGNORE,
        Grade.ADVISORY: PolicyEffect.WARN,
        Grade.UNKNOWN: PolicyEffect.BLOCK,
        Grade.FAIL: PolicyEffect.BLOCK,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """One rule of a policy; all its conditions must hold. `source` matches if any source of the check matches."""

    check: str = "*"
    operation: str = "*"
    source: str = ""
    harm: str = ""
    effects: Mapping[Grade, PolicyEffect]

    def fits(self, facts: VerdictFacts) -> bool:
        return (
            fnmatchcase(facts.check, self.check)
            and fnmatchcase(facts.operation, self.operation)
            and (not self.source or any(fnmatchcase(part, self.source) for part in sources(facts.source)))
            and (not self.harm or facts.harm == self.harm)
        )

    @property
    def words(self) -> str:
        named = {"check": self.check, "operation": self.operation, "source": self.source, "harm": self.harm}
        return ", ".join(f"{name}: {value}" for name, value in named.items() if value not in ("", "*"))


AT_RANDOM = ("conformance.", "fuzz.", "stateful.")
"""The beginnings of the ids of checks that draw their requests at random."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One accepted failure of a policy. `expires` is the last day (UTC) on which it holds. An empty `failed` accepts any failure of
    the checks."""

    checks: tuple[str, ...]
    operations: tuple[str, ...] = ("*",)
    owner: str
    reason: str
    expires: date
    failed: tuple[str, ...] = ()

    @property
    def check(self) -> str:
        """The accepted checks in words."""
        more = f" and {len(self.checks) - 1} more" if len(self.checks) > 1 else ""
        return f"{self.checks[0]}{more}"

    def covers(self, facts: VerdictFacts) -> bool:
        """Whether the entry accepts this failure. Which random check meets an accepted failure, too, is chance; that is one of the
        operation in its signature."""
        if facts.signature in self.failed and not facts.unknown and facts.check.startswith(AT_RANDOM):
            return True
        return (
            any(fnmatchcase(facts.check, pattern) for pattern in self.checks)
            and any(fnmatchcase(facts.operation, pattern) for pattern in self.operations)
            and (not self.failed or facts.signature in self.failed)
        )

    def holds(self, today: date) -> bool:
        return today <= self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePolicy:
    """A release policy."""

    effects: Mapping[Grade, PolicyEffect] = field(default_factory=lambda: DEFAULTS)
    rules: tuple[PolicyRule, ...] = ()
    accepted: tuple[Acceptance, ...] = ()
    level: str = "full"
    """Which failed checks block (contracts.harm.LEVELS)."""
    name: str = "built in"

    def effect(self, facts: VerdictFacts, grade: Grade) -> PolicyEffect:
        for rule in self.rules:
            if grade in rule.effects and rule.fits(facts):
                return rule.effects[grade]
        effect = self.effects[grade]
        if effect is PolicyEffect.BLOCK and grade is Grade.FAIL and facts.harm is not None:
            return effect if blocks(self.level, facts.source, facts.harm) else PolicyEffect.WARN
        return effect

    def acceptance(self, facts: VerdictFacts) -> Acceptance | None:
        """The first entry that covers a verdict, expired or not."""
        return next((entry for entry in self.accepted if entry.covers(facts)), None)


def read(path: Path) -> ReleasePolicy:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "it is not UTF-8"
        raise PolicyError(f"cannot read the policy {path}: {problem}") from None
    return parse(text, name=str(path))


def parse(text: str, *, name: str = "the policy") -> ReleasePolicy:
    try:
        raw: Any = document_text.read(text.encode(), name=name)
    except SpecError as error:
        raise PolicyError(str(error)) from None
    wrong = jsonschema.exceptions.best_match(_validator().iter_errors(raw))
    if wrong is not None:
        where = "/".join(map(str, wrong.absolute_path)) or "/"
        raise PolicyError(f"{name}: {where}: {wrong.message}")
    return ReleasePolicy(
        effects=MappingProxyType({**DEFAULTS, **_effects(raw.get("effects", {}))}),
        rules=tuple(_rule(rule) for rule in raw.get("rules", ())),
        accepted=tuple(
            _acceptance(entry, f"{name}: accepted/{number}")
            for number, entry in enumerate(raw.get("accepted", ()))
        ),
        level=raw.get("level", "full"),
        name=name,
    )


def _rule(raw: Mapping[str, Any]) -> PolicyRule:
    named = {key: raw[key] for key in ("check", "operation", "source", "harm") if key in raw}
    return PolicyRule(**named, effects=_effects(raw["effects"]))


def _acceptance(raw: Mapping[str, Any], where: str) -> Acceptance:
    try:
        expires = date.fromisoformat(raw["expires"])
    except ValueError:
        raise PolicyError(f"{where}/expires: {raw['expires']} is no day of the calendar") from None
    return Acceptance(
        checks=_listed(raw["check"]),
        operations=_listed(raw.get("operation", "*")),
        owner=raw["owner"],
        reason=raw["reason"],
        expires=expires,
        failed=tuple(map(steady, raw.get("failed", ()))),
    )


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _effects(raw: Mapping[str, str]) -> dict[Grade, PolicyEffect]:
    return {Grade[grade]: PolicyEffect(effect) for grade, effect in raw.items()}


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

"""The release policy: what each grade does to a release, and which failures somebody has accepted.

Read from a YAML file (`schemas/policy.schema.json` describes it) or built in: FAIL and UNKNOWN block, ADVISORY warns.
No policy can make a FAIL or an UNKNOWN silent; the least that it can do to them is a warning.

    >>> parse("format: 1\\neffects: {UNKNOWN: warn}").effect("coverage.status", "login", Grade.UNKNOWN).value
    'warn'
"""

from __future__ import annotations

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
import yaml

from contracts.verdict import Grade

SCHEMA = Path(__file__).parent.parent / "schemas" / "policy.schema.json"


class PolicyEffect(StrEnum):
    BLOCK = "block"
    WARN = "warn"
    IGNORE = "ignore"


class PolicyError(ValueError):
    """The file is not a policy: one line that names the file and the place."""


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
    check: str
    operation: str
    effects: Mapping[Grade, PolicyEffect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """`expires` is the last day, UTC, on which it holds."""

    check: str
    operation: str
    owner: str
    reason: str
    expires: date

    def covers(self, check: str, subject: str) -> bool:
        return fnmatchcase(check, self.check) and fnmatchcase(subject, self.operation)

    def holds(self, today: date) -> bool:
        return today <= self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePolicy:
    effects: Mapping[Grade, PolicyEffect] = field(default_factory=lambda: DEFAULTS)
    rules: tuple[PolicyRule, ...] = ()
    accepted: tuple[Acceptance, ...] = ()
    name: str = "built in"

    def effect(self, check: str, subject: str, grade: Grade) -> PolicyEffect:
        for rule in self.rules:
            named = fnmatchcase(check, rule.check) and fnmatchcase(subject, rule.operation)
            if named and grade in rule.effects:
                return rule.effects[grade]
        return self.effects[grade]

    def acceptance(self, check: str, subject: str) -> Acceptance | None:
        """The first entry that covers it, expired or not; the caller knows the day."""
        return next((entry for entry in self.accepted if entry.covers(check, subject)), None)


def read(path: Path) -> ReleasePolicy:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "it is not UTF-8"
        raise PolicyError(f"cannot read the policy {path}: {told}") from None
    return parse(text, name=str(path))


def parse(text: str, *, name: str = "the policy") -> ReleasePolicy:
    try:
        # BaseLoader keeps every scalar a string, so that `2026-12-31` and `on` stay what was typed.
        raw: Any = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise PolicyError(f"{name} is not YAML: {' '.join(str(error).split())}") from None
    if isinstance(raw, dict) and raw.get("format") == "1":
        raw["format"] = 1
    wrong = jsonschema.exceptions.best_match(_validator().iter_errors(raw))
    if wrong is not None:
        where = "/".join(map(str, wrong.absolute_path)) or "/"
        raise PolicyError(f"{name}: {where}: {wrong.message}")
    return ReleasePolicy(
        effects=MappingProxyType({**DEFAULTS, **_effects(raw.get("effects", {}))}),
        rules=tuple(
            PolicyRule(
                check=rule["check"], operation=rule.get("operation", "*"), effects=_effects(rule["effects"])
            )
            for rule in raw.get("rules", ())
        ),
        accepted=tuple(_acceptance(entry, f"{name}: accepted/{i}") for i, entry in _accepted(raw)),
        name=name,
    )


def _accepted(raw: Any) -> enumerate[Any]:
    return enumerate(raw.get("accepted", ()))


def _acceptance(raw: Mapping[str, str], where: str) -> Acceptance:
    try:
        expires = date.fromisoformat(raw["expires"])
    except ValueError:
        raise PolicyError(f"{where}/expires: {raw['expires']} is no day of the calendar") from None
    return Acceptance(
        check=raw["check"],
        operation=raw.get("operation", "*"),
        owner=raw["owner"],
        reason=raw["reason"],
        expires=expires,
    )


def _effects(raw: Mapping[str, str]) -> dict[Grade, PolicyEffect]:
    return {Grade[grade]: PolicyEffect(effect) for grade, effect in raw.items()}


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

"""Compares what surrounds the messages of an operation: servers, security, permission, objective, cache tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.spec import Objective, Operation
from reports.compat.difference import Difference, Side
from reports.compat.operation.document_version import DocumentVersion


def document(was: DocumentVersion, now: DocumentVersion) -> Iterator[Difference]:
    """What belongs to no single operation."""
    for prefix in was.spec.prefixes:
        if prefix not in now.spec.prefixes:
            told = f"nothing is served under {prefix or '/'} any more"
            yield Difference(rule="server.removed", operation="", pointer="/servers", side="old", text=told)
    for prefix in now.spec.prefixes:
        if prefix not in was.spec.prefixes:
            told = f"everything is served under {prefix or '/'} too"
            yield Difference(rule="server.added", operation="", pointer="/servers", side="new", text=told)
    old, new = _schemes(was), _schemes(now)
    for name in sorted(old.keys() & new.keys()):
        if _credential(old[name]) != _credential(new[name]):
            place = f"/components/securitySchemes/{name}"
            told = f"the credential {name} is sent in another way"
            yield Difference(
                rule="security.scheme-changed", operation="", pointer=place, side="new", text=told
            )


def _schemes(version: DocumentVersion) -> dict[str, Any]:
    found: dict[str, Any] = version.spec.document.get("components", {}).get("securitySchemes", {})
    return found


def _credential(scheme: dict[str, Any]) -> tuple[object, ...]:
    """What a client does with it: where it goes and under which name."""
    return scheme.get("type"), str(scheme.get("scheme", "")).lower(), scheme.get("in"), scheme.get("name")


def operation(
    was: DocumentVersion, now: DocumentVersion, old: Operation, new: Operation
) -> Iterator[Difference]:
    def change(rule: str, key: str, told: str, *, gone: bool = False) -> Difference:
        place = f"{was.place(old) if gone else now.place(new)}/{key}"
        return Difference(
            rule=rule, operation=old.id, pointer=place, side="old" if gone else "new", text=told
        )

    if old.permission != new.permission:
        if new.permission is None:
            told = f"the permission {old.permission} is not needed any more"
            yield change("permission.dropped", "x-permission", told, gone=True)
        else:
            told = f"the permission {new.permission} is needed and was {old.permission or 'none'}; without it the answer is 403"
            yield change("permission.changed", "x-permission", told)
    for rule, told in _security(_asked(was, old), _asked(now, new)):
        here = _asking(now, new)
        side: Side = "new" if here else "old"
        yield Difference(rule=rule, operation=old.id, pointer=here or _asking(was, old), side=side, text=told)
    for rule, told in _objective(old.objective, new.objective):
        yield change(rule, "x-slo", told)
    if old.cache != new.cache:
        yield change("cache.changed", "x-cache-tags", "the client cache is told other tags or another time")


def _asked(version: DocumentVersion, one: Operation) -> list[frozenset[str]]:
    """The ways to be let in, each a set of credentials that are all needed."""
    asked = version.raw(one).get("security", version.spec.document.get("security", []))
    return [frozenset(way) for way in asked] or [frozenset()]


def _asking(version: DocumentVersion, one: Operation) -> str:
    """Where it stands: at the operation, or once for all; empty where nothing is asked."""
    if "security" in version.raw(one):
        return f"{version.place(one)}/security"
    return "/security" if "security" in version.spec.document else ""


def _security(old: list[frozenset[str]], new: list[frozenset[str]]) -> Iterator[tuple[str, str]]:
    shut = [way for way in old if not any(other <= way for other in new)]
    if shut:
        told = " or ".join(_way(way) for way in shut)
        yield "security.narrowed", f"{told} was enough and is not; {' or '.join(map(_way, new))} is needed"
    elif any(not any(way <= other for way in old) for other in new):
        yield "security.loosened", f"{' or '.join(map(_way, new))} is enough now"


def _way(way: frozenset[str]) -> str:
    return " with ".join(sorted(way)) or "no credential"


def _objective(old: Objective, new: Objective) -> Iterator[tuple[str, str]]:
    numbers = (
        ("thresholdMs", old.threshold_ms, new.threshold_ms, new.threshold_ms > old.threshold_ms),
        ("share", old.share, new.share, new.share < old.share),
        ("errorShare", old.error_share, new.error_share, new.error_share > old.error_share),
    )
    for name, was, now, looser in numbers:
        if was != now:
            yield f"objective.{'loosened' if looser else 'tightened'}", f"{name} is {now:g} and was {was:g}"

"""The operations of two documents side by side, found again by what a client calls: method and path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.spec import Operation, Spec
from reports.compat import access, answer, request
from reports.compat.change import Change
from reports.compat.place import places
from reports.compat.version import Version

Key = tuple[str, str]


def compare(old: Spec, new: Spec) -> tuple[Change, ...]:
    """All differences, worst first, then in the order of the document; each is there once for each operation."""
    was, now = (Version(spec, places(spec.document)) for spec in (old, new))
    found = dict.fromkeys([*access.document(was, now), *_operations(was, now)])
    order = ["breaking", "unknown", "harmless"]
    return tuple(sorted(found, key=lambda change: order.index(change.severity)))


def called(operation: Operation) -> Key:
    """What a client calls; the names in a path template are not on the wire."""
    return operation.method, re.sub(r"\{\w+\}", "{}", operation.path)


def _operations(was: Version, now: Version) -> Iterator[Change]:
    here = {called(operation): operation for operation in now.spec}
    before = {called(operation) for operation in was.spec}
    moved: set[str] = set()
    for old in was.spec:
        new = here.get(called(old))
        if new is None:
            yield _gone(was, now, old, before)
            moved.add(old.id)
            continue
        yield from _same(was, now, old, new)
    for new in now.spec:
        if called(new) not in before and new.id not in moved:
            told = f"{new.label} is new"
            yield Change(
                rule="operation.added", operation=new.id, pointer=now.place(new), side="new", text=told
            )


def _gone(was: Version, now: Version, old: Operation, before: set[Key]) -> Change:
    new = now.spec.operations.get(old.id)
    if new is not None and called(new) not in before:
        told = f"{old.label} is {new.label} now; who calls the old one gets 404 or 405"
        return Change(rule="operation.moved", operation=old.id, pointer=now.place(new), side="new", text=told)
    told = f"{old.label} is not there any more"
    return Change(rule="operation.removed", operation=old.id, pointer=was.place(old), side="old", text=told)


def _same(was: Version, now: Version, old: Operation, new: Operation) -> Iterator[Change]:
    if old.id != new.id:
        told = (
            f"operationId is {new.id} and was {old.id}; no client sends it, but generated code is named by it"
        )
        place = f"{now.place(new)}/operationId"
        yield Change(rule="operation.renamed", operation=old.id, pointer=place, side="new", text=told)
    if now.raw(new).get("deprecated") and not was.raw(old).get("deprecated"):
        place = f"{now.place(new)}/deprecated"
        told = f"{new.label} is deprecated now"
        yield Change(rule="operation.deprecated", operation=old.id, pointer=place, side="new", text=told)
    yield from access.operation(was, now, old, new)
    yield from request.parameters(was, now, old, new)
    yield from request.body(was, now, old, new)
    yield from answer.answers(was, now, old, new)

"""The operations of two documents side by side, found again by what a client calls: method and path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.spec import Operation, Spec
from reports.compat.difference import Difference
from reports.compat.operation import access_diff, request_diff, response_diff
from reports.compat.operation.document_version import DocumentVersion
from reports.compat.pointers import places

Key = tuple[str, str]


def compare(old: Spec, new: Spec) -> tuple[Difference, ...]:
    """All differences, worst first, then in the order of the document; each is there once for each operation."""
    was, now = (DocumentVersion(spec, places(spec.document)) for spec in (old, new))
    found = dict.fromkeys([*access_diff.document(was, now), *_operations(was, now)])
    order = ["breaking", "unknown", "harmless"]
    return tuple(sorted(found, key=lambda change: order.index(change.severity)))


def called(operation: Operation) -> Key:
    """What a client calls; the names in a path template are not on the wire."""
    return operation.method, re.sub(r"\{\w+\}", "{}", operation.path)


def _operations(was: DocumentVersion, now: DocumentVersion) -> Iterator[Difference]:
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
            yield Difference(
                rule="operation.added", operation=new.id, pointer=now.place(new), side="new", text=told
            )


def _gone(was: DocumentVersion, now: DocumentVersion, old: Operation, before: set[Key]) -> Difference:
    new = now.spec.operations.get(old.id)
    if new is not None and called(new) not in before:
        told = f"{old.label} is {new.label} now; who calls the old one gets 404 or 405"
        return Difference(
            rule="operation.moved", operation=old.id, pointer=now.place(new), side="new", text=told
        )
    told = f"{old.label} is not there any more"
    return Difference(
        rule="operation.removed", operation=old.id, pointer=was.place(old), side="old", text=told
    )


def _same(was: DocumentVersion, now: DocumentVersion, old: Operation, new: Operation) -> Iterator[Difference]:
    if old.id != new.id:
        told = (
            f"operationId is {new.id} and was {old.id}; no client sends it, but generated code is named by it"
        )
        place = f"{now.place(new)}/operationId"
        yield Difference(rule="operation.renamed", operation=old.id, pointer=place, side="new", text=told)
    if now.raw(new).get("deprecated") and not was.raw(old).get("deprecated"):
        place = f"{now.place(new)}/deprecated"
        told = f"{new.label} is deprecated now"
        yield Difference(rule="operation.deprecated", operation=old.id, pointer=place, side="new", text=told)
    yield from access_diff.operation(was, now, old, new)
    yield from request_diff.parameters(was, now, old, new)
    yield from request_diff.body(was, now, old, new)
    yield from response_diff.answers(was, now, old, new)

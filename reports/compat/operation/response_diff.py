"""Compares what a client gets: statuses, media types, headers and bodies. It may get nothing that it was not told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.spec import DocumentedResponse, Operation
from reports.compat.difference import Difference, Side
from reports.compat.operation.document_version import DocumentVersion
from reports.compat.pointers import escaped
from reports.compat.schema.schema_diff import SchemaDiff


def answers(
    was: DocumentVersion, now: DocumentVersion, old: Operation, new: Operation
) -> Iterator[Difference]:
    yield from _statuses(was, now, old, new)
    for status in old.answers.keys() & new.answers.keys():
        both = _ResponsePair(was=was, now=now, old=old, new=new, status=status)
        yield from both.media_types()
        yield from both.headers()


def _statuses(
    was: DocumentVersion, now: DocumentVersion, old: Operation, new: Operation
) -> Iterator[Difference]:
    def change(rule: str, status: int, told: str, side: Side) -> Difference:
        place = f"{was.place(old) if side == 'old' else now.place(new)}/responses/{status}"
        return Difference(rule=rule, operation=old.id, pointer=place, side=side, text=told)

    gone = [status for status in old.answers if status not in new.answers]
    fresh = [status for status in new.answers if status not in old.answers]
    lost = [status for status in gone if status < 400]
    for status in fresh:
        if status >= 400:
            yield change("answer.error-added", status, f"{status} is a new error", "new")
        elif lost:
            yield change("answer.status-changed", status, f"success is {status} now and was {lost[0]}", "new")
        else:
            yield change("answer.success-added", status, f"success may be {status} now", "new")
    replaced = lost and any(status < 400 for status in fresh)
    for status in gone:
        if status >= 400 or not replaced:
            yield change("answer.removed", status, f"{status} does not come any more", "old")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ResponsePair:
    """One status that both documents have."""

    was: DocumentVersion
    now: DocumentVersion
    old: Operation
    new: Operation
    status: int

    @property
    def pair(self) -> tuple[DocumentedResponse, DocumentedResponse]:
        return self.old.answers[self.status], self.new.answers[self.status]

    def change(self, rule: str, told: str, side: Side, *, key: str = "", pointer: str = "") -> Difference:
        owner = self.was.place(self.old) if side == "old" else self.now.place(self.new)
        place = pointer or f"{owner}/responses/{self.status}{key}"
        return Difference(rule=f"answer.{rule}", operation=self.old.id, pointer=place, side=side, text=told)

    def media_types(self) -> Iterator[Difference]:
        old, new = (answer.media_types for answer in self.pair)
        gone, fresh = [m for m in old if m not in new], [m for m in new if m not in old]
        if old and not new:
            yield self.change("body-removed", f"{self.status} has no body any more", "old", key="/content")
        elif new and not old:
            yield self.change("body-added", f"{self.status} has a body now", "new", key="/content")
        elif gone and len(gone) == len(old):
            told = f"{self.status} comes as {' or '.join(fresh)} and came as {' or '.join(gone)}"
            yield self.change("media-changed", told, "new", key="/content")
        else:
            for media in gone:
                told = f"{self.status} does not come as {media} any more"
                yield self.change("media-removed", told, "old", key=f"/content/{escaped(media)}")
            for media in fresh:
                told = f"{self.status} may come as {media} too; whether it does is up to the server"
                yield self.change("media-added", told, "new", key=f"/content/{escaped(media)}")
        walk = SchemaDiff(operation=self.old.id, direction="response")
        for media in old:
            if media in new:
                yield from walk.compare(self.was.shape(old[media]), self.now.shape(new[media]))

    def headers(self) -> Iterator[Difference]:
        old, new = ({header.name.lower(): header for header in answer.headers} for answer in self.pair)
        walk = SchemaDiff(operation=self.old.id, direction="response")
        for name, header in old.items():
            kept = new.get(name)
            place = self.was.pointer(header.schema).removesuffix("/schema")
            if kept is None:
                rule = "header-removed" if header.required else "header-dropped"
                told = f"{header.name} does not come with {self.status} any more"
                yield self.change(rule, told, "old", pointer=place)
                continue
            here = self.now.pointer(kept.schema).removesuffix("/schema")
            if header.required and not kept.required:
                yield self.change("header-optional", f"{header.name} may be missing now", "new", pointer=here)
            elif kept.required and not header.required:
                yield self.change(
                    "header-required", f"{header.name} is always there now", "new", pointer=here
                )
            yield from walk.compare(self.was.shape(header.schema), self.now.shape(kept.schema))
        for name, header in new.items():
            if name not in old:
                told = f"{header.name} comes with {self.status} now"
                place = self.now.pointer(header.schema).removesuffix("/schema")
                yield self.change("header-added", told, "new", pointer=place)

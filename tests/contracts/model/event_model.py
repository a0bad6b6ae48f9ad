"""The realtime events that changes owe: one `content_updated` for each new version, in the order of the commits.

A `Feed` is one open socket. Each change adds to what is owed; each event received must be the next one owed, member by
member. What is left when the socket has had time enough was lost.

    >>> Feed().receive({"contentId": "c-1"}, Workspace())[1]
    (Disagreement(place='event', expected='no event: none is owed', got='{"contentId": "c-1"}'),)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.model.messages import Disagreement
from contracts.model.unknown import MismatchError, shown, unify
from contracts.model.workspace import Version, Workspace, bind


def owed(before: Workspace, after: Workspace) -> tuple[Mapping[str, Any], ...]:
    """The `data` of the events of all versions that `after` has and `before` has not, in the order of their stamps."""
    new: list[Version] = []
    for index, item in enumerate(after.items):
        had = before.items[index].now.number if index < len(before.items) else 0
        new += [version for version in item.versions if version.number > had]
    new.sort(key=lambda version: version.snapshot["updatedAt"].key)
    return tuple(
        {
            "contentId": version.snapshot["id"],
            "title": version.snapshot["title"],
            "showNotification": version.notify,
            "version": version.number,
            "action": version.change,
            "updatedAt": version.snapshot["updatedAt"],
            "updatedBy": version.snapshot["updatedBy"],
        }
        for version in new
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """One event; `sure` False where a `sync_required` stands in for it, so that it may come or not."""

    data: Mapping[str, Any]
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Feed:
    """What one socket with `content:read` is still owed."""

    left: tuple[Owed, ...] = ()

    def changed(self, before: Workspace, after: Workspace) -> Feed:
        return replace(self, left=(*self.left, *map(Owed, owed(before, after))))

    def receive(
        self, data: Mapping[str, Any], space: Workspace
    ) -> tuple[Feed, tuple[Disagreement, ...], Workspace]:
        """The feed and the world after one `content_updated`; the world may have learnt an id or a stamp from it."""
        complaint = Disagreement("event", "no event: none is owed", shown(dict(data)))
        for place, event in enumerate(self.left):
            try:
                bound = bind(space, unify(event.data, dict(data), space.known))
            except MismatchError as mismatch:
                bound = Disagreement(f"event{mismatch.place}", mismatch.expected, mismatch.got)
            if isinstance(bound, Workspace):
                return replace(self, left=self.left[place + 1 :]), (), bound
            complaint = bound
            if event.sure:
                break
        return self, (complaint,), space

    def sync_required(self, stamp: str, space: Workspace) -> Feed:
        """What is later than the stamp may be missing from now on; what is not must have come before."""

        def covered(event: Owed) -> bool:
            text = space.text(event.data["updatedAt"])
            return not isinstance(text, str) or text > stamp

        return replace(self, left=tuple(replace(e, sure=e.sure and not covered(e)) for e in self.left))

    @property
    def missing(self) -> tuple[Mapping[str, Any], ...]:
        """What must still come."""
        return tuple(event.data for event in self.left if event.sure)

"""Faults of sync windows: changes are lost, repeated or wrong."""

from functools import partial
from typing import Any

import msgspec

from mock_server import stamps
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, given, returns
from mock_server.store import item as items
from mock_server.store.sync import ChangedSince, SyncStore
from mock_server.store.workspaces import Stamps

_fault = partial(entry.wrapped, "meaning")
_SYNC = "syncContent"


def _window(**make: Any) -> Any:
    """A wrapper that sets fields of the window, each from that window, the workspace and its start stamp."""

    def by(step: WrappedStep, workspace: str, since: int, **named: Any) -> ChangedSince:
        window: ChangedSince = step(workspace, since, **named)
        return msgspec.structs.replace(window, **{name: one(window, since) for name, one in make.items()})

    return by


def _second_up(window: ChangedSince, since: int) -> int:
    return -(-window.until // 1_000_000) * 1_000_000


def _created_after(window: ChangedSince, since: int) -> list[bytes]:
    return [doc for doc in window.docs if stamps.parse(items.decode(doc).created_at) > since]


def _rest_lost(step: WrappedStep, workspace: str, since: int, **named: Any) -> ChangedSince:
    present = step.part(Stamps).last(workspace)
    window: ChangedSince = step(workspace, since, **named)
    return msgspec.structs.replace(window, until=present, has_more=False) if window.has_more else window


SYNC = (
    _fault("sync-border-twice", "R30", "A window includes its first stamp.", "sync.border", _SYNC,
           at(SyncStore.window, lambda step, workspace, since, **named: step(workspace, since - 1, **named))),
    _fault("sync-border-lost", "R30", "A window ends one second later than it says, so changes are skipped.", "sync.chain", _SYNC,
           at(SyncStore.window, _window(until=lambda window, since: window.until + 1_000_000))),
    _fault("sync-stamp-coarse", "R30", "syncTimestamp is rounded up to seconds.", "sync.chain", _SYNC,
           at(SyncStore.window, _window(until=_second_up))),
    _fault("sync-deleted-unasked", "F13", "Archived items are reported unasked.", "sync.deleted-only-when-asked", _SYNC,
           at(SyncStore.window, given(include_deleted=True))),
    _fault("sync-deleted-missing", "R21", "Archived items are never reported.", "sync.deleted", _SYNC,
           at(SyncStore.window, _window(deleted=lambda *_: []))),
    _fault("sync-archived-as-items", "R21", "Archived items come as items.", "sync.deleted", _SYNC,
           at(SyncStore.is_deleted, returns(False))),
    _fault("sync-platforms-ignored", "F13", "`platforms` does not filter.", "sync.platforms", _SYNC,
           at(SyncStore.is_for, returns(True))),
    _fault("sync-no-platform-hidden", "openapi", "An item without platforms reaches nobody.", "sync.platforms", _SYNC,
           at(SyncStore.is_for, lambda step, doc, platforms: bool(items.platforms(doc)) and step(doc, platforms))),
    _fault("sync-cap-lost", "openapi", "What does not fit into a window is lost.", "sync.has-more", _SYNC,
           at(SyncStore.longest, lambda step, *, limit=50: limit), at(SyncStore.window, _rest_lost)),
    _fault("sync-more-always", "openapi", "`hasMore` never ends.", "sync.nothing-new", _SYNC,
           at(SyncStore.window, _window(has_more=lambda *_: True))),
    _fault("sync-created-only", "openapi", "Updates are not synchronised.", "sync.shows-changes", _SYNC,
           at(SyncStore.window, _window(docs=_created_after))),
    _fault("sync-newest-first", "openapi", "Items come newest first.", "sync.order", _SYNC,
           at(SyncStore.window, _window(docs=lambda window, since: window.docs[::-1]))),
)  # fmt: skip

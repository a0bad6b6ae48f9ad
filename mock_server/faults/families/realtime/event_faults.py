"""Faults of events: wrong content, wrong receivers, lost, late, duplicate or out of order."""

from collections import Counter
from functools import partial
from typing import Any

import msgspec

from mock_server.clock import SECOND, Clock
from mock_server.faults.families import entry
from mock_server.faults.families.realtime.held_frames import held, released
from mock_server.faults.families.realtime.premature_event_faults import BULK_ONCE, PREMATURE
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, members, returns, skipped
from mock_server.realtime.frames import ServerFrames, frame
from mock_server.realtime.hub import Hub
from mock_server.realtime.socket import LiveSocket
from mock_server.store.changes import Entry

_fault = partial(entry.wrapped, "realtime")

SWAP_WAITS = SECOND
"""How long an event that is to be swapped waits for the next one."""


# Whether and when it comes. Events are counted for each socket, from when the fault was switched on.


def _number(step: WrappedStep, socket: LiveSocket) -> int:
    """The number of the event among those of a socket."""
    numbers: Counter[int] = step.memory.setdefault("numbers", Counter())
    numbers[socket.number] += 1
    return numbers[socket.number]


def _lost(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, every: int = 3) -> None:
    if _number(step, socket) % every:
        step(socket, event, stamp)


def _doubled(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, every: int = 3) -> None:
    for _ in range(1 if _number(step, socket) % every else 2):
        step(socket, event, stamp)


def _swapped(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, every: int = 2) -> None:
    if _number(step, socket) % every == 0 and not held(step).has(socket):
        held(step).hold(step.part(Clock).now() + SWAP_WAITS, socket, event, stamp)
        return
    step(socket, event, stamp)
    held(step).release(socket=socket)


def _late(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, ms: int = 2000) -> None:
    held(step).hold(step.part(Clock).now() + ms * 1000, socket, event, stamp)


def _silenced(step: WrappedStep, socket: LiveSocket) -> None:
    """Send nothing more to the socket, which stays open."""
    if "offer" not in vars(socket):
        vars(socket)["offer"] = lambda *frame: None
        step.when_off(lambda: vars(socket).pop("offer", None))


def _muting(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, events: int = 3) -> None:
    step(socket, event, stamp)
    if _number(step, socket) >= events:
        _silenced(step, socket)


def _dooming(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, events: int = 5) -> None:
    """Abort the socket at the next tick, so that earlier frames still arrive."""
    step(socket, event, stamp)
    if _number(step, socket) >= events:
        _silenced(step, socket)
        step.memory.setdefault("doomed", []).append(socket)


async def _aborting(step: WrappedStep) -> None:
    await step()
    for socket in step.memory.pop("doomed", []):
        socket.abort()


def _sync_after(step: WrappedStep, socket: LiveSocket, event: str, stamp: int, *, every: int = 5) -> None:
    step(socket, event, stamp)
    if _number(step, socket) % every == 0:
        hub = step.part(Hub)
        socket.offer(hub.frames.sync_required(step.part(Clock).now(), "overflow"))


# To whom it goes


def _to_every_workspace(step: WrappedStep, socket: LiveSocket, entry: Entry) -> Any:
    return step(socket, entry._replace(workspace=socket.claims.wsp))


def _without_permission(step: WrappedStep, socket: LiveSocket, entry: Entry) -> Any:
    return step(socket, entry) or socket.claims.wsp == entry.workspace


def _not_to_author(step: WrappedStep, socket: LiveSocket, entry: Entry) -> Any:
    return step(socket, entry) and socket.claims.sub != entry.actor


# What it says


def _changed_event(change: Any) -> Any:
    """A wrapper that changes the event as a JSON document."""

    def by(step: WrappedStep, entry: Entry) -> str:
        return msgspec.json.encode(change(msgspec.json.decode(step(entry)))).decode()

    return by


def _says(**values: Any) -> Any:
    """A wrapper that sets members of the event's data."""
    return members(**{name: (lambda data, entry, value=value: value) for name, value in values.items()})


def _without_title(step: WrappedStep, entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in step(entry).items() if name != "title"}


def _stamp_in_numbers(step: WrappedStep, since: int, reason: str) -> str:
    return frame("sync_required", {"lastSyncTimestamp": since // 1000, "reason": reason})


EVENTS = (
    *PREMATURE,
    _fault("ws-event-lost", "W3", "Each Nth event is lost.", "realtime.event-per-change", "", at(Hub.deliver, _lost)),
    _fault("ws-event-doubled", "W2", "Each Nth event comes twice.", "realtime.versions-increase", "",
           at(Hub.deliver, _doubled)),
    _fault("ws-event-swapped", "W2", "Each Nth event comes after the next one.", "realtime.commit-order", "",
           at(Hub.deliver, _swapped), at(Hub.tick, released)),
    _fault("ws-event-late", "asyncapi", "Events are late.", "realtime.delivery", "",
           at(Hub.deliver, _late), at(Hub.tick, released)),
    _fault("ws-event-all-workspaces", "W5", "Events cross workspaces.", "realtime.no-crossing realtime.pushed-events", "",
           at(Hub.is_entitled, _to_every_workspace), at(Hub.of_workspace, lambda step, workspace: step.part(Hub).sockets)),
    _fault("ws-event-without-permission", "R36", "Events reach tokens without content:read.", "realtime.event-permission", "",
           at(Hub.is_entitled, _without_permission)),
    _fault("ws-event-not-to-author", "R36", "The author's sockets get no event.",
           "realtime.event-per-change realtime.every-socket", "", at(Hub.is_entitled, _not_to_author)),
    _fault("ws-event-version-ahead", "W1", "An event's version is one too high.", "realtime.read-after-event", "",
           at(ServerFrames.change, members(version=lambda data, entry: data["version"] + 1))),
    _fault("ws-event-version-behind", "W2", "An event's version is one too low.", "realtime.event-per-change", "",
           at(ServerFrames.change, members(version=lambda data, entry: data["version"] - 1))),
    _fault("ws-event-action-wrong", "asyncapi", "Every action is `updated`.", "realtime.event-per-change", "",
           at(ServerFrames.change, _says(action="updated"))),
    _fault("ws-event-title-wrong", "F10", "An event shows another title.", "realtime.event-per-change", "",
           at(ServerFrames.change, _says(title="stale"))),
    _fault("ws-event-notifies-always", "openapi", "showNotification is always true.", "realtime.event-per-change", "",
           at(ServerFrames.change, _says(showNotification=True))),
    _fault("ws-event-notifies-never", "openapi", "showNotification is always false.", "realtime.event-per-change", "",
           at(ServerFrames.change, _says(showNotification=False))),
    BULK_ONCE,
    _fault("ws-event-without-title", "F10", "An event has no title.", "realtime.messages", "",
           at(ServerFrames.change, _without_title)),
    _fault("ws-event-extra-member", "asyncapi", "An event has a member that no document names.", "realtime.messages", "",
           at(ServerFrames.change, _says(internalId=1))),
    _fault("ws-event-type-wrong", "F10", "Events are called contentUpdated.", "realtime.messages", "",
           at(ServerFrames.content_updated, _changed_event(lambda event: {**event, "type": "contentUpdated"}))),
    _fault("ws-event-flat", "F10", "An event has no `data`.", "realtime.messages", "",
           at(ServerFrames.content_updated, _changed_event(lambda event: {"type": event["type"], **event["data"]}))),
    _fault("ws-mute", "W3", "After some events a socket stays open and says nothing.", "realtime.event-per-change", "",
           at(Hub.deliver, _muting)),
    _fault("ws-aborts", "W3", "After some events the server aborts the socket.", "realtime.event-per-change", "",
           at(Hub.deliver, _dooming), at(Hub.tick, _aborting)),
    _fault("ws-presence-missing", "F10", "Nobody is told who comes and goes.", "realtime.user-status", "",
           at(Hub.tell_status, skipped)),
    _fault("ws-presence-wrong", "F10", "Whoever goes is told to be online.", "realtime.user-status", "",
           at(Hub.tell_status, lambda step, claims, status: step(claims, "online"))),
    _fault("ws-sync-without-cause", "R16", "sync_required comes without a cause.", "realtime.event-per-change", "",
           at(Hub.deliver, _sync_after)),
    _fault("ws-sync-not-told", "W3", "An overflow is not told.", "realtime.overflow-syncs", "",
           at(Hub.overflow_frame, returns(None))),
    _fault("ws-sync-stamp-late", "W4", "lastSyncTimestamp is a minute late.", "realtime.overflow-syncs", "",
           at(ServerFrames.sync_required, lambda step, since, reason: step(since + 60 * SECOND, reason))),
    _fault("ws-sync-stamp-number", "R30", "lastSyncTimestamp is a number.", "realtime.overflow-syncs", "",
           at(ServerFrames.sync_required, _stamp_in_numbers)),
)  # fmt: skip

"""The event of one change: a row of the log as the frame that tells of it."""

from __future__ import annotations

from typing import Any

from mock_server import stamps
from mock_server.realtime import frames
from mock_server.store.changes import Entry


def content_updated(entry: Entry) -> str:
    return frames.frame("content_updated", data(entry))


def data(entry: Entry) -> dict[str, Any]:
    return {
        "contentId": entry.item,
        "title": entry.title,
        "showNotification": entry.notify,
        "version": entry.version,
        "action": entry.action,
        "updatedAt": stamps.text(entry.stamp),
        "updatedBy": entry.actor,
    }

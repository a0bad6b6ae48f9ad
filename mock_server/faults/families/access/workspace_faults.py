"""Faults of isolation: items of other workspaces are shown, changed or sent as events, and clients can set members of the server."""

from functools import partial
from typing import Any

from mock_server.application import Application
from mock_server.content_service import ContentService
from mock_server.faults.families import entry
from mock_server.faults.families.validation_faults import unchecked
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store import item as items
from mock_server.store.item import ContentItem
from mock_server.store.items import ItemStore
from mock_server.store.lists.listing import SqlLists
from mock_server.store.sqlite.database import Database
from mock_server.store.sync import SyncStore

_fault = partial(entry.wrapped, "auth")

Found = tuple[int, int, bytes]


def _anywhere(database: Database, item_id: str) -> Found | None:
    """The item with this id in any workspace."""
    row = database.one("SELECT key, version, doc FROM items WHERE id = ?", (item_id,))
    return row and (row[0], row[1], row[2])


def _foreign(step: WrappedStep, workspace: str, item_id: str) -> Found | None:
    return step(workspace, item_id) or _anywhere(step.part(Database), item_id)


def _foreign_told(step: WrappedStep, context: RequestContext) -> None:
    try:
        step(context)
    except Problem:
        if "id" in context.path and _anywhere(step.part(Database), context.path["id"]) is not None:
            named = b'Bearer realm="tchat", error="insufficient_scope", scope="content:read"'
            message = "The item is another workspace's."
            raise Problem("FORBIDDEN", message, headers=[(b"www-authenticate", named)]) from None
        raise


def _in_every_workspace(step: WrappedStep, *asked: Any) -> tuple[str, list[Any]]:
    where, values = step(*asked)
    return where.replace("workspace = ?", "(workspace = ? OR 1)"), values


def _newest_anywhere(step: WrappedStep, workspace: str) -> Any:
    return max(step(row[0]) for row in step.part(Database).all("SELECT id FROM workspaces"))


def _every_change(step: WrappedStep, live: int) -> str:
    changed: str = step(live)
    return changed.replace("workspace = ?", "(workspace = ? OR 1)")


def _status_taken(step: WrappedStep, workspace: str, actor: str, body: dict[str, Any]) -> ContentItem:
    item: ContentItem = step(workspace, actor, body)
    return items.changed(item, {"status": body.get("status", item.status)})


WORKSPACES = (
    _fault("foreign-read", "OWASP API1", "An item of another workspace can be read.", "isolation.by-id",
           "getContentItem getContentVersions", at(ItemStore.find, _foreign)),
    _fault("foreign-written", "OWASP API1", "An item of another workspace can be changed.", "isolation.by-id",
           "updateContentItem publishContent archiveContent revertContentVersion", at(ItemStore.find, _foreign)),
    _fault("foreign-told", "R22", "An item of another workspace is 403, not 404.", "isolation.by-id", "",
           at(Application.locate, _foreign_told)),
    _fault("list-all-workspaces", "OWASP API1", "Lists show every workspace.", "isolation.lists", "getContentItems",
           at(SqlLists.condition, _in_every_workspace)),
    _fault("sync-all-workspaces", "OWASP API1", "Sync shows every workspace.", "isolation.lists", "syncContent",
           at(SyncStore.present, _newest_anywhere), at(SyncStore.changed, _every_change)),
    _fault("mass-assignment", "OWASP API3", "A create sets members that are the server's.", "items.server-fields-refused",
           "createContentItem", *unchecked("additionalProperties"), at(ContentService.new_item, _status_taken)),
)  # fmt: skip

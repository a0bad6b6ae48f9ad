"""The wrappers that are active while any fault is on: they disable fast paths, which would bypass the steps that a fault wraps.

A cache would return the result of an earlier request, and indexes and histories rely on rows that a fault may have written. So caches are
cleared after each use, lists are read with plain SQL, and each write invalidates all caches of rows.
"""

from typing import Any

from mock_server.auth.tokens import TokenSigner
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, returns
from mock_server.http.validation import RequestValidator
from mock_server.servers.http_adapter import HttpAdapter
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.items import Change, ItemStore
from mock_server.store.lists.listing import SqlLists
from mock_server.store.lists.pages import Pages
from mock_server.store.sqlite.database import Database


def _distrusted(step: WrappedStep, *written: Any) -> WrittenItem:
    """Invalidate all caches of rows, because rows may contradict the version history."""
    step.part(Database).forget()
    return step(*written)  # type: ignore[no-any-return]


def _kept_stamp(step: WrappedStep, workspace: str) -> int:
    """Store the stamp in `workspaces`, because a fault may keep it from the item, where it is read otherwise."""
    stamp: int = step(workspace)
    step.part(Database).run("UPDATE workspaces SET stamp = ? WHERE id = ?", (stamp, workspace))
    return stamp


def _numbered_again(
    step: WrappedStep, workspace: str, key: int, item: ContentItem, doc: bytes, stamp: int, change: Change
) -> None:
    """Delete an earlier version with the same number, which a fault may use twice."""
    step.part(Database).run("DELETE FROM versions WHERE item = ? AND version = ?", (key, item.version))
    step(workspace, key, item, doc, stamp, change)


def _forgetting(step: WrappedStep, *arguments: Any) -> Any:
    """Clear the component's cache before and after the step."""
    step.component.forget()
    try:
        return step(*arguments)
    finally:
        step.component.forget()


WHILE_ON = (
    at(HttpAdapter.may_answer_at_once, returns(False)),
    at(Pages.items, lambda step, query: step.part(SqlLists).items(query)),
    at(Pages.of_categories, lambda step, query: step.part(SqlLists).of_categories(query)),
    at(ItemStore.insert, _distrusted),
    at(ItemStore.replace, _distrusted),
    at(ItemStore.next_stamp, _kept_stamp),
    at(ItemStore.log, _numbered_again),
    at(RequestValidator.query, _forgetting),
    at(TokenSigner.verify, _forgetting),
)

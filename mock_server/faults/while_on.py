"""What is otherwise in the server while any fault is on: each fast path goes by the steps that a fault may have covered.

A cache would answer with what an earlier request was told, and an index or a history trusts rows that a fault may have
written. So a cache is emptied after each use, lists are asked of SQLite anew, and a write says that nothing may be derived
from its rows.
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
    """The rows may be others than the version history says: what is remembered of them is void."""
    step.part(Database).forget()
    return step(*written)  # type: ignore[no-any-return]


def _kept_stamp(step: WrappedStep, workspace: str) -> int:
    """The item may not get the stamp, which is where it is kept otherwise."""
    stamp: int = step(workspace)
    step.part(Database).run("UPDATE workspaces SET stamp = ? WHERE id = ?", (stamp, workspace))
    return stamp


def _numbered_again(
    step: WrappedStep, workspace: str, key: int, item: ContentItem, doc: bytes, stamp: int, change: Change
) -> None:
    """A version number may be given out twice: the later one counts."""
    step.part(Database).run("DELETE FROM versions WHERE item = ? AND version = ?", (key, item.version))
    step(workspace, key, item, doc, stamp, change)


def _forgetting(step: WrappedStep, *arguments: Any) -> Any:
    """What was found out for one request is not remembered for the next."""
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

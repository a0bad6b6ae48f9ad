"""Faults of idempotency keys: what a repeated creation does."""

from functools import partial
from typing import Any

from mock_server.clock import SECOND, Clock
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, returns, skipped, when_gone
from mock_server.handlers.content_writing import ContentWriteHandlers, KeptCreate
from mock_server.request_context import RequestContext
from mock_server.store import item as items
from mock_server.store.item import WrittenItem
from mock_server.store.items import ItemStore
from mock_server.store.sqlite.database import Database

_fault = partial(entry.wrapped, "http")
_CREATE = "createContentItem"
FORGET = "DELETE FROM idempotency WHERE account = ? AND key = ?"


def _for_an_hour(step: WrappedStep, context: RequestContext, key: str) -> Any:
    kept = step.part(ContentWriteHandlers).key_owner(context), key, step.part(Clock).now() - 3600 * SECOND
    if step.part(Database).run(f"{FORGET} AND answered_at <= ?", kept):
        step.touch()
    return step(context, key)


def _until_changed(step: WrappedStep, context: RequestContext, key: str) -> KeptCreate | None:
    """Ignore an idempotency key if its item has changed since it was created."""
    kept: KeptCreate | None = step(context, key)
    found = step.part(ItemStore).find(context.workspace, kept.item) if kept is not None else None
    if kept is None or found is None or items.decode(found[2]).version == 1:
        return kept
    step.part(Database).run(FORGET, (step.part(ContentWriteHandlers).key_owner(context), key))
    return None


def _key_unused_when_gone(step: WrappedStep, context: RequestContext, key: str, written: WrittenItem) -> None:
    step(context, key, written)
    owner = step.part(ContentWriteHandlers).key_owner(context)
    when_gone(step, FORGET, owner, key)


KEYS = (
    _fault("idempotency-ignored", "R31", "Idempotency-Key is ignored.", "http.idempotency-replay", _CREATE,
          at(ContentWriteHandlers.idempotency_key, returns(None))),
    _fault("idempotency-not-compared", "R31", "A key with another body replays the first answer.",
          "http.idempotency-reuse", _CREATE, at(ContentWriteHandlers.require_same_request, skipped)),
    _fault("idempotency-of-all", "R31", "A key replays the answer that another user got.",
          "http.idempotency-key-per-account", _CREATE, at(ContentWriteHandlers.key_owner, returns("*"))),
    _fault("idempotency-for-an-hour", "R31", "A key is forgotten after an hour.",
          "http.idempotency-kept", _CREATE, at(ContentWriteHandlers.kept_response, _for_an_hour)),
    _fault("idempotency-until-changed", "R31", "A key is forgotten once its item has changed, so that a late retry creates again.",
          "stateful.lost-answers", _CREATE, at(ContentWriteHandlers.kept_response, _until_changed)),
    _fault("gone-client-key-unused", "CF-3", "A create whose client has gone before the answer leaves its key unused.",
          "stateful.lost-answers", _CREATE, at(ContentWriteHandlers.keep_response, _key_unused_when_gone)),
)  # fmt: skip

"""The handlers of the six operations that write content, each in one transaction."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import msgspec

from mock_server.clock import SECOND, Clock
from mock_server.content_service import ContentService
from mock_server.handlers.content_reading import enveloped, etag, matches
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store import item as items
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.items import ItemStore
from mock_server.store.sqlite.database import Database

KEY_LIFE = 24 * 3600 * SECOND


Failures = list[dict[str, Any]]
"""The `failedOperations` of a bulk response."""


class ContentWriteHandlers:
    def __init__(self, database: Database, clock: Clock, store: ItemStore, service: ContentService) -> None:
        self._db = database
        self._clock = clock
        self._items = store
        self._service = service

    def create_content_item(self, context: RequestContext) -> HttpResponse:
        key = self.idempotency_key(context)
        if key is None:
            with self._db.write():
                return _created(context, self._create(context))
        with self._db.write():
            kept = self.kept_response(context, key)
            if kept is not None:
                self.require_same_request(context, kept)
                return _located(context, kept.item, 1, kept.doc)
            written = self._create(context)
            self.keep_response(context, key, written)
        return _created(context, written)

    def _create(self, context: RequestContext) -> WrittenItem:
        return self._service.create(context.workspace, context.actor, context.body)

    def idempotency_key(self, context: RequestContext) -> str | None:
        key: str | None = context.headers.get("Idempotency-Key")
        return key

    def key_owner(self, context: RequestContext) -> str:
        """The account to which an Idempotency-Key belongs."""
        return context.actor

    def kept_response(self, context: RequestContext, key: str) -> KeptCreate | None:
        """The result of an earlier request with this key, or None. Expired keys are deleted."""
        owner = self.key_owner(context)
        self._db.run(
            "DELETE FROM idempotency WHERE account = ? AND key = ? AND answered_at <= ?",
            (owner, key, self._clock.now() - KEY_LIFE),
        )
        row = self._db.one(
            "SELECT fingerprint, item, body FROM idempotency WHERE account = ? AND key = ?", (owner, key)
        )
        return None if row is None else KeptCreate(*row)

    def keep_response(self, context: RequestContext, key: str, written: WrittenItem) -> None:
        self._db.run(
            "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.key_owner(context), key, _fingerprint(context.body), self._clock.now(), written.item.id, "1",
             written.doc),
        )  # fmt: skip

    def require_same_request(self, context: RequestContext, kept: KeptCreate) -> None:
        if kept.fingerprint != _fingerprint(context.body):
            raise Problem(
                "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key belongs to a request with another body."
            )

    # Changes of one item

    def update_content_item(self, context: RequestContext) -> HttpResponse:
        _, written = self.updated(context)
        return _current(written)

    def updated(self, context: RequestContext) -> tuple[ContentItem, WrittenItem]:
        """The item before and after."""
        with self._db.write():
            key, before = self.reread(context)
            condition = context.headers.get("If-Match")
            if condition is not None and not self.is_match(condition, before.version):
                raise Problem("PRECONDITION_FAILED", f'The item\'s entity tag is "v{before.version}".')
            body: dict[str, Any] = context.body
            written = self._service.update(
                context.workspace, context.actor, key, before, int(body["version"]), body
            )
        return before, written

    def is_match(self, condition: str, version: int) -> bool:
        """Whether If-Match holds, by strong comparison (RFC 9110, 13.1.1)."""
        return matches(condition, version, weak=False)

    def publish_content(self, context: RequestContext) -> HttpResponse:
        with self._db.write():
            key, before = self.reread(context)
            written = self._service.publish(context.workspace, context.actor, key, before, context.body)
        return _current(written)

    def archive_content(self, context: RequestContext) -> HttpResponse:
        with self._db.write():
            key, before = self.reread(context)
            self._service.archive(context.workspace, context.actor, key, before)
        return json_response(200, {"success": True})

    def revert_content_version(self, context: RequestContext) -> HttpResponse:
        body = context.body
        with self._db.write():
            key, before = self.reread(context)
            written = self._service.revert(
                context.workspace,
                context.actor,
                key,
                before,
                body["versionId"],
                backup=body.get("createBackup", True),
            )
        return _current(written)

    def reread(self, context: RequestContext) -> tuple[int, ContentItem]:
        """The item, read again inside the transaction, because another process may have written since it was located."""
        found = self._items.find(context.workspace, context.path["id"])
        assert found is not None  # items are never removed
        return found[0], items.decode(found[2])

    # Bulk

    def bulk_update_content(self, context: RequestContext) -> HttpResponse:
        operations = list(enumerate(context.body["operations"]))
        with self._db.write():
            done, failed = self.bulk_applied(context, operations)
        return self.bulk_response(done, failed)

    def bulk_applied(
        self, context: RequestContext, operations: list[tuple[int, dict[str, Any]]]
    ) -> tuple[int, Failures]:
        """The number of operations that were done, and those that failed. Each is done completely or not at all."""
        done, failed = 0, []
        for index, operation in operations:
            try:
                with self._db.savepoint():
                    self._bulk_operation(context, operation)
                done += 1
            except Problem as problem:
                failed.append(
                    {"index": index, "id": operation["id"], "code": problem.code, "error": problem.detail}
                )
        return done, failed

    def bulk_response(self, done: int, failed: Failures) -> HttpResponse:
        return json_response(200, {"data": {"successfulOperations": done, "failedOperations": failed}})

    def _bulk_operation(self, context: RequestContext, operation: dict[str, Any]) -> None:
        kind, data = operation["type"], operation.get("data", {})
        self.require_bulk_permission(context, kind)
        found = self._items.find(context.workspace, operation["id"])
        if found is None:
            raise Problem("CONTENT_NOT_FOUND", f"There is no item with the id {operation['id']}.")
        workspace, actor, key, before = context.workspace, context.actor, found[0], items.decode(found[2])
        if kind == "update":
            self._service.update(workspace, actor, key, before, int(operation["version"]), data)
        elif kind == "publish":
            self._service.publish(workspace, actor, key, before, data)
        else:
            self._service.archive(workspace, actor, key, before)

    def require_bulk_permission(self, context: RequestContext, kind: str) -> None:
        needed = {"publish": "content:publish", "archive": "content:archive"}.get(kind)
        if needed is not None and needed not in context.permissions:
            raise Problem("FORBIDDEN", f"This needs the permission {needed}.")


class KeptCreate(NamedTuple):
    """The stored result of a create request with an Idempotency-Key."""

    fingerprint: bytes
    item: str
    doc: bytes


def _current(written: WrittenItem) -> HttpResponse:
    return enveloped(200, written.doc, [etag(written.item.version)])


def _created(context: RequestContext, written: WrittenItem) -> HttpResponse:
    return _located(context, written.item.id, written.item.version, written.doc)


def _located(context: RequestContext, item_id: str, version: int, doc: bytes) -> HttpResponse:
    location = f"{context.prefix}/content/items/{item_id}".encode()
    return enveloped(201, doc, [(b"location", location), etag(version)])


def _fingerprint(body: Any) -> bytes:
    """The hash of a JSON value, independent of white space and the order of members."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()

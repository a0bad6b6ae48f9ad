"""The six writing operations of content: each one transaction."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

import msgspec

from mock_server.clock import SECOND, Clock
from mock_server.content_service import ContentService
from mock_server.handlers.content_reading import enveloped, etag, matches
from mock_server.message import HttpResponse, json_response
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.rules import Rules, Ruling
from mock_server.store import item as items
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.items import ItemStore
from mock_server.store.sqlite.database import Database

KEY_LIFE = 24 * 3600 * SECOND


class ContentWriteHandlers:
    def __init__(
        self, database: Database, clock: Clock, store: ItemStore, service: ContentService, ruling: Ruling
    ) -> None:
        self._db = database
        self._clock = clock
        self._items = store
        self._service = service
        self._ruling = ruling

    def _write(self) -> contextlib.AbstractContextManager[None]:
        """For what an editor does: it refuses before it changes anything, unless a fault is on."""
        return self._db.write(refusing=self._ruling.on)

    def create_content_item(self, context: RequestContext) -> HttpResponse:
        key = context.headers.get("Idempotency-Key") if self._ruling.rules.idempotency_kept else None
        with self._db.write() if key is not None else self._write():
            if key is not None:
                known = self._replayed(context, key)
                if known is not None:
                    return known
            written = self._service.create(context.workspace, context.actor, context.body)
            item, doc = written.item, written.doc
            if key is not None:
                self._db.run(
                    "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        self._owner(context),
                        key,
                        _fingerprint(context.body),
                        self._clock.now(),
                        item.id,
                        "1",
                        doc,
                    ),
                )
        if key is not None and self._ruling.rules.gone_key_unused:
            self._if_gone("DELETE FROM idempotency WHERE account = ? AND key = ?", self._owner(context), key)
        return _created(context, item.id, item.version, doc)

    def _if_gone(self, statement: str, *values: Any) -> None:
        """A fault: this is done where nobody is there any more when the answer is ready."""

        def done() -> None:
            with self._db.write():
                self._db.run(statement, values)

        self._ruling.on_gone = done

    def _owner(self, context: RequestContext) -> str:
        """Whose an Idempotency-Key is."""
        return context.actor if self._ruling.rules.idempotency_of_user else "*"

    def _replayed(self, context: RequestContext, key: str) -> HttpResponse | None:
        """The kept answer of an earlier request with this key, if there is one and it is the same request."""
        self._db.run(
            "DELETE FROM idempotency WHERE account = ? AND key = ? AND answered_at <= ?",
            (self._owner(context), key, self._clock.now() - KEY_LIFE),
        )
        row = self._db.one(
            "SELECT fingerprint, item, body FROM idempotency WHERE account = ? AND key = ?",
            (self._owner(context), key),
        )
        if row is None or self._forgotten(context, key, row[1]):
            return None
        if row[0] != _fingerprint(context.body) and self._ruling.rules.idempotency_compared:
            raise Problem(
                "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key belongs to a request with another body."
            )
        return _created(context, row[1], 1, row[2])

    def _forgotten(self, context: RequestContext, key: str, item: str) -> bool:
        """A fault: the key is looked up by an item that is as it was made."""
        found = self._items.find(context.workspace, item)
        if (
            not self._ruling.rules.idempotency_until_changed
            or not found
            or items.decode(found[2]).version == 1
        ):
            return False
        self._db.run("DELETE FROM idempotency WHERE account = ? AND key = ?", (self._owner(context), key))
        return True

    def update_content_item(self, context: RequestContext) -> HttpResponse:
        rules = self._ruling.rules
        try:
            before, written = self._updated(context, rules)
        except Problem as problem:
            if (problem.code == "VERSION_CONFLICT" and rules.conflict_applies) or (
                problem.code == "PRECONDITION_FAILED" and rules.precondition_applies
            ):
                self._update_anyway(context)
            raise
        return _current(items.written(before) if rules.answer_before_write else written)

    def _update_anyway(self, context: RequestContext) -> None:
        with self._write():
            key, before = self._reread(context)
            workspace, actor = context.workspace, context.actor
            self._service.update(workspace, actor, key, before, before.version, context.body)

    def _updated(self, context: RequestContext, rules: Rules) -> tuple[ContentItem, WrittenItem]:
        """The item before and after."""
        with self._write():
            key, before = self._reread(context)
            condition = context.headers.get("If-Match")
            if (
                condition is not None
                and not matches(condition, before.version, weak=rules.if_match_weak)
                and rules.if_match_checked
            ):
                raise Problem("PRECONDITION_FAILED", f'The item\'s entity tag is "v{before.version}".')
            body: dict[str, Any] = context.body
            written = self._service.update(
                context.workspace, context.actor, key, before, int(body["version"]), body
            )
        if rules.gone_without_version:
            hidden = "UPDATE versions SET item = -seq WHERE item = ? AND version = ?"
            self._if_gone(hidden, key, written.item.version)
        return before, written

    def publish_content(self, context: RequestContext) -> HttpResponse:
        with self._write():
            key, before = self._reread(context)
            written = self._service.publish(context.workspace, context.actor, key, before, context.body)
        return _current(written)

    def archive_content(self, context: RequestContext) -> HttpResponse:
        with self._write():
            key, before = self._reread(context)
            self._service.archive(context.workspace, context.actor, key, before)
        return json_response(200, {"success": True})

    def revert_content_version(self, context: RequestContext) -> HttpResponse:
        body = context.body
        with self._write():
            key, before = self._reread(context)
            written = self._service.revert(
                context.workspace,
                context.actor,
                key,
                before,
                body["versionId"],
                backup=body.get("createBackup", True),
            )
        return _current(written)

    def bulk_update_content(self, context: RequestContext) -> HttpResponse:
        operations = list(enumerate(context.body["operations"]))
        rules = self._ruling.rules
        dropped = operations[1:][-1:] if rules.bulk_drops_last else []
        operations = operations[: len(operations) - len(dropped)]
        if rules.bulk_backwards:
            operations.reverse()
        failed: list[dict[str, Any]] = []
        done = 0
        with self._db.write(), contextlib.suppress(_Undone), self._db.savepoint():
            for index, operation in operations:
                try:
                    with self._db.savepoint():
                        self._bulk_operation(context, operation)
                    done += 1
                except Problem as problem:
                    failed.append(
                        {"index": index, "id": operation["id"], "code": problem.code, "error": problem.detail}
                    )
                    if rules.bulk_stops:
                        break
            if failed and rules.bulk_atomic:
                raise _Undone
        return _bulk_answer(done + len(dropped), failed, rules)

    def _bulk_operation(self, context: RequestContext, operation: dict[str, Any]) -> None:
        kind, data = operation["type"], operation.get("data", {})
        needed = {"publish": "content:publish", "archive": "content:archive"}.get(kind)
        missing = needed is not None and needed not in context.permissions
        if missing and self._ruling.rules.bulk_permission_checked:
            raise Problem("FORBIDDEN", f"This needs the permission {needed}.")
        found = self._items.find(context.workspace, operation["id"])
        if found is None:
            raise Problem("CONTENT_NOT_FOUND", f"There is no item with the id {operation['id']}.")
        workspace, actor, key, before = context.workspace, context.actor, found[0], items.decode(found[2])
        if kind == "update":
            checked = self._ruling.rules.bulk_version_checked
            version = int(operation["version"]) if checked else before.version
            self._service.update(workspace, actor, key, before, version, data)
        elif kind == "publish":
            self._service.publish(workspace, actor, key, before, data)
        else:
            self._service.archive(workspace, actor, key, before)

    def _reread(self, context: RequestContext) -> tuple[int, ContentItem]:
        """The item within the transaction: another process may have written since it was located."""
        found = self._items.find(context.workspace, context.path["id"])
        if found is None and self._ruling.rules.foreign_written:
            found = self._items.find_anywhere(context.path["id"])
        assert found is not None  # items are never removed
        return found[0], items.decode(found[2])


class _Undone(Exception):
    """A fault takes a whole bulk request back."""


def _bulk_answer(done: int, failed: list[dict[str, Any]], rules: Rules) -> HttpResponse:
    status = 200
    if failed:
        status = rules.bulk_partial_status if done else rules.bulk_all_failed_status
        for entry in failed:
            entry["index"] += rules.bulk_index_from_one
            entry["code"] = rules.bulk_code or entry["code"]
        done += len(failed) if rules.bulk_counts_all else 0
        failed = failed * (2 if rules.bulk_reports_twice else 0 if rules.bulk_silent else 1)
    return json_response(status, {"data": {"successfulOperations": done, "failedOperations": failed}})


def _current(written: WrittenItem) -> HttpResponse:
    return enveloped(200, written.doc, [etag(written.item.version)])


def _created(context: RequestContext, item_id: str, version: int, doc: bytes) -> HttpResponse:
    location = f"{context.prefix}/content/items/{item_id}".encode()
    return enveloped(201, doc, [(b"location", location), etag(version)])


def _fingerprint(body: Any) -> bytes:
    """Of the JSON value, so that spacing and the order of names do not matter."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()

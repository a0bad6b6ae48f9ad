"""An ordinary server of this API, written from the integration guide alone: it keeps its own document and nothing beyond it.

Its own faults, which its team has not mended: bodies that are no JSON are 400, which its document lacks; itemCount counts archived items;
a page past the end is page 1 again. `regression` names what a release has broken since.
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import jsonschema_rs

from tests.suite.foreign.foreign_document import OPERATIONS, ForeignOperation, parameters

REGRESSIONS = (
    "version-unchecked", "token-unverified", "viewer-writes", "archive-does-nothing", "validation-open", "refresh-reusable",
    "drafts-listed", "sync-misses-deletes", "bulk-failure-as-success", "event-not-sent", "publish-not-told",
)  # fmt: skip
EVERYTHING = ("content:read", "content:write", "content:publish")
PASSWORD = "demo-password"
STORED: dict[str, Any] = {"title": "", "body": "", "category": None, "tags": []}


class Refusal(Exception):
    def __init__(self, status: int, code: str, **details: Any) -> None:
        super().__init__(code)
        self.status, self.code, self.details = status, code, details


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class ForeignServer:
    """One world in memory. `lock_after` wrong passwords lock an account for good; `empty` has no category and no item,
    and a `bare` login answers tokens only."""

    def __init__(
        self, regression: str = "", *, lock_after: int = 0, empty: bool = False, bare: bool = False
    ) -> None:
        self.bare = bare
        self.broken = regression
        self.lock_after = lock_after
        self.users = {"demo@tchat.com": EVERYTHING, "viewer@tchat.com": EVERYTHING[:1]}
        self.wrong: dict[str, int] = {}
        self.access: dict[str, tuple[str, str]] = {}
        self.refresh: dict[str, tuple[str, str]] = {}
        self.ended: set[str] = set()
        self.items: dict[str, list[dict[str, Any]]] = {}
        self.sockets: dict[int, asyncio.Queue[str | None]] = {}
        self.categories = [] if empty else [("news", None), ("tech", "news"), ("docs", None)]
        self._valid: dict[int, Any] = {}
        if not empty:
            for number in range(3):
                self._create({}, {"title": f"item {number}", "category": self.categories[number][0]}, {})

    # Requests

    def answer(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        found = self._route(method, path)
        if found is None:
            return 404, {"detail": "Not Found"}
        operation, values = found
        try:
            asked = {name: told[-1] for name, told in parse_qs(query, keep_blank_values=True).items()}
            caller = self._caller(operation, headers)
            sent = self._body(operation, body)
            self._judge_query(operation, asked)
            handler: Callable[..., Any] = getattr(self, f"_{operation.name}")
            return operation.success, handler({**values, **asked}, sent, caller)
        except Refusal as refusal:
            told = {"code": refusal.code, "message": refusal.code.lower()}
            return refusal.status, told | {"details": refusal.details or None}

    def _route(self, method: str, path: str) -> tuple[ForeignOperation, dict[str, str]] | None:
        parts = path.removeprefix("/v1").split("/") if path.startswith("/v1/") else []
        fitting = []
        for operation in OPERATIONS:
            names = operation.path.split("/")
            same = len(names) == len(parts) and all(
                n == p or n.startswith("{") for n, p in zip(names, parts, strict=True)
            )
            if same and operation.method == method.lower():
                values = {n[1:-1]: p for n, p in zip(names, parts, strict=True) if n[:1] == "{"}
                fitting.append((operation.path.count("{"), operation, values))
        return min(fitting, key=lambda entry: entry[0])[1:] if fitting else None

    def _caller(self, operation: ForeignOperation, headers: dict[str, str]) -> dict[str, Any]:
        if operation.permission is None:
            return {}
        kind, _, token = headers.get("authorization", "").partition(" ")
        known = (self.refresh if operation.name == "refresh" else self.access).get(token)
        if kind.lower() != "bearer" or known is None or known[0] in self.ended:
            if self.broken != "token-unverified" or operation.name == "refresh":
                raise Refusal(401, "UNAUTHORIZED")
            known = ("", "demo@tchat.com")
        session, email = known
        missing = operation.permission and operation.permission not in self.users[email]
        if missing and not (self.broken == "viewer-writes" and operation.permission == "content:write"):
            raise Refusal(403, "FORBIDDEN")
        return {"session": session, "email": email, "token": token}

    def _body(self, operation: ForeignOperation, body: bytes) -> Any:
        if operation.body is None:
            return {}
        try:
            value = json.loads(body, parse_constant=_refuse)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise Refusal(400, "MALFORMED") from None
        if self.broken != "validation-open" and not self._validator(operation.body).is_valid(value):
            raise Refusal(422, "INVALID")
        return value if isinstance(value, dict) else {}

    def _judge_query(self, operation: ForeignOperation, asked: dict[str, str]) -> None:
        for parameter in parameters(operation):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] != "query" or (name not in asked and not parameter["required"]):
                continue
            text = asked.get(name)
            value: Any = text
            if schema.get("type") == "integer" and text is not None and text.lstrip("-").isdecimal():
                value = int(text)
            if schema.get("type") == "boolean" and text in ("true", "false"):
                value = text == "true"
            if not self._validator(schema).is_valid(value):
                raise Refusal(422, "INVALID")
            asked[name] = value

    def _validator(self, schema: Any) -> Any:
        return self._valid.setdefault(
            id(schema), jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        )

    # Sessions

    def _login(self, asked: Any, sent: Any, caller: Any) -> Any:
        email = sent["email"]
        if self.lock_after and self.wrong.get(email, 0) >= self.lock_after:
            raise Refusal(401, "LOCKED")
        if email not in self.users or sent["password"] != PASSWORD:
            self.wrong[email] = self.wrong.get(email, 0) + 1
            raise Refusal(401, "UNAUTHORIZED")
        pair = self._pair(secrets.token_urlsafe(9), email)
        user = {"id": email[:6], "email": email}
        told = {} if self.bare else {"user": user, "permissions": list(self.users[email])}
        return {"tokens": pair, **told}

    def _pair(self, session: str, email: str) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.access[access] = self.refresh[refresh] = (session, email)
        return {"accessToken": access, "refreshToken": refresh, "expiresIn": 900}

    def _refresh(self, asked: Any, sent: Any, caller: Any) -> Any:
        if self.broken != "refresh-reusable":
            del self.refresh[caller["token"]]
        return {"tokens": self._pair(caller["session"], caller["email"])}

    def _logout(self, asked: Any, sent: Any, caller: Any) -> Any:
        self.ended.add(caller["session"])
        return {"success": True}

    def _verify(self, asked: Any, sent: Any, caller: Any) -> Any:
        return {"valid": True}

    def _metrics(self, asked: Any, sent: Any, caller: Any) -> Any:
        return {"accepted": len(sent.get("metrics", ()))}

    # Content

    def _list(self, asked: Any, sent: Any, caller: Any) -> Any:
        status, word = asked.get("status"), asked.get("search", "").lower()
        found = [
            item
            for item in self._present()
            if (item["status"] == status if status else item["status"] != "archived")
            or (self.broken == "drafts-listed" and item["status"] == "draft")
            if asked.get("category") in (None, item["category"])
            and word in f"{item['title']}\n{item['body']}".lower()
        ]
        key = "title" if asked.get("sortBy") == "title" else "updated_at"
        found.sort(key=lambda item: (item[key], item["id"]), reverse=asked.get("sortOrder", "desc") == "desc")
        return self._page(found, asked)

    def _by_category(self, asked: Any, sent: Any, caller: Any) -> Any:
        named = [name for name, _ in self.categories]
        if asked["category"] not in named:
            raise Refusal(404, "NOT_FOUND")
        wanted = {asked["category"]}
        wanted |= {
            name
            for name, parent in self.categories
            if asked.get("includeSubcategories") is True and parent in wanted
        }
        status = asked.get("status", "published")
        found = [item for item in self._present() if item["category"] in wanted and item["status"] == status]
        found.sort(key=lambda item: (item["updated_at"], item["id"]), reverse=True)
        return self._page(found, asked)

    def _page(self, found: list[Any], asked: Any) -> Any:
        page, limit = asked.get("page", 1), asked.get("limit", 20)
        pages = -(-len(found) // limit)
        start = (page - 1) * limit if page <= pages else 0  # a fault of its own
        pagination = {"page": page, "limit": limit, "total": len(found), "total_pages": pages}
        return {"data": {"data": found[start : start + limit], "pagination": pagination}}

    def _create(self, asked: Any, sent: Any, caller: Any) -> Any:
        at, id = now(), secrets.token_hex(8)
        content = {name: sent.get(name, default) for name, default in STORED.items()}
        item = {"id": id, **content, "status": "draft", "version": 1, "created_at": at, "updated_at": at}
        self.items[id] = [item]
        self._send(item)
        return {"data": item}

    def _update(self, asked: Any, sent: Any, caller: Any) -> Any:
        item = self._item(asked["id"])
        if item["status"] == "archived":
            raise Refusal(409, "ARCHIVED")
        if item["version"] != sent.get("version") and self.broken != "version-unchecked":
            raise Refusal(409, "CONFLICT", currentVersion=item["version"], yourVersion=sent.get("version"))
        return {"data": self._save(item, **{name: value for name, value in sent.items() if name in STORED})}

    def _publish(self, asked: Any, sent: Any, caller: Any) -> Any:
        item = self._item(asked["id"])
        if item["status"] == "archived":
            raise Refusal(409, "ARCHIVED")
        return {"data": item if item["status"] == "published" else self._save(item, status="published")}

    def _archive(self, asked: Any, sent: Any, caller: Any) -> Any:
        item = self._item(asked["id"])
        if item["status"] != "archived" and self.broken != "archive-does-nothing":
            self._save(item, status="archived")
        return {"success": True}

    def _revert(self, asked: Any, sent: Any, caller: Any) -> Any:
        item = self._item(asked["id"])
        for version in self.items[asked["id"]]:
            if self._version_id(version) == sent.get("versionId"):
                status = "draft" if item["status"] == "archived" else item["status"]
                return {"data": self._save(item, **{name: version[name] for name in STORED}, status=status)}
        raise Refusal(404, "NOT_FOUND")

    def _bulk(self, asked: Any, sent: Any, caller: Any) -> Any:
        done, failed = 0, []
        for change in sent.get("operations", ()):
            try:
                body = {**change.get("data", {}), "version": change.get("version")}
                getattr(self, f"_{change['type']}")({"id": change["id"]}, body, caller)
                done += 1
            except Refusal as refusal:
                failed.append({"id": change["id"], "error": refusal.code})
        if self.broken == "bulk-failure-as-success":
            done, failed = done + len(failed), []
        return {"data": {"successfulOperations": done, "failedOperations": failed}}

    def _read(self, asked: Any, sent: Any, caller: Any) -> Any:
        present = self._item(asked["id"])
        wanted = asked.get("version", present["version"])
        for version in self.items[asked["id"]]:
            if version["version"] == wanted:
                return {"data": version}
        raise Refusal(404, "NOT_FOUND")

    def _versions(self, asked: Any, sent: Any, caller: Any) -> Any:
        self._item(asked["id"])
        newest = self.items[asked["id"]][::-1][: asked.get("limit", 10)]
        told = [
            {"id": self._version_id(item), "version": item["version"], "createdAt": item["updated_at"]}
            for item in newest
        ]
        return {"data": [row | {"snapshot": item} for row, item in zip(told, newest, strict=True)]}

    def _categories(self, asked: Any, sent: Any, caller: Any) -> Any:
        rows: list[dict[str, Any]] = []
        for name, above in reversed(self.categories):
            # A fault of its own: archived ones count too.
            count = sum(item["category"] == name for item in self._present())
            if asked.get("includeEmpty") is True or count or name in [row["parentId"] for row in rows]:
                rows.append({"id": name, "name": name, "parentId": above, "itemCount": count})
        return {"data": rows}

    def _sync(self, asked: Any, sent: Any, caller: Any) -> Any:
        stamp = now()
        since = datetime.fromisoformat(asked["lastSyncTimestamp"].upper())
        changed = [item for item in self._present() if datetime.fromisoformat(item["updated_at"]) > since]
        gone = [
            {"id": item["id"], "deletedAt": item["updated_at"]}
            for item in changed
            if item["status"] == "archived"
        ]
        told = gone if asked.get("includeDeleted") is True and self.broken != "sync-misses-deletes" else []
        items = [item for item in changed if item["status"] != "archived"]
        return {"data": {"items": items, "deleted": told, "syncTimestamp": stamp}}

    def _present(self) -> list[dict[str, Any]]:
        return [versions[-1] for versions in self.items.values()]

    def _item(self, id: str) -> dict[str, Any]:
        if id not in self.items:
            raise Refusal(404, "NOT_FOUND")
        return self.items[id][-1]

    @staticmethod
    def _version_id(item: dict[str, Any]) -> str:
        return f"{item['id']}-{item['version']}"

    def _save(self, item: dict[str, Any], **changes: Any) -> dict[str, Any]:
        made = {**item, **changes, "version": item["version"] + 1, "updated_at": now()}
        self.items[item["id"]].append(made)
        if self.broken != "publish-not-told" or changes.get("status") != "published":
            self._send(made)
        return made

    def _send(self, item: dict[str, Any]) -> None:
        if self.broken != "event-not-sent":
            event = {"type": "content_updated", "data": {"contentId": item["id"], "title": item["title"]}}
            for queue in list(self.sockets.values()):
                queue.put_nowait(json.dumps(event))


def _refuse(name: str) -> Any:
    raise ValueError(name)

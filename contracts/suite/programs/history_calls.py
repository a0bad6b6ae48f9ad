"""The conversion of exchanges and socket messages to `contracts.history.Call`s, with the facts that checkers read.

No fact is guessed: a fact that an answer does not show is left out. No fact is a secret: tokens are replaced by hashes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.history import Call, Outcome, digest
from contracts.json_text import loose_value_of
from contracts.model.timestamps import utc_text
from contracts.model.unpromised import UnpromisedError
from contracts.spec.parameter_values import pairs
from contracts.suite.client.http_exchange import Exchange
from contracts.suite.realtime.recording_socket import RecordingSocket

ITEM_WRITES = ("createContentItem", "updateContentItem", "publishContent", "revertContentVersion")
Facts = dict[str, Any]


def label(secret: str) -> str:
    """The label of a token: a hash that does not reveal it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def call_of(exchange: Exchange, *, client: str, path: Mapping[str, str] | None = None, **more: Any) -> Call:
    """The call of an exchange. `path` are the path parameters of the request; `more` are facts that only the check knows (session,
    workspace)."""
    status = exchange.status
    if 200 <= status < 300 or status == 304:
        outcome = Outcome.OK
    else:
        outcome = Outcome.INFO if status >= 500 and status != 503 else Outcome.FAIL
    facts: Facts = {**_asked(exchange, path or {}), **_answered(exchange, outcome), **more}
    return Call(
        client=client,
        operation=exchange.operation,
        due=exchange.sent,
        sent=exchange.sent,
        done=exchange.done,
        outcome=outcome,
        status=status,
        facts=facts,
    )


def _json(body: bytes | None) -> Any:
    try:
        return loose_value_of(body or b"")
    except ValueError:
        return None


def _asked(exchange: Exchange, path: Mapping[str, str]) -> Facts:
    facts: Facts = {"item": path["id"]} if "id" in path else {}
    body = _json(exchange.request.body)
    operation = exchange.operation
    if operation == "updateContentItem" and isinstance(body, dict) and isinstance(body.get("version"), int):
        facts["base"] = body["version"]
    elif operation == "bulkUpdateContent" and isinstance(body, dict):
        facts["ops"] = [[op["type"], op["id"], op.get("version")] for op in body.get("operations", ())]
    elif operation == "getContentItem":
        asked = dict(pairs(exchange.request.query)).get("version")
        if asked and asked.isdigit():
            facts["asked"] = int(asked)
    elif operation == "syncContent":
        query = dict(pairs(exchange.request.query))
        facts["since"] = utc_text(query["lastSyncTimestamp"])
        facts["include_deleted"] = query.get("includeDeleted") == "true"
        facts["platforms"] = query.get("platforms", "web").split(",")
    elif operation == "refreshTokens":
        facts["presented"] = label(exchange.request.field("authorization").rpartition(" ")[2])
    return facts


def _answered(exchange: Exchange, outcome: Outcome) -> Facts:
    value = _json(exchange.body)
    if not isinstance(value, dict):
        return {}
    if outcome is not Outcome.OK:
        facts: Facts = {"code": value["code"]} if isinstance(value.get("code"), str) else {}
        current = (
            value.get("details", {}).get("currentVersion") if isinstance(value.get("details"), dict) else None
        )
        return {**facts, **({"current": current} if isinstance(current, int) else {})}
    if exchange.operation == "refreshTokens":
        return {"issued": label(str(value.get("tokens", {}).get("refreshToken")))}
    return _shown(exchange.operation, value.get("data"))


def _shown(operation: str, data: Any) -> Facts:
    if not isinstance(data, dict):
        if operation == "getContentVersions" and isinstance(data, list) and data:
            return {"version": data[0]["version"]}
        return {}
    if operation == "bulkUpdateContent":
        if any("index" not in f for f in data.get("failedOperations", ())):
            raise UnpromisedError("the document does not promise index of failedOperations")
        failed = [[f["index"], f.get("code"), f["id"]] for f in data.get("failedOperations", ())]
        return {"succeeded": data.get("successfulOperations"), "failed": failed}
    if operation in ("getContentItems", "getContentByCategory"):
        return {"items": [_row(item) for item in data.get("data", ())]}
    if operation == "syncContent":
        return {
            "items": [_row(item) for item in data["items"]],
            "deleted": [[d["id"], d["deletedAt"]] for d in data["deleted"]],
            "stamp": data["syncTimestamp"],
            "has_more": data.get("hasMore", False),
        }
    facts: Facts = {"item": data.get("id"), "version": data.get("version"), "digest": digest(data)}
    if operation in ITEM_WRITES:
        facts |= {"at": data.get("updatedAt"), "platforms": data.get("platforms")}
    return facts


def _row(item: Mapping[str, Any]) -> list[Any]:
    return [item["id"], item["version"], item["updatedAt"], digest(item)]


def calls_of_socket(socket: RecordingSocket, name: str) -> Iterable[Call]:
    """The calls of a socket: its opening, every event, and its close if it was closed."""
    common: Facts = {"socket": name, "workspace": ""}
    yield _instant("socket.open", name, socket.sent_at, socket.opened_at, common)
    for message in list(socket.messages):
        if message.type == "content_updated":
            data = message.data
            facts = {
                "event": message.type,
                "item": data["contentId"],
                "version": data["version"],
                "action": data["action"],
                "at": data["updatedAt"],
            }
        elif message.type == "sync_required":
            facts = {"event": message.type, "stamp": message.data["lastSyncTimestamp"]}
        else:
            continue
        yield _instant("socket.event", name, message.at, message.at, {**common, **facts})
    if socket.closed_at:
        yield _instant("socket.close", name, socket.closed_at, socket.closed_at, common)


def _instant(operation: str, client: str, sent: int, done: int, facts: Facts) -> Call:
    return Call(
        client=client, operation=operation, due=sent, sent=sent, done=done, outcome=Outcome.OK, facts=facts
    )

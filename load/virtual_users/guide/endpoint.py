"""The guide's endpoint definitions: requests from hook arguments, and hook data from replies.

Parameters, their defaults and locations come from openapi.yaml; this file has only what the guide's `query` and
`transformResponse` functions do with names (S:83-380).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from contracts.spec import Spec
from load.virtual_users.guide.exchange import Ask, ClientReply, ClientRequest

BARE = frozenset({"archiveContent"})
"""Operations whose replies are not unwrapped: the only content hook without transformResponse (S:303)."""


def _without(*names: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda arg: {name: value for name, value in arg.items() if name not in names}


BODIES: Mapping[str, Callable[[Mapping[str, Any]], Any]] = MappingProxyType(
    {
        "createContentItem": _without(),  # S:202
        "updateContentItem": _without("id"),  # S:248-251
        "publishContent": lambda arg: arg.get("publishOptions") or {},  # S:292
        "archiveContent": lambda arg: (
            {"reason": arg["archiveReason"]} if arg.get("archiveReason") else {}
        ),  # S:307
        "bulkUpdateContent": lambda arg: {"operations": arg["operations"]},  # S:323
        "revertContentVersion": lambda arg: {  # S:370-373
            "versionId": arg["versionId"],
            "createBackup": arg.get("createBackup", True),
        },
    }
)


def is_mutation(spec: Spec, operation: str) -> bool:
    return spec[operation].method != "GET"


def request(spec: Spec, ask: Ask) -> ClientRequest:
    """The request of a hook's argument (`query(arg)`), with default values."""
    operation = spec[ask.operation]
    arg: dict[str, Any] = {**ask.arg, **(ask.arg.get("dateRange") or {})}  # S:142-145
    # Two hooks call the item `contentId` where the path says `id` (S:171, S:368).
    path = {
        p.name: str(arg.get(p.name) or arg["contentId"]) for p in operation.parameters if p.location == "path"
    }
    query = {
        p.name: value
        for p in operation.parameters
        if p.location == "query" and (value := arg.get(p.name, p.schema.get("default"))) not in (None, "")
    }
    build = BODIES.get(ask.operation)
    return ClientRequest(
        operation=ask.operation, path=path, query=query, body=build(ask.arg) if build else None
    )


def result(operation: str, reply: ClientReply) -> Any:
    """The data of a reply without its envelope (`transformResponse`)."""
    if operation in BARE or not isinstance(reply.body, Mapping):
        return reply.body
    return reply.body.get("data")


def path(spec: Spec, request: ClientRequest) -> str:
    """The path of a request, without prefix and query."""
    found = spec[request.operation].path
    for name, value in request.path.items():
        found = found.replace(f"{{{name}}}", quote(value, safe=""))
    return found

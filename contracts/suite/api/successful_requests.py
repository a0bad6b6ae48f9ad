"""For each operation the parts of a request that succeeds, with existing ids and in the state that it needs.

All checks that need a 2xx of every operation use it: the smoke test, the sweeps, Schemathesis' hooks, the coverage of 401s.
"""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.dialect.example_request import example_request
from contracts.dialect.values.value_forms import absent_value
from contracts.model.unpromised import UnpromisedError
from contracts.spec import Operation, Spec, canonical
from contracts.suite.api.answered_lists import EPOCH
from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import account
from contracts.suite.client.http_exchange import SAFE, HttpAnswer
from contracts.suite.contract_violation import Unchecked

Parts = dict[str, Any]
METRICS: Parts = {
    "metrics": [
        {"name": "api_request_duration", "value": 41.7, "timestamp": 1767225600123, "tags": {"url": "/x"}}
    ],
    "session": {
        "sessionId": "sess-1",
        "userAgent": "Mozilla/5.0",
        "platform": "web",
        "viewport": {"width": 1440, "height": 900},
        "connection": {"effectiveType": "4g", "downlink": 10, "rtt": 50, "saveData": False},
    },
}
# Every member, with another value than the default.
FULL = {
    "body": 'Grüße, สวัสดี, 𝄞 \\ "quoted" \u202eRTL',
    "tags": ["b", "a", "ä"],
    "platforms": ["ios", "web"],
    "metadata": {"audience": "everyone", "k": ""},
}
LARGEST: Parts = {
    "title": "字" * 200,
    "body": "a line of text, ä\n" * 5555 + "." * 10,
    "tags": [f"{number:02}" + "t" * 48 for number in range(20)],
    "platforms": ["android", "web", "ios"],
    "metadata": {f"{number:02}" + "k" * 48: "v" * 500 for number in range(20)},
}


def some_item(api: Api) -> str:
    """The id of an existing item: a new one if the target may be written to."""
    if api.has("write"):
        return str(api.create()["id"])
    items = api.page(limit=1).items
    if not items:
        raise Unchecked("the workspace has no item, and none may be made")
    return str(items[0]["id"])


def some_category(api: Api) -> str:
    tree = api.categories()
    if not tree:
        raise Unchecked("the workspace has no category")
    # A category with items, because some checks of the tree need one that stays empty.
    used = [node for node in tree if node["itemCount"]]
    return str((used or tree)[0]["id"])


def _revert(api: Api) -> Parts:
    item = api.create()
    return {"path": {"id": item["id"]}, "body": {"versionId": api.versions(item["id"])[0]["id"]}}


def _bulk(api: Api) -> Parts:
    operation = {"type": "update", "id": api.create()["id"], "version": 1, "data": {"title": api.word()}}
    return {"body": {"operations": [operation]}}


RECIPES: Mapping[str, Callable[[Api], Parts]] = {
    "getContentItems": lambda api: {},
    "getContentItem": lambda api: {"path": {"id": some_item(api)}},
    "getContentByCategory": lambda api: {"path": {"category": some_category(api)}},
    "getContentCategories": lambda api: {},
    "getContentVersions": lambda api: {"path": {"id": some_item(api)}},
    "syncContent": lambda api: {"query": {"lastSyncTimestamp": EPOCH}},
    "createContentItem": lambda api: {"body": {"title": api.word()}},
    "updateContentItem": lambda api: {
        "path": {"id": api.create()["id"]},
        "body": {"version": 1, "title": api.word()},
    },
    "publishContent": lambda api: {"path": {"id": api.create()["id"]}, "body": {}},
    "archiveContent": lambda api: {"path": {"id": api.create()["id"]}, "body": {}},
    "bulkUpdateContent": _bulk,
    "revertContentVersion": _revert,
    "login": lambda api: {"body": account(api)},
    "refreshTokens": lambda api: {"token": api.accounts.login("owner").refresh},
    "logout": lambda api: {"token": api.accounts.login("owner").access},
    "verifyToken": lambda api: {},
    "ingestMetrics": lambda api: {"body": METRICS},
}


ON_NEW_ITEMS = frozenset(
    {"updateContentItem", "publishContent", "archiveContent", "bulkUpdateContent", "revertContentVersion"}
)
"""Operations whose request is about an item that is made for it."""


def nowhere(api: Api, operation: Operation) -> Parts:
    """The parts of a request about an unknown item, for checks in which the token is refused first. Its id has the form of ids: routers know
    no path with another one, and answer 404 to it before they look for a token."""
    spec = api.target.spec
    named = [parameter for parameter in operation.parameters if parameter.location == "path"]
    path = {parameter.name: absent_value(spec, parameter.schema, "nowhere") for parameter in named}
    return {"path": path, **({"body": {}} if operation.body else {})}


def may_end_session(spec: Spec, operation: str) -> bool:
    """Whether a success of the operation may end or rotate its session, so that it needs one of its own: a logout, a refresh, or what only the
    target's document has, and no law knows (a logout at a path of its own; what needs a permission is none)."""
    if operation in canonical().operations:
        return operation in ("logout", "refreshTokens")
    return spec[operation].method not in SAFE and spec[operation].permission is None


def takes_json(operation: Operation) -> bool:
    return operation.body is not None and "application/json" in operation.body.media_types


def parts(api: Api, operation: str) -> Parts:
    """The parts of a request that succeeds now."""
    recipe = RECIPES.get(operation)
    return _example(api, operation) if recipe is None else recipe(api)


def _example(api: Api, operation: str) -> Parts:
    """The parts from the examples of an operation that no law covers. It may write, so an item in its path is a new one."""
    asked = example_request(api.target.spec, api.spec[operation])
    path = {**asked.path, "id": api.create()["id"]} if asked.of_item and api.has("write") else asked.path
    found: Parts = {"path": path, "query": dict(asked.query), "headers": dict(asked.headers)}
    if may_end_session(api.target.spec, operation):
        found["token"] = api.accounts.login("owner").access
    return found if asked.body is None else found | {"body": asked.body}


def reach(api: Api, operation: str) -> HttpAnswer:
    """The successful answer of an operation. Raises Unchecked if the account may not do it, and UnpromisedError if the answer is not a
    success and no law covers the operation."""
    if lacked := _lacked_permissions(api, operation):
        raise Unchecked(f"the account may not: its login tells no permission {', '.join(lacked)}")
    answer = api.call(operation, **parts(api, operation))
    if operation not in RECIPES and answer.status < 500 and answer.status != api.success(operation):
        raise UnpromisedError(
            f"no law knows whether {answer.summary()} is right for the example of {operation}"
        )
    return answer


def _lacked_permissions(api: Api, operation: str) -> list[str]:
    """The permissions of ours that the request of `parts` needs and the account lacks, as far as a login tells."""
    stated, known = api.accounts.stated_permissions("owner"), canonical().operations.get(operation)
    needed = {known.permission} if known is not None and known.permission else set()
    if operation in ON_NEW_ITEMS:
        needed.add("content:write")
    return [] if stated is None else sorted(needed - stated)

"""Checks of permissions: each operation needs its own, a refusal names the missing one, and a refused write changes nothing."""

from typing import Any

from contracts.suite.api.absent_ids import absent_id
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import RECIPES, parts
from contracts.suite.contract_violation import equal, expect
from contracts.suite.plugin.registry import family

check = family("auth")


@check("permissions.matrix", "R23", needs=("write", "viewer"), requires=["permissions"])
def matrix(api: Api) -> None:
    """An operation succeeds exactly for accounts that hold its permission; else 403 FORBIDDEN."""
    for role in ("owner", *(role for role in ("editor", "viewer", "ingest") if api.has(role))):
        actor = api.as_(role)
        held = actor.session.permissions
        for operation in api.spec.values():
            if api.permission(operation) is None:
                continue
            answer = actor.call(operation.id, **parts(api, operation.id))
            if operation.id not in RECIPES and api.permission(operation) in held:
                expect(
                    answer.status not in (401, 403),
                    f"{operation.id} open to {role}",
                    answer.summary(),
                    answer,
                )
            elif api.permission(operation) in held:
                equal(answer.status, api.success(operation.id), f"status of {operation.id} as {role}", answer)
            else:
                answer.must(403, "FORBIDDEN", why=f"{operation.id} as {role}")


@check("permissions.challenge", "R23, RFC 6750", needs=("write", "viewer"), requires=["permissions"])
def challenge(api: Api) -> None:
    """403 names the missing permission in WWW-Authenticate: insufficient_scope."""
    viewer = api.as_("viewer")
    for operation in api.spec.values():
        if api.permission(operation) and api.permission(operation) not in viewer.session.permissions:
            answer = viewer.call(operation.id, **parts(api, operation.id)).must(403, "FORBIDDEN")
            challenge = answer.headers.get("www-authenticate", "")
            expect(
                'error="insufficient_scope"' in challenge,
                'WWW-Authenticate with error="insufficient_scope"',
                challenge,
                answer,
            )
            if "scope=" in challenge.replace("insufficient_scope", ""):
                expect(
                    f'scope="{api.permission(operation)}"' in challenge,
                    f'scope="{api.permission(operation)}"',
                    challenge,
                    answer,
                )


@check(
    "permissions.before-existence",
    "R17, openapi",
    needs=("viewer",),
    requires=["permissions", "order of judgement"],
)
def before_existence(api: Api) -> None:
    """A missing permission is refused before a missing item, a wrong body or a wrong media type."""
    viewer = api.as_("viewer")
    for operation in api.spec.values():
        if api.permission(operation) and api.permission(operation) not in viewer.session.permissions:
            made: dict[str, Any] = {"path": {"id": absent_id(api.target.spec, api.word())}, "body": {"?": 1}}
            viewer.call(operation.id, **made).must(403, "FORBIDDEN", why=operation.id)
            made["headers"] = {"Content-Type": "text/plain"}
            viewer.call(operation.id, **made).must(403, "FORBIDDEN", why=operation.id)


@check("permissions.refused-inert", "R23", needs=("write", "viewer", "editor"))
def refused_inert(api: Api) -> None:
    """A write without its permission changes nothing."""
    item = api.create()
    word = api.word()
    path = {"id": item["id"]}
    viewer, editor = api.as_("viewer"), api.as_("editor")
    viewer.call("createContentItem", body={"title": word}).must(403)
    viewer.call("updateContentItem", path=path, body={"version": 1, "title": word}).must(403)
    viewer.call("bulkUpdateContent", body={"operations": [{"type": "archive", "id": item["id"]}]}).must(403)
    viewer.call(
        "revertContentVersion", path=path, body={"versionId": api.versions(item["id"])[0]["id"]}
    ).must(403)
    for actor in (viewer, editor):
        actor.call("publishContent", path=path, body={}).must(403)
        actor.call("archiveContent", path=path, body={}).must(403)
    equal(api.get(item["id"]), item, "the item after refused writes")
    equal(api.page(search=word).ids, [], "items with the refused title")


@check(
    "permissions.told-at-login", "S:785-791", operations=["login"], needs=("editor", "viewer"), requires=["permissions"]
)  # fmt: skip
def permissions_of_login(api: Api) -> None:
    """The permissions in the answer to a login are those that the operations accept."""
    wanted = {
        "owner": {"content:read", "content:write", "content:publish", "content:archive"},
        "viewer": {"content:read"},
    }
    for role, least in wanted.items():
        held = set(api.as_(role).session.permissions)
        expect(least <= held, f"permissions of the {role} with {sorted(least)}", sorted(held))
    expect(
        "content:publish" not in api.as_("editor").session.permissions,
        "an editor without content:publish",
        "with it",
    )
    expect(
        "content:write" not in api.as_("viewer").session.permissions,
        "a viewer without content:write",
        "with it",
    )

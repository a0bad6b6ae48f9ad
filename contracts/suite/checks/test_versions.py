"""Checks of the version history: versions are numbered without gaps and never change, and a revert makes a new version."""

from contracts.dialect.fitted_request import without_refused
from contracts.model.workspace import CONTENT
from contracts.suite.api.answered_lists import Item, later
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import some_category
from contracts.suite.contract_violation import equal, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics")

LONGEST_ID = 64
"""The most characters of an id that the document allows; a longer one is 400."""


def _content(item: Item) -> dict[str, object]:
    return {name: item[name] for name in CONTENT}


def _grown(api: Api, count: int) -> list[Item]:
    """A new item with several versions: all its states, oldest first."""
    dialect = api.target.dialect
    made = {"body": "1", "tags": ["a"], "metadata": {"n": "1"}, "category": some_category(api)}
    states = [api.create(**without_refused(dialect, "createContentItem", made))]
    for number in range(2, count + 1):
        changes = {"body": str(number), "tags": [str(number)], "category": None}
        states.append(api.update(states[-1], **without_refused(dialect, "updateContentItem", changes)))
    return states


@check("versions.newest-first", "S:170-180", operations=["getContentVersions"])
def newest_first(api: Api) -> None:
    """Versions are n, n-1, ..., 1 without gap, newest first; the first is the item's."""
    states = _grown(api, 5)
    found = api.versions(states[0]["id"], limit=100)
    equal([v["version"] for v in found], [5, 4, 3, 2, 1], "versions")
    equal(found[0]["version"], api.get(states[0]["id"])["version"], "the first version")
    equal(len({v["id"] for v in found}), 5, "number of different version ids")


@check("versions.limit", "F13, openapi", operations=["getContentVersions"])
def limit(api: Api) -> None:
    """limit is the number of newest versions shown: 1 to 100, by default 10."""
    id = _grown(api, 12)[0]["id"]
    for asked, count in ((1, 1), (2, 2), (11, 11), (12, 12), (100, 12), (None, 10)):
        found = [v["version"] for v in api.versions(id, asked)]
        equal(found, list(range(12, 12 - count, -1)), f"versions with limit {asked}")
    for wrong in (0, 101, -1):
        api.call("getContentVersions", path={"id": id}, query={"limit": wrong}).must(
            400, why=f"limit {wrong}"
        )


@check("versions.snapshots", "openapi, S:112-121", operations=["getContentVersions", "getContentItem"])
def snapshots(api: Api) -> None:
    """Each snapshot is the item as it was at that version, and equals the read with ?version=."""
    states = _grown(api, 4)
    id = states[0]["id"]
    for entry in api.versions(id):
        wanted = states[entry["version"] - 1]
        equal(entry["snapshot"], wanted, f"snapshot of version {entry['version']}")
        equal(api.get(id, entry["version"]), wanted, f"the item read at version {entry['version']}")
        equal(entry["contentId"], id, "contentId")
        equal(entry["createdAt"], wanted["updatedAt"], "createdAt of a version")
        equal(entry["createdBy"], wanted["updatedBy"], "createdBy of a version")


@check(
    "versions.immutable",
    "openapi",
    operations=["getContentItem", "getContentVersions"],
    needs=("write", "publish"),
)
def immutable(api: Api) -> None:
    """An old version never changes, whatever happens to the item later."""
    first = api.create(body="first", tags=["t"], metadata={"a": "1"})
    id = first["id"]
    second = api.update(first, body="second", metadata={"b": "2"})
    published = api.publish(id, platforms=["ios"])
    api.update(published, title=api.word())
    api.archive(id)
    api.revert(id, api.versions(id)[-1]["id"])
    for state in (first, second, published):
        equal(api.get(id, state["version"]), state, f"version {state['version']} read later")


@check("versions.change-types", "openapi", operations=["getContentVersions"], needs=("write", "publish"))
def change_types(api: Api) -> None:
    """changeType names what made each version."""
    item = api.create()
    item = api.update(item, body="x")
    api.publish(item["id"])
    api.archive(item["id"])
    api.revert(item["id"], api.versions(item["id"])[-1]["id"])
    kinds = [v["changeType"] for v in api.versions(item["id"])]
    equal(kinds, ["reverted", "archived", "published", "updated", "created"], "changeType of the versions")


@check("versions.authors", "openapi", operations=["getContentVersions"], needs=("write", "editor"))
def authors(api: Api) -> None:
    """Each version names its author; the item names its creator and its last author."""
    editor = api.as_("editor")
    item = api.create()
    item = editor.update(item, body="by the editor")
    equal(item["createdBy"], api.session.user, "createdBy after another's update")
    equal(item["updatedBy"], editor.session.user, "updatedBy after another's update")
    makers = [v["createdBy"] for v in api.versions(item["id"])]
    equal(makers, [editor.session.user, api.session.user], "createdBy of the versions, newest first")


@check("versions.unknown", "R27", operations=["getContentItem"])
def unknown(api: Api) -> None:
    """A version number that the item never had is 404 VERSION_NOT_FOUND; any other text is 400."""
    path = {"id": api.create()["id"]}
    for number in ("2", "9999999999", "2147483648"):
        api.call("getContentItem", path=path, query={"version": number}).must(404, "VERSION_NOT_FOUND")
    # How numbers are written in a query (`01`, a blank behind one) is a rule of our document; that `latest` is none is every one's.
    others = ("0", "01", "-1", "1.0", "12345678901", "", "1\n") if api.promises("query rules") else ()
    for text in ("latest", *others):
        with if_promised():
            api.call("getContentItem", path=path, query={"version": text}).must(400, why=f"version={text!r}")


@check("versions.etag-of-version", "openapi", operations=["getContentItem"])
def etag_of_version(api: Api) -> None:
    """An old version is sent with its own ETag."""
    id = _grown(api, 3)[0]["id"]
    for number in (1, 2, 3):
        answer = api.call("getContentItem", path={"id": id}, query={"version": number}).must(200)
        equal(answer.headers.get("etag"), f'"v{number}"', f"ETag of version {number}", answer)


@check("revert.content", "S:365-380, R28", operations=["revertContentVersion"])
def revert_content(api: Api) -> None:
    """Revert makes one new version with the target's content; everything else is of the present."""
    states = _grown(api, 4)
    id = states[0]["id"]
    ids = {v["version"]: v["id"] for v in api.versions(id)}
    version = 4
    for target in (2, 1, 3):
        version += 1
        answer = api.call("revertContentVersion", path={"id": id}, body={"versionId": ids[target]}).must(200)
        equal(
            _content(answer.data), _content(states[target - 1]), f"content after a revert to {target}", answer
        )
        equal(answer.data["version"], version, "version after a revert", answer)
        equal(answer.headers.get("etag"), f'"v{version}"', "ETag after a revert", answer)
        later(api, answer.data, states[-1], answer)
        equal(api.get(id), answer.data, "the item read after a revert")


@check("revert.keeps-history", "R28, openapi", operations=["revertContentVersion", "getContentVersions"])
def keeps_history(api: Api) -> None:
    """Revert rewrites nothing: all versions before it stay as they were."""
    id = _grown(api, 3)[0]["id"]
    before = api.versions(id)
    api.revert(id, before[-1]["id"], createBackup=False)
    equal(api.versions(id)[1:], before, "the versions before the revert")


@check("revert.to-present", "openapi", operations=["revertContentVersion"], requires=["unchanged content"])
def to_present(api: Api) -> None:
    """A revert to the present version is a new version all the same."""
    item = _grown(api, 2)[-1]
    after = api.revert(item["id"], api.versions(item["id"])[0]["id"])
    equal(_content(after), _content(item), "content after a revert to the present version")
    equal(after["version"], 3, "version after a revert to the present version")


@check("revert.backup", "S:365-380, R28", operations=["revertContentVersion"])
def backup(api: Api) -> None:
    """createBackup, by default true, marks the replaced version and no other."""
    id = _grown(api, 3)[0]["id"]
    target, other = (v["id"] for v in api.versions(id)[:0:-1])
    equal([v["backup"] for v in api.versions(id)], [False] * 3, "backup before any revert")
    api.revert(id, target)
    equal(
        [v["backup"] for v in api.versions(id)],
        [False, True, False, False],
        "backup after a revert without the option",
    )
    api.revert(id, other, createBackup=False)
    wanted = [False, False, True, False, False]
    equal([v["backup"] for v in api.versions(id)], wanted, "backup after a revert with createBackup: false")
    api.revert(id, target, createBackup=True)
    wanted = [False, True, False, True, False, False]
    equal([v["backup"] for v in api.versions(id)], wanted, "backup after a revert with createBackup: true")


@check(
    "revert.recovers",
    "R21, S:365-380",
    operations=["revertContentVersion"],
    needs=("write", "publish"),
    requires=["status of a revert"],
)
def recovers(api: Api) -> None:
    """Revert of an archived item makes it a draft that lists show again."""
    word = api.word()
    item = api.publish(api.create(title=word)["id"])
    api.archive(item["id"])
    after = api.revert(item["id"], api.versions(item["id"])[1]["id"])
    equal(after["status"], "draft", "status after the recovery")
    equal(after["version"], 4, "version after the recovery")
    equal(api.page(search=word).items, [after], "the list after the recovery")


@check(
    "revert.keeps-status",
    "openapi",
    operations=["revertContentVersion"],
    needs=("write", "publish"),
    requires=["status of a revert"],
)
def keeps_status(api: Api) -> None:
    """Revert of an item that is not archived keeps its status, whatever the target's was."""
    item = api.publish(api.create()["id"])
    after = api.revert(item["id"], api.versions(item["id"])[-1]["id"])
    equal(after["status"], "published", "status after a revert to a draft's version")
    equal(after["publishedAt"], item["publishedAt"], "publishedAt after a revert")
    draft = _grown(api, 2)[-1]
    equal(
        api.revert(draft["id"], api.versions(draft["id"])[-1]["id"])["status"],
        "draft",
        "status of a draft reverted",
    )


@check("revert.foreign-version", "openapi", operations=["revertContentVersion"])
def foreign(api: Api) -> None:
    """A version of another item, or none at all, is 404 VERSION_NOT_FOUND and changes nothing, however large the number in its id."""
    mine, other = api.create(), api.create()
    # A number in the id may be read into 64 bits, and `1` is malformed where ids are UUIDs.
    beyond = f"{api.versions(mine['id'])[0]['id'][: LONGEST_ID - 20]}{'9' * 20}"
    for version in (api.versions(other["id"])[0]["id"], f"none-{api.word()}", "1", beyond):
        with if_promised():
            body = {"versionId": version}
            api.call("revertContentVersion", path={"id": mine["id"]}, body=body).must(
                404, "VERSION_NOT_FOUND"
            )
    equal(api.get(mine["id"]), mine, "the item after refused reverts")
    equal(len(api.versions(mine["id"])), 1, "number of its versions")

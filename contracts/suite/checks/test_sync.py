"""Checks of sync: chained windows lose and repeat nothing, show deletions if requested, and filter by platform."""

from concurrent.futures import ThreadPoolExecutor

from contracts.suite.api.answered_lists import (
    EPOCH,
    MOST,
    Item,
    SyncWindow,
    at_offset,
    must_tell_apart,
    newest_of_all,
    promised,
    shifted,
    tells_apart,
)
from contracts.suite.api.api import ALL_PLATFORMS, Api
from contracts.suite.api.successful_requests import FULL
from contracts.suite.contract_violation import Unchecked, equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics", operations=["syncContent"])

MOST_OF_A_WINDOW = 1000
CLIENTS = 8


def _ids(windows: list[SyncWindow]) -> list[str]:
    return [item["id"] for window in windows for item in window.items]


@check("sync.shows-changes", "S:182-195, R30")
def shows_changes(api: Api) -> None:
    """Each changed item is in the window once, with its state after the last change."""
    before = api.create()
    since = api.now()
    made = [api.create(**FULL) for _ in range(4)]
    made.append(api.update(before, title=api.word()))
    made[1] = api.update(made[1], title=api.word())
    made[0] = api.update(api.update(made[0], title=api.word()), title=api.word())
    windows = api.sync_all(since)
    shown = {item["id"]: item for window in windows for item in window.items}
    for item in made:
        equal(shown.get(item["id"]), item, "the item in sync", windows[0].answer)
    times = [_ids(windows).count(item["id"]) for item in (before, *made)]
    equal(times, [1] * len(times), "how often each changed item is in the windows", windows[0].answer)


@check("sync.order", "openapi", requires=["sync order"])
def order(api: Api) -> None:
    """Entries come in ascending order of stamps, each within the window."""
    since = api.now()
    items = [api.create() for _ in range(3)]
    api.update(items[0], title=api.word())
    for window in api.sync_all(since):
        stamps = [item["updatedAt"] for item in window.items]
        equal(stamps, sorted(stamps), "stamps of the items", window.answer)
        for stamp in stamps:
            expect(since < stamp <= window.stamp, f"{since} < stamp <= {window.stamp}", stamp, window.answer)


@check("sync.border", "R30, openapi")
def border(api: Api) -> None:
    """A stamp used as lastSyncTimestamp excludes exactly the change that has it."""
    items = [api.create() for _ in range(4)]
    for number, item in enumerate(items):
        found = _ids(api.sync_all(item["updatedAt"]))
        wanted = [i["id"] for i in items[number + 1 :]]
        again = [] if tells_apart(api, item["updatedAt"]) else [i["id"] for i in items[: number + 1]]
        equal(
            [i for i in found if i in {x["id"] for x in items} - {*again}],
            wanted,
            f"items after the stamp of number {number}",
        )
        found = _ids(api.sync_all(shifted(item["updatedAt"], -1)))
        expect(
            item["id"] in found,
            "the item in the window that opens one microsecond before its change",
            "it is not",
        )


@check("sync.chain", "R30, openapi")
def chain(api: Api) -> None:
    """Chained windows, each from the last stamp, show every change and none twice."""
    stamp = api.now()
    expected, seen = [], []
    item = api.create()
    expected.append((item["id"], 1))
    for step in range(6):
        window = api.sync_all(stamp)
        seen += [(i["id"], i["version"]) for w in window for i in w.items]
        stamp = window[-1].stamp
        if step % 2:
            item = api.create()
        else:
            item = api.update(item, title=api.word())
        expected.append((item["id"], item["version"]))
    seen += [(i["id"], i["version"]) for w in api.sync_all(stamp) for i in w.items]
    mine = {id for id, _ in expected}
    seen = [entry for entry in seen if entry[0] in mine]
    seen = seen if tells_apart(api, item["updatedAt"]) else list(dict.fromkeys(seen))
    equal(seen, expected, "changes seen by a chain of windows")


def _is_shown(item: Item) -> bool:
    """Whether a window for all platforms that we know shows an item."""
    platforms = promised(item["platforms"], [])
    return not platforms or any(name in ALL_PLATFORMS for name in platforms)


@check("sync.full-state", "openapi", needs=())
def full_state(api: Api) -> None:
    """A chain from the beginning shows exactly the workspace's items, and the archived as deleted; of many items, the newest."""

    def look() -> tuple[list[SyncWindow], list[Item], list[Item]]:
        lists = api.walk(first=MOST), api.walk(status="archived", first=MOST)
        since, (listed, archived) = newest_of_all(*lists)
        return api.sync_all(since or EPOCH), listed, archived

    windows, listed, archived = api.quiet(look)
    # Whether a list shows archived items is another law; and no window shows an item for a platform that only the target knows.
    living = {item["id"]: item for item in listed if item["status"] != "archived" and _is_shown(item)}
    shown = {item["id"]: item for window in windows for item in window.items}
    expect(
        shown == living,
        f"all {len(living)} items as they are",
        f"{len(shown)}; different: {list({*shown} ^ {*living})[:3]}",
        windows[0].answer,
    )
    deleted = {entry["id"]: entry["deletedAt"] for window in windows for entry in window.deleted}
    equal(
        deleted,
        {item["id"]: item["updatedAt"] for item in archived if _is_shown(item)},
        "archived items as deleted",
        windows[0].answer,
    )


@check("sync.nothing-new", "openapi", needs=())
def nothing_new(api: Api) -> None:
    """Without a change the window is empty, also when asked again from its own stamp."""

    def look() -> tuple[SyncWindow, SyncWindow]:
        first = api.sync(api.now())
        return first, api.sync(first.stamp)

    for window in api.quiet(look):
        must_tell_apart(api, window.stamp)
        equal((window.items, window.deleted, window.more), ([], [], False), "an empty window", window.answer)


@check("sync.future", "openapi", needs=(), requires=["sync from the future"])
def future(api: Api) -> None:
    """From a stamp in the future the window is empty and ends at the server's present stamp."""
    window = api.sync("9999-12-31T23:59:59Z")
    equal(
        (window.items, window.deleted, window.more),
        ([], [], False),
        "a window from the future",
        window.answer,
    )
    expect(window.stamp < "9999-12-31", "the server's present stamp", window.stamp, window.answer)


@check("sync.deleted", "openapi", needs=("write", "publish"))
def deleted(api: Api) -> None:
    """An archived item is in deleted with the stamp of its archiving, once, and not in items."""
    item = api.create()
    since = api.now()
    api.archive(item["id"])
    at = api.get(item["id"])["updatedAt"]
    window = api.sync(since)
    equal(
        [d for d in window.deleted if d["id"] == item["id"]],
        [{"id": item["id"], "deletedAt": at}],
        "its entry in deleted",
        window.answer,
    )
    expect(item["id"] not in _ids([window]), "the item not in items", "it is there", window.answer)
    stamps = [entry["deletedAt"] for entry in window.deleted]
    equal(stamps, sorted(stamps), "stamps in deleted", window.answer)
    if tells_apart(api, at):
        equal(api.sync(at).deleted, [], "deleted after the archiving's own stamp")


@check("sync.deleted-only-when-asked", "F13", needs=("write", "publish"))
def deleted_asked(api: Api) -> None:
    """Without includeDeleted archived items are in neither list; the default is false."""
    item = api.create()
    since = api.now()
    api.archive(item["id"])
    for asked in (False, None):
        for window in api.sync_all(since, deleted=asked):
            equal(window.deleted, [], f"deleted with includeDeleted {asked}", window.answer)
            expect(item["id"] not in _ids([window]), "an archived item nowhere", "in items", window.answer)


@check("sync.recovered", "R21, openapi", needs=("write", "publish"), requires=["status of a revert"])
def recovered(api: Api) -> None:
    """A recovered item comes back in items and leaves deleted."""
    since = api.now()
    item = api.create()
    api.archive(item["id"])
    after = api.revert(item["id"], api.versions(item["id"])[-1]["id"])
    window = api.sync(since)
    equal([i for i in window.items if i["id"] == item["id"]], [after], "its entry in items", window.answer)
    expect(item["id"] not in [d["id"] for d in window.deleted], "no entry in deleted", "one", window.answer)


@check("sync.platforms", "F13, openapi", needs=("write", "publish"), requires=["platforms"])
def platforms(api: Api) -> None:
    """Only items for one of the requested platforms, or without platforms, are shown; the default is web."""
    since = api.now()
    sets: tuple[list[str], ...] = (["web"], ["ios"], ["android"], ["ios", "web"], [], ALL_PLATFORMS)
    made = {api.create(platforms=chosen)["id"]: chosen for chosen in sets}
    for asked in (["web"], ["ios"], ["android"], ["web", "ios"], ["android", "web"], ALL_PLATFORMS, None):
        wanted = [id for id, chosen in made.items() if not chosen or set(chosen) & set(asked or ["web"])]
        windows = api.sync_all(since, platforms=asked)
        equal(
            [i for i in _ids(windows) if i in made], wanted, f"items for platforms {asked}", windows[0].answer
        )
    for id in made:
        api.archive(id)
    for asked in (["ios"], None):
        wanted = [id for id, chosen in made.items() if not chosen or set(chosen) & set(asked or ["web"])]
        windows = api.sync_all(since, platforms=asked)
        found = [d["id"] for window in windows for d in window.deleted if d["id"] in made]
        if not api.promises("platforms of deletions"):
            # A deletion of what a client never had is nothing to it; one that it misses is.
            found = [id for id in found if id in wanted]
        equal(found, wanted, f"deleted for platforms {asked}", windows[0].answer)


@check("sync.parameters", "openapi", needs=())
def parameters(api: Api) -> None:
    """lastSyncTimestamp is required and RFC 3339; platforms are 1 to 3 different known names."""
    api.call("syncContent", query={}).must(400, why="no lastSyncTimestamp")
    # How a text that is nearly a stamp is read, a document says in words or not at all.
    nearly = ("", "0", "1767225600000", "2026-01-01", "2026-01-01T00:00:00")
    for stamp in (
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        *(nearly if api.promises("query rules") else ()),
    ):
        api.call("syncContent", query={"lastSyncTimestamp": stamp}).must(400, why=stamp)
    for value in ("", "web,web", "web,", "tv", "web;ios", "Web", "web,ios,android,tv"):
        query = {"lastSyncTimestamp": EPOCH, "platforms": value}
        with if_promised():
            api.call("syncContent", query=query).must(400, why=f"platforms={value!r}")
    for value in ("1", "yes", "TRUE", "", "null") if api.promises("query rules") else ("null",):
        query = {"lastSyncTimestamp": EPOCH, "includeDeleted": value}
        api.call("syncContent", query=query).must(400, why=f"includeDeleted={value!r}")


@check("sync.instants", "RFC 3339 5.6, openapi")
def instants(api: Api) -> None:
    """A stamp in a request may have any offset and fraction, lower-case t and z, and second 60."""
    first, second = api.create(), api.create()
    stamp = first["updatedAt"]
    ours = (first["id"], second["id"])
    longer = [stamp.replace("Z", "999Z")] if api.promises("cut fractions") else []
    for text in (at_offset(stamp, 14), at_offset(stamp, -9.5), stamp.lower(), *longer):
        found = [i for i in _ids(api.sync_all(text)) if i in ours]
        found = found if tells_apart(api, stamp) else [i for i in found if i != first["id"]]
        equal(found, [second["id"]], f"items since {text}")
    if api.promises("leap seconds"):
        api.sync("2016-12-31T23:59:60Z")


def _create_many(api: Api) -> None:
    """Create items over several connections."""

    def create(client: Api) -> None:
        for _ in range(1 + MOST_OF_A_WINDOW // CLIENTS):
            client.create(title="many")
        client.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(create, [api.on_own_connection() for _ in range(CLIENTS)]))


@check("sync.has-more", "openapi", marks=("slow",), requires=["sync pages"])
def has_more(api: Api) -> None:
    """One answer holds at most 1000 entries; with hasMore its stamp is that of the last, and more do follow."""
    if not api.target.local:
        windows = api.sync_all(EPOCH, cut=True)
        if sum(len(window.items) + len(window.deleted) for window in windows) <= MOST_OF_A_WINDOW:
            raise Unchecked("the workspace has no 1001 items, and so many are made on this machine only")
    else:
        since = api.now()
        _create_many(api)
        windows = api.sync_all(since)
    # Who changes an item meanwhile moves it behind the windows that were read, with a later stamp.
    seen = [(item["id"], item["updatedAt"]) for window in windows for item in window.items]
    equal(len(seen), len(set(seen)), "number of different items")
    for window in windows:
        count = len(window.items) + len(window.deleted)
        expect(count <= 1000, "at most 1000 entries", f"{count}", window.answer)
        if window.more:
            stamps = [i["updatedAt"] for i in window.items] + [d["deletedAt"] for d in window.deleted]
            expect(bool(stamps), "entries in a window with hasMore", "none", window.answer)
            equal(window.stamp, max(stamps), "syncTimestamp of a window with hasMore", window.answer)
    expect(len(windows) > 1, "hasMore for more than 1000 changes", "one window", windows[0].answer)
    # Deleted ones are asked for and no platform is left out, so whatever others do an announced entry stays one.
    for window in windows[1:]:
        expect(
            bool(window.items or window.deleted), "entries after a window with hasMore", "none", window.answer
        )

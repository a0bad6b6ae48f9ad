"""Checks of caches between client and server: a cached answer is not given to another reader, and is not used after a write.

A check that requests a URL as a stranger first proves little behind a cache, because the cache has nothing yet that could leak. So here the
owner reads first. The same URL is then requested by somebody who may not read it, after a change, or with another header on which the
answer depends.
"""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from contracts.model.unpromised import UnpromisedError, flat
from contracts.run.failure_groups import KEPT_ANSWER
from contracts.suite.api.answered_lists import Item
from contracts.suite.api.api import ALL_PLATFORMS, Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked, equal, expect
from contracts.suite.plugin.registry import family

check = family("auth")
NEEDS = ("write", "stranger")
VERIFY = "/auth/verify"
STORE_FIELDS = ("Cache-Control", "Age", "Via", "X-Cache")
"""Fields that tell who may keep an answer, and who has."""


def _get(api: Api, path: str, **headers: str) -> HttpAnswer:
    return api.raw("GET", path, headers=api.bearer(**headers))


def _category(api: Api) -> str:
    """One of the target's categories. Raises Unchecked if it has none."""
    for node in flat(api.categories()):
        return str(node["id"])
    raise Unchecked("the target has no category, so no item can be put into one")


class _Urls:
    """The URL of each read that shows one item."""

    def __init__(self, item: Item, category: str, since: str) -> None:
        self.item = f"/content/items/{item['id']}"
        self.first_version = f"{self.item}?version=1"
        self.versions = f"{self.item}/versions?limit=100"
        self.list = f"/content/items?search={item['title']}"
        self.category = f"/content/categories/{category}/items?status=draft&limit=100"
        self.tree = "/content/categories?includeEmpty=true"
        self.sync = f"/content/sync?lastSyncTimestamp={quote(since)}&includeDeleted=true&platforms={'%2C'.join(ALL_PLATFORMS)}"

    @property
    def all(self) -> tuple[str, ...]:
        return (*vars(self).values(), VERIFY)


def _takes(api: Api, operation: str, **query: object) -> bool:
    """Whether the target's document has the operation and these parameters; a URL without them asks for something else."""
    try:
        api.target.build(operation, "", query=query)
    except UnpromisedError:
        return False
    return True


def _made(api: Api, *others: Api) -> tuple[Item, _Urls]:
    """A new item in a category, and its URLs. The other accounts log in before, because a login may empty a cache."""
    assert all(other.session for other in others)
    since, category = api.now(), _category(api)
    item = api.create(category=category, platforms=ALL_PLATFORMS)
    return item, _Urls(item, category, since)


@check("caches.owner-first", "RFC 9111 3.5, R22, OWASP API1", needs=NEEDS)
def owner_first(api: Api) -> None:
    """An answer that an account has just read is not given to an account of another workspace at the same URL."""
    stranger = api.as_("stranger")
    item, urls = _made(api, stranger)
    session = _get(api, VERIFY).must(200).member("sessionId")
    for url in urls.all:
        _get(api, url).must(200)
    for url in (urls.item, urls.first_version, urls.versions):
        _get(stranger, url).must(404, "CONTENT_NOT_FOUND", why="the owner had read it just before")
    for url in (urls.list, urls.category, urls.sync):
        answer = _get(stranger, url)
        expect(
            item["id"].encode() not in answer.exchange.body,
            f"nothing of another workspace's item in {url.partition('?')[0]}, which its owner had read just before",
            "the item's id in the answer",
            answer,
        )
    claims = _get(stranger, VERIFY).must(200)
    expect(
        claims.member("sessionId") != session,
        "the caller's own session",
        "the session of the reader before",
        claims,
    )
    _fresh_tree(stranger, urls.tree, "a stranger's tree of categories at the URL that the owner had read")


@check("caches.signed-out", "RFC 9111 3.5, OWASP API2", needs=("write",))
def signed_out(api: Api) -> None:
    """A URL that an account has just read is 401 without a token."""
    _, urls = _made(api)
    for url in urls.all:
        _get(api, url).must(200)
        api.raw("GET", url).must(401, "TOKEN_MISSING", why="an account had read it just before")


@check("caches.after-logout", "RFC 9111 4, R7", needs=("write",))
def after_logout(api: Api) -> None:
    """A URL that a session has just read is 401 for its token as soon as the session has ended."""
    session = api.fresh()
    _, urls = _made(api)
    for url in urls.all:
        _get(session, url).must(200)
    session.call("logout").must(200)
    for url in urls.all:
        _get(session, url).must(401, why="its session had ended")


@check("caches.missing-then-there", "RFC 9111 4.4, openapi", operations=["getContentItem"])
def missing_then_there(api: Api) -> None:
    """A version that was missing when it was requested is found as soon as it is made."""
    item = api.create()
    url = f"/content/items/{item['id']}?version=2"
    _get(api, url).must(404, "VERSION_NOT_FOUND")
    made = api.update(item, title=api.word())
    equal(_get(api, url).must(200).data, made, "version 2, which was missing before")


@check("caches.fresh-after-writes", "RFC 9111 4.4, openapi", needs=("write", "publish"))
def fresh_after_writes(api: Api) -> None:
    """After each kind of write every read of the item shows its new state, at a URL that was read just before and for the tag that it had."""
    item, urls = _made(api)
    id = item["id"]
    _seen(api, urls, item)
    writes: tuple[Callable[[Item], object], ...] = (
        lambda now: api.update(now, body=api.word()),
        lambda now: api.publish(id),
        lambda now: api.bulk(
            {"type": "update", "id": id, "version": now["version"], "data": {"body": api.word()}}
        ),
        lambda now: api.archive(id),
        lambda now: api.revert(id, _get(api, urls.versions).must(200).data[-1]["id"]),
    )
    for number, write in enumerate(writes, 2):
        before = [(url, _get(api, url)) for url in (urls.item, urls.versions, urls.list, urls.sync)]
        write(item)
        for url, answer in before:
            _not_stored(api, url, answer)
            _no_longer_current(api, url, answer)
        # The URL of a version is new each time, so no cache has it.
        item = _get(api, f"{urls.item}?version={number}").must(200).data
        _seen(api, urls, item)


def _not_stored(api: Api, url: str, before: HttpAnswer) -> None:
    """Raise ContractViolation if the answer of before a write comes again and again at its URL, and a new one at a new URL. The order of the
    requests tells a store from servers that take turns and from one that is late."""
    new = f"{url}{'&' if '?' in url else '?'}_={api.word()}"
    answers = [_get(api, one) for one in (url, url, new, new, url)]
    changed = [answer.status == before.status and answer.body != before.body for answer in answers]
    if changed != [False, False, True, True, False] or {a.status for a in answers} != {before.status}:
        return
    kept = answers[-1]
    told = "; ".join(
        f"{name}: {kept.exchange.field(name.lower())}"
        for name in STORE_FIELDS
        if kept.exchange.field(name.lower())
    )
    raise ContractViolation(
        "the changed content at the URL that was read before",
        f"the answer of before the write, and the changed content at a new URL{f' ({told})' if told else ''}",
        [answers[2].exchange, kept.exchange],
        cause=KEPT_ANSWER,
    )


def _no_longer_current(api: Api, url: str, before: HttpAnswer) -> None:
    """Raise ContractViolation if a content that has changed is 304 for the entity tag that it had (RFC 9110, 8.8), documented or not."""
    tag = before.exchange.field("etag")
    if tag:
        asked, now = _get(api, url, **{"If-None-Match": tag}), _get(api, url)
        expect(
            asked.exchange.status != 304 or now.body == before.body,
            f"200 with the changed content for the tag {tag}, which it had before", "304", before, now, asked,
        )  # fmt: skip


def _seen(api: Api, urls: _Urls, item: Item) -> None:
    """Raise ContractViolation unless every read shows this state of the item."""
    equal(_get(api, urls.item).must(200).data, item, "the item")
    newest = _get(api, urls.versions).must(200)
    equal(newest.data[0]["version"], item["version"], "the newest of its versions", newest)
    search = _get(api, urls.list).must(200)
    found = _takes(api, "getContentItems", search=item["title"])
    if found and (item["status"] != "archived" or search.member("data", "data")):
        # Whether a list shows an archived item is another law; one that it shows is as it is now.
        equal(search.member("data", "data"), [item], "the items that a search for its title finds", search)
    drafts = _get(api, urls.category).must(200)
    among = [one for one in drafts.member("data", "data") if one["id"] == item["id"]]
    equal(
        among,
        [item] if item["status"] == "draft" else [],
        "the item among the drafts of its category",
        drafts,
    )
    synced = _get(api, urls.sync).must(200)
    changes = synced.data["deleted"] if item["status"] == "archived" else synced.data["items"]
    expect(
        any(one["id"] == item["id"] and one.get("version", item["version"]) == item["version"] for one in changes),
        f"version {item['version']} of the item in sync", "another or none", synced,
    )  # fmt: skip


@check(
    "caches.fresh-trees", "RFC 9111 4.4, R29", operations=["getContentCategories"], needs=("write", "publish")
)
def fresh_trees(api: Api) -> None:
    """After a write the category tree has the same counts at a URL that was read before as at a new one."""
    url, category = "/content/categories?includeEmpty=true", _category(api)
    _get(api, url).must(200)
    item = api.create(category=category)
    for archived in (False, True):
        if archived:
            api.archive(item["id"])
        _fresh_tree(api, url, "the tree of categories at the URL that was read before the write")


def _fresh_tree(api: Api, url: str, what: str) -> None:
    """Raise ContractViolation unless the tree at a URL that may be cached equals the one at a new URL."""
    urls = (url, f"{url}&_={api.word()}")
    kept, asked = api.quiet(lambda: [_get(api, one).must(200) for one in urls])
    equal(kept.data, asked.data, what, kept, asked)


@check(
    "caches.query-counts",
    "RFC 9111 4, F13",
    operations=["getContentItems", "getContentByCategory", "getContentVersions"],
)
def query_counts(api: Api) -> None:
    """Two URLs that differ only in their query have different answers."""
    word, category = api.word(), _category(api)
    items = [api.create(title=f"{word} {number}", category=category) for number in (1, 2)]
    api.update(items[0], title=f"{word} 1 again")
    pages = [f"/content/items?search={word}&limit=1&page={number}" for number in (1, 2)]
    drafts = f"/content/categories/{category}/items?status="
    versions = f"/content/items/{items[0]['id']}/versions?limit="
    if _takes(api, "getContentItems", search=word, limit=1, page=2):
        ids = [_get(api, url).must(200).member("data", "data")[0]["id"] for url in pages]
        equal(sorted(ids), sorted(item["id"] for item in items), "the items on two pages of one")
    if _takes(api, "getContentVersions", limit=1):
        counts = [len(_get(api, f"{versions}{limit}").must(200).data) for limit in (1, 2)]
        equal(counts, [1, 2], "the versions listed with limit 1 and 2")
    for status in ("draft", "archived") if _takes(api, "getContentByCategory", status="draft") else ():
        answer = _get(api, f"{drafts}{status}&limit=100").must(200)
        expect(
            all(item["status"] == status for item in answer.member("data", "data")),
            f"items in the status {status} alone", "others", answer,
        )  # fmt: skip


@check("caches.coding-counts", "RFC 9111 4.1, RFC 9110 8.4", operations=["getContentItems"], needs=())
def coding_counts(api: Api) -> None:
    """A client that accepts no coding gets none, although the same URL was read compressed just before; a compressed answer says so."""
    url = "/content/items?limit=100"
    fields = ("gzip", "identity", "identity")
    packed, plain, again = api.quiet(lambda: [api.unpacked(url, accepts) for accepts in fields])
    equal(again.json, plain.json, "the content of the same request, sent twice", plain, again)
    coding = plain.headers.get("content-encoding", "")
    expect(not coding, "no Content-Encoding for a client that accepts none", coding, packed, plain)
    equal(plain.json, packed.json, "the content for a client that accepts no coding", packed, plain)


@check("caches.origin-counts", "RFC 9111 4.1, RFC 9110 12.5.5", needs=("write", "origin"))
def origin_counts(api: Api) -> None:
    """An answer that the web client's origin has just read does not allow a foreign origin at the same URL."""
    item = api.create()
    url, own = f"/content/items/{item['id']}", api.world.capabilities.origin
    _cross_origin(api, url, {"Origin": own}, allowed=own)
    _cross_origin(api, url, {"Origin": "https://evil.example"}, allowed="")
    other = f"{url}?version=1"
    _get(api, other).must(200)  # kept, if at all, without what CORS adds
    _cross_origin(api, other, {"Origin": own}, allowed=own)


def _cross_origin(api: Api, url: str, headers: Mapping[str, str], *, allowed: str) -> None:
    answer = _get(api, url, **headers)
    if allowed:
        answer.must(200)  # a foreign origin may be refused altogether, as Spring's CorsFilter does with 403
    origin_field = answer.headers.get("access-control-allow-origin", "")
    if allowed:
        equal(origin_field, allowed, "Access-Control-Allow-Origin for the web client's own origin", answer)
    else:
        credentials = answer.headers.get("access-control-allow-credentials") == "true"
        expect(
            not credentials or origin_field not in (headers["Origin"], api.world.capabilities.origin),
            "no foreign page let in",
            origin_field,
            answer,
        )


@check(
    "caches.head-and-get", "RFC 9110 9.3.2, RFC 9111 4", operations=["getContentItem"], requires=["methods"]
)
def head_and_get(api: Api) -> None:
    """GET has a body although the same URL was requested with HEAD just before, and HEAD has none after a GET."""
    item = api.create()
    url = f"/content/items/{item['id']}"
    api.raw("HEAD", url, headers=api.bearer()).must(200)
    equal(_get(api, url).must(200).data, item, "the item by GET, after HEAD")
    equal(
        api.raw("HEAD", url, headers=api.bearer()).must(200).exchange.body, b"", "the body of HEAD, after GET"
    )


@check(
    "caches.conditional-by-owner",
    "RFC 9111 4.3.2, R22, OWASP API1",
    operations=["getContentItem"],
    needs=NEEDS,
)
def conditional_by_owner(api: Api) -> None:
    """Another account that names the owner's entity tag gets 404, and a reader without a token 401; neither gets 304."""
    stranger = api.as_("stranger")
    _, urls = _made(api, stranger)
    url = urls.item
    tag = _get(api, url).must(200).exchange.field("etag")
    if not tag:
        raise Unchecked("the item has no ETag, so nobody can name it")
    _get(api, url, **{"If-None-Match": tag}).must(304)
    _get(stranger, url, **{"If-None-Match": tag}).must(404, "CONTENT_NOT_FOUND")
    api.raw("GET", url, headers={"If-None-Match": tag}).must(401, "TOKEN_MISSING")


@check("caches.refusals-pass", "RFC 9111 3", needs=("write", "ingest"))
def refusals_pass(api: Api) -> None:
    """A URL that was refused to one caller can be read by the next one who may read it."""
    reader = api.as_("ingest")
    assert reader.session
    refused: tuple[Callable[[str], HttpAnswer], ...] = (
        lambda url: api.raw("GET", url).must(401),
        lambda url: _get(reader, url).must(403, "FORBIDDEN"),
    )
    for refuse in refused:
        item = api.create()
        url = f"/content/items/{item['id']}"
        refuse(url)
        equal(_get(api, url).must(200).data, item, "the item, after the refusal of another caller")

"""Checks of search and of query strings: only the characters that the document names are special."""

from contracts.suite.api.api import Api
from contracts.suite.contract_violation import equal, expect, if_promised
from contracts.suite.plugin.registry import family

check = family("semantics", operations=["getContentItems"])


@check("items.search-title-and-body", "openapi")
def search_both(api: Api) -> None:
    """search finds text in title and in body, inside words too, and nowhere else."""
    word = api.word()
    title, body = api.create(title=f"x{word}y"), api.create(body=f"... {word}! ...")
    api.create(tags=[word], metadata={"k": word})
    page = api.page(search=word, sortBy="createdAt", sortOrder="asc")
    equal(page.ids, [title["id"], body["id"]], "ids found", page.answer)


@check("items.lists-follow-writes", "openapi", needs=("write",))
def lists_follow(api: Api) -> None:
    """A list finds and orders items by what they are now, whichever operation changed them last."""
    word, first, second, old, new = (api.word() for _ in range(5))
    other = api.create(title=f"{word} m")
    item = api.create(title=f"{word} a {first}", body=old)
    id = item["id"]

    def follow(title: str, body: str) -> None:
        for text in (first, second, old, new):
            page = api.page(search=text)
            equal(page.ids, [id] * (text in (title, body)), f"ids found for {text!r}", page.answer)
        with if_promised():
            page = api.page(search=word, sortBy="title", sortOrder="asc")
            wanted = [id, other["id"]] if title == first else [other["id"], id]
            equal(page.ids, wanted, "ids by title asc", page.answer)

    item = api.update(item, title=f"{word} z {second}")
    follow(second, old)
    item = api.update(item, body=new)
    follow(second, new)
    if "bulkUpdateContent" in api.spec:
        data = {"title": f"{word} a {first}", "body": old}
        with if_promised():
            api.bulk({"type": "update", "id": id, "version": item["version"], "data": data})
            follow(first, old)
            item = api.update(api.get(id), title=f"{word} z {second}", body=new)
    if "revertContentVersion" in api.spec:
        with if_promised():
            api.revert(id, api.versions(id)[-1]["id"])
            follow(first, old)


@check("items.search-case", "openapi", requires=["search rules"])
def search_case(api: Api) -> None:
    """In a search A to Z match in either case; every other character matches itself only."""
    word = api.word()
    item = api.create(title=f"{word} ABC é ß")
    for text, count in (
        (f"{word.upper()} abc", 1),
        (f"{word} ABC é", 1),
        (f"{word} ABC É", 0),
        (f"{word} ABC é ss", 0),
        (f"{word} abc é ß", 1),
        (f"{word} ABC e", 0),
    ):
        _finds(api, text, item["id"], count)


def _finds(api: Api, text: str, id: str, count: int) -> None:
    page = api.page(search=text)
    equal(page.ids, [id] * count, f"found for {text!r}", page.answer)


@check("items.search-no-wildcards", "openapi", requires=["search rules"])
def search_wildcards(api: Api) -> None:
    """No character of a search is special: %, _, *, ", \\, ' and - stand for themselves."""
    word = api.word()
    api.create(title=f"{word}abc plain")
    signs = ("%", "_", "*", '"', "\\", "'", "-", "[a]", "a OR b", "NEAR(", "^", "#", "&", "+", "?")
    for sign in signs:
        page = api.page(search=f"{word}{sign}")
        equal(page.total, 0, f"found for {sign!r}, which no item has", page.answer)
    for sign in signs:
        item = api.create(title=f"{word}{sign}z")
        page = api.page(search=f"{word}{sign}z")
        equal(page.ids, [item["id"]], f"found for {sign!r}, which one item has", page.answer)


@check("items.search-white-space", "openapi", requires=["search rules"])
def search_white_space(api: Api) -> None:
    """A search is one text: its white space counts, in front and behind too, its words keep their order, and it ends with the title."""
    word = api.word()
    item = api.create(title=f"{word} one two", body=f"three {word}")
    for text, count in (
        (f"{word} one two", 1),
        (f"{word} one ", 1),
        (f"{word}  one", 0),
        (f" {word} one", 0),
        (f" {word}", 1),
        (f"{word} two", 0),
        (f"two {word}", 0),
        (f"{word} one two three", 0),
        (f"{word} one twothree", 0),
        (f"{word}\tone", 0),
        (f"three {word} ", 0),
    ):
        _finds(api, text, item["id"], count)


@check("items.search-short", "openapi", requires=["search rules"])
def search_short(api: Api) -> None:
    """One character is a search, so are 200; the empty one is 400."""
    word = api.word()
    item = api.create(title=f"{word} ʬ")
    expect(
        item["id"] in [i["id"] for i in api.walk(search="ʬ")], "the item among those found for ʬ", "it is not"
    )
    long = (word + "x" * 200)[:200]
    made = api.create(title=long)
    equal(api.page(search=long).ids, [made["id"]], "found for 200 characters")
    for text in ("", "x" * 201):
        api.call("getContentItems", query={"search": text}).must(400, why=f"search of {len(text)} characters")


@check("items.query-syntax", "openapi", needs=(), requires=["query rules"])
def query_syntax(api: Api) -> None:
    """Integers have no sign, zero or fraction in front or behind; names and values count exactly."""
    for value in ("+1", "01", "1.0", "1e1", " 1", "0x1", "", "1,2", "１", "-0"):
        api.call("getContentItems", query={"limit": value}).must(400, why=f"limit={value!r}")
    for name, value in (
        ("sortBy", "Title"),
        ("sortBy", ""),
        ("sortOrder", "DESC"),
        ("status", "Draft"),
        ("status", ""),
    ):
        api.call("getContentItems", query={name: value}).must(400, why=f"{name}={value!r}")


@check("items.query-plus-is-space", "openapi", requires=["query rules"])
def plus_is_space(api: Api) -> None:
    """In a query + reads as a space and %2B as a plus."""
    word = api.word()
    spaced, plus = api.create(title=f"{word} q"), api.create(title=f"{word}+q")
    for text, item in ((f"{word}+q", spaced), (f"{word}%20q", spaced), (f"{word}%2Bq", plus)):
        answer = api.raw("GET", f"/content/items?search={text}", headers=api.bearer()).must(200)
        equal([i["id"] for i in answer.member("data", "data")], [item["id"]], f"found for {text}", answer)

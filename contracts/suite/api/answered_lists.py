"""The answers of lists and of sync, parsed: the items, the pagination, the window; and whole lists, up to a bound.

A workspace of a staging system may have a million items, and each run of the suite leaves thousands of archived ones there. So a check
reads `MOST` items of a list or of a chain of windows, and says that there are more: it never takes a long list for an endless one.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from contracts.dialect.values.list_cursors import ListCursor
from contracts.json_text import loose_value_of
from contracts.model.unpromised import Unpromised, UnpromisedError
from contracts.spec import Operation
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked, expect

MOST, MOST_OF_OURS = 10_000, 1_000
"""The most items that a check reads of one list, and of a list of its own items."""
MOST_ON_A_PAGE = 100
NEWEST = 1_000
"""The first items of a list, among which are those that a check has just made."""
MOST_WINDOWS = 1_000
Item = dict[str, Any]
FRACTION = re.compile(r"(\.\d{6})\d+")
EPOCH, END_OF_TIME = "2000-01-01T00:00:00Z", "9999-01-01T00:00:00Z"


class Page(NamedTuple):
    """One answer of a list. `cursor` is what the next page is asked for by, empty after the last one; None for a list with page numbers."""

    items: list[Item]
    pagination: dict[str, Any]
    answer: HttpAnswer
    cursor: str | None = None

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.items]

    @property
    def total(self) -> int:
        return int(self.pagination["total"])

    def more(self, limit: int) -> bool:
        """Whether another page of so many items follows; where the document promises no word on that, a full page says so."""
        if self.cursor is not None:
            return bool(self.cursor)
        if isinstance(self.pagination, Unpromised):
            return len(self.items) >= limit
        has_next = self.pagination["hasNext"]
        if not isinstance(has_next, Unpromised):
            return bool(has_next)
        page, pages = self.pagination["page"], self.pagination["totalPages"]
        return len(self.items) >= limit if isinstance(pages, Unpromised) else bool(page < pages)


class SyncWindow(NamedTuple):
    """One answer of sync."""

    items: list[Item]
    deleted: list[dict[str, str]]
    stamp: str
    more: bool
    answer: HttpAnswer


class TooMany(Unchecked):
    """A list has more items than a check reads."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} has more than {MOST:,} items, and no check reads more: an account of a smaller workspace lets it be checked"
        )


def named_list(category: str, query: Mapping[str, Any]) -> str:
    """The name of a list in a sentence.

    >>> named_list("news", {"status": "draft", "search": None})
    'the list of category news with status draft'
    """
    told = ", ".join(f"{name} {value}" for name, value in query.items() if value is not None)
    return f"the list of {f'category {category}' if category else 'items'}{f' with {told}' if told else ''}"


def most_on_a_page(operation: Operation | None, names: Mapping[str, str]) -> int:
    """The maximum that a document states for the limit of a list; `names` are its parameters in our words."""
    for parameter in operation.parameters if operation else ():
        if names.get(parameter.name, parameter.name) == "limit" and "maximum" in parameter.schema:
            return int(parameter.schema["maximum"])
    return MOST_ON_A_PAGE


def pages_of_list(
    read: Callable[[int, str], Page],
    limit: int,
    what: str,
    *,
    first: int | None = None,
    ours: bool = False,
) -> list[Page]:
    """Pages 1, 2, … of at most `limit` items: all of them, or those of the `first` items. `read` takes the number of a page and the cursor that the
    page before has told. Raises TooMany, but for a list of `ours`, and ContractViolation if the pages go on without new items."""
    most = first or (MOST_OF_OURS if ours else MOST)
    found = [read(1, "")]
    told: set[str] = set()
    while True:
        page = found[-1]
        if len(page.items) > limit:
            raise ContractViolation(f"at most {limit} items", f"{len(page.items)}", [page.answer.exchange])
        if not page.more(limit):
            return found
        if page.cursor is not None and page.cursor in told:
            got = f"the cursor of an earlier page on page {len(found)}"
            raise ContractViolation("an end of the pages", got, [page.answer.exchange])
        told |= {page.cursor} if page.cursor else set()
        if len(found) * limit >= most:
            break
        found.append(read(len(found) + 1, page.cursor or ""))
    # A page by cursor may be empty, and another follow (AIP-158).
    empty = page.cursor is not None and not page.items
    if not empty and {id for page in found[:-1] for id in page.ids}.issuperset(page.ids):
        more = "hasNext still true" if page.cursor is None else "another cursor"
        got = f"{more} on page {len(found)}, which has no item that earlier ones have not"
        raise ContractViolation("an end of the pages", got, [page.answer.exchange])
    if first or ours:
        return found
    raise TooMany(what)


def newest_of_all(*lists: list[Item]) -> tuple[str, list[list[Item]]]:
    """The stamp after which all lists are whole although some were cut off after `MOST` items (empty if none was), and their items that
    changed after it. Raises TooMany where a list that was cut off does not begin with its newest items."""
    since = ""
    for found in lists:
        stamps = [str(item["updatedAt"]) for item in found] if len(found) >= MOST else [""]
        if stamps != sorted(stamps, reverse=True):
            raise TooMany("a list that does not begin with the newest items")
        since = max(since, stamps[-1])
    return since, [[item for item in found if not since or item["updatedAt"] > since] for found in lists]


def sync_chain(read: Callable[[str], SyncWindow], since: str, *, cut: bool = False) -> list[SyncWindow]:
    """The chain of sync windows until `hasMore` is false, or `cut` off after twice `MOST` entries, because a workspace has living and
    archived items. Raises TooMany, and ContractViolation if the chain goes on without new entries."""
    windows, entries = [read(since)], 0
    while windows[-1].more:
        entries += len(windows[-1].items) + len(windows[-1].deleted)
        if entries >= 2 * MOST or len(windows) > MOST_WINDOWS:
            if entries < len(windows):
                got = f"hasMore after {len(windows)} of them with {entries} entries"
                raise ContractViolation("an end of the windows", got, [windows[-1].answer.exchange])
            if cut:
                return windows
            raise TooMany(f"the chain of sync windows since {since}")
        windows.append(read(windows[-1].stamp))
    return windows


def present_stamp(
    windows: Callable[[str], list[SyncWindow]], newest: Callable[[], Page], role: str, known: dict[str, str]
) -> str:
    """The stamp up to which an account has seen everything. Ours answers a window from the future with its present stamp; a server that
    answers the future stamp itself is read from the newest item on, and then from the last `known` stamp of the account."""
    stamp = windows(END_OF_TIME)[-1].stamp
    if stamp >= END_OF_TIME[:4]:
        if role not in known:
            items = newest().items
            known[role] = str(items[0]["updatedAt"]) if items else EPOCH
        stamp = known[role] = windows(known[role])[-1].stamp
    return stamp


def shifted(stamp: str, microseconds: int) -> str:
    """A stamp so many microseconds later, in the form of answers; of a longer fraction six digits are left."""
    moment = datetime.fromisoformat(stamp) + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def step(*stamps: str) -> int:
    """The microseconds between two neighbouring stamps of a server, by the digits that its stamps have.

    >>> step("2026-01-01T10:00:00.120000Z", "2026-01-01T10:00:00.121000Z"), step("2026-01-01T10:00:00.000001Z")
    (1000, 1)
    """
    return next(
        size
        for size, end in ((10**6, "000000Z"), (1000, "000Z"), (1, ""))
        if all(s.endswith(end) for s in stamps)
    )


def tells_apart(api: Any, stamp: Any) -> bool:
    """Whether two changes close together have stamps of their own: by the document, or because this stamp of the target has a part of a second
    (Eloquent and MySQL keep whole ones)."""
    return bool(api.promises("stamps")) or not str(stamp).endswith(".000000Z")


def must_tell_apart(api: Any, stamp: Any) -> None:
    """Raise UnpromisedError where changes close together share a stamp, so that none lies between theirs."""
    if not tells_apart(api, stamp):
        raise UnpromisedError("the document does not promise each change a stamp of its own, and those of the target are whole seconds")  # fmt: skip


def later(api: Any, after: Item, before: Item, *answers: HttpAnswer) -> None:
    """Raise a ContractViolation unless the stamp of an item's change is later than the one before, or the same where stamps tell nothing apart."""
    stamp, earlier = after["updatedAt"], before["updatedAt"]
    same = stamp == earlier and not tells_apart(api, stamp)
    expect(same or stamp > earlier, f"updatedAt after {earlier}", stamp, *answers)


def at_offset(stamp: str, hours: float) -> str:
    """The same instant at an offset from UTC, with all digits of its fraction.

    >>> at_offset("2026-01-01T10:00:00.123456789Z", 1), at_offset("2026-01-01T10:00:00.123456Z", -1)
    ('2026-01-01T11:00:00.123456789+01:00', '2026-01-01T09:00:00.123456-01:00')
    """
    moment = datetime.fromisoformat(stamp).astimezone(timezone(timedelta(hours=hours)))
    text, longer = moment.isoformat(timespec="microseconds"), FRACTION.search(stamp)
    return text.replace(longer[1], longer[0]) if longer else text


def promised(value: Any, otherwise: Any) -> Any:
    """The value, or `otherwise` if the target's document does not promise it."""
    return otherwise if isinstance(value, Unpromised) else value


def page_of(answer: HttpAnswer, by: ListCursor | None = None) -> Page:
    """The page in a successful answer. Raises UnpromisedError for what the target's document leaves open: the 404 of a later page, if it has
    one (ours says that a page past the end is empty, and some frameworks, Django, say 404), and the 400 of a sort key that it does not
    list."""
    asked, dialect = answer.exchange.request.query, answer.dialect
    described = dialect.theirs.operations.get(answer.operation) if dialect else None
    if dialect and described and answer.exchange.status in described.answers:
        ours = dict(parse_qsl(dialect.queries.canonical(asked)))
        if answer.status == 404 and ours.get("page", "1") != "1":
            raise UnpromisedError(
                f"the document has a 404 of {answer.operation}, perhaps for a page past the end"
            )
        if answer.status == 400 and "sortBy" in ours and not dialect.queries.lists("sortBy", described):
            raise UnpromisedError(f"the document does not list the sort keys of {answer.operation}")
    answer.must(200)
    told = (
        None if by is None else by.following(loose_value_of(answer.body), str(answer.headers.get("link", "")))
    )
    return Page(answer.member("data", "data"), answer.member("data", "pagination"), answer, told)


def pagination(page: int, limit: int, total: int) -> dict[str, Any]:
    """The documented `pagination` object of a page."""
    pages = -(-total // limit)
    return {
        "page": page,
        "limit": limit,
        "total": total,
        "totalPages": pages,
        "hasNext": page < pages,
        "hasPrev": page > 1 and total > 0,
    }

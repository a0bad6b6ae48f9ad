"""The answers of lists and of sync, parsed: the items, the pagination, the window; and whole lists, up to a bound.

A workspace of a staging system may have a million items, and each run of the suite leaves thousands of archived ones there. So a check
reads `MOST` items of a list or of a chain of windows, and says that there are more: it never takes a long list for an endless one.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from contracts.model.unpromised import Unpromised, UnpromisedError
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked

MOST, MOST_OF_OURS = 10_000, 1_000
"""The most items that a check reads of one list, and of a list of its own items."""
NEWEST = 1_000
"""The first items of a list, among which are those that a check has just made."""
MOST_WINDOWS = 1_000
Item = dict[str, Any]
FRACTION = re.compile(r"(\.\d{6})\d+")
EPOCH, END_OF_TIME = "2000-01-01T00:00:00Z", "9999-01-01T00:00:00Z"


class Page(NamedTuple):
    """One answer of a list."""

    items: list[Item]
    pagination: dict[str, Any]
    answer: HttpAnswer

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.items]

    @property
    def total(self) -> int:
        return int(self.pagination["total"])

    def more(self, limit: int) -> bool:
        """Whether another page of so many items follows; where the document promises no word on that, a full page says so."""
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


def whole_list(
    read: Callable[[int], Page], limit: int, *, what: str, first: int | None = None, ours: bool = False
) -> list[Item]:
    """The items of pages 1, 2, … of at most `limit` items: all of them, or the `first` ones. Raises TooMany, but for a list of `ours`, and
    ContractViolation if the pages go on without new items."""
    most = first or (MOST_OF_OURS if ours else MOST)
    found: list[Item] = []
    number = 1
    while True:
        page = read(number)
        if len(page.items) > limit:
            raise ContractViolation(f"at most {limit} items", f"{len(page.items)}", [page.answer.exchange])
        found += page.items
        if not page.more(limit):
            return found
        if number * limit >= most:
            break
        number += 1
    earlier = {item["id"] for item in found[: len(found) - len(page.items)]}
    if earlier.issuperset(page.ids):
        got = f"hasNext still true on page {number}, which has no item that earlier ones have not"
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


def page_of(answer: HttpAnswer) -> Page:
    """The page in a successful answer. Raises UnpromisedError for the 404 of a later page, if the target's document has one: ours says
    that a page past the end is empty, and some frameworks (Django) say 404."""
    later = dict(parse_qsl(answer.exchange.request.query)).get("page", "1") != "1"
    described = answer.dialect.theirs.operations.get(answer.operation) if answer.dialect else None
    if later and answer.status == 404 and described is not None and 404 in described.answers:
        raise UnpromisedError(
            f"the document has a 404 of {answer.operation}, perhaps for a page past the end"
        )
    answer.must(200)
    return Page(answer.member("data", "data"), answer.member("data", "pagination"), answer)


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

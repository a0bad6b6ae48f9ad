"""The answers of lists and of sync, parsed: the items, the pagination, the window."""

from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from contracts.model.unpromised import Unpromised, UnpromisedError
from contracts.suite.client.http_exchange import HttpAnswer

Item = dict[str, Any]


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


def shifted(stamp: str, microseconds: int) -> str:
    """A stamp so many microseconds later, in the form of answers."""
    moment = datetime.fromisoformat(stamp) + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def at_offset(stamp: str, hours: float) -> str:
    """The same instant at an offset from UTC."""
    moment = datetime.fromisoformat(stamp).astimezone(timezone(timedelta(hours=hours)))
    return moment.isoformat(timespec="microseconds")


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

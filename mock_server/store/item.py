"""`ContentItem`, a content item as the API shows it, with its encoding as JSON."""

from typing import Any

import msgspec

from mock_server import stamps


class ContentItem(msgspec.Struct, rename="camel"):
    id: str
    title: str
    body: str
    category: str | None
    tags: list[str]
    platforms: list[str]
    metadata: dict[str, str]
    status: str
    version: int
    created_at: str
    updated_at: str
    published_at: str | None
    created_by: str
    updated_by: str


# The members that a client may set; the server sets all others (no mass assignment).
WRITABLE = ("title", "body", "category", "tags", "platforms", "metadata")


class WrittenItem(msgspec.Struct, frozen=True):
    """An item after a write, and its JSON."""

    item: ContentItem
    doc: bytes


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ContentItem)


def encode(item: ContentItem) -> bytes:
    return _encoder.encode(item)


def written(item: ContentItem) -> WrittenItem:
    """The item with its JSON."""
    return WrittenItem(item, encode(item))


def decode(doc: bytes) -> ContentItem:
    return _decoder.decode(doc)


def version_id(item_id: str, version: int) -> str:
    return f"{item_id}-v{version}"


def of_version(version_id: str) -> tuple[str, int] | None:
    """(item id, version) of a version id; None if it is not one.

    >>> of_version(version_id("item-v1", 12)), of_version("item-v1-v012"), of_version("item")
    (('item-v1', 12), None, None)
    """
    item_id, _, digits = version_id.rpartition("-v")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < _DIGITS else -1
    return (item_id, number) if version_id == f"{item_id}-v{number}" else None


_DIGITS = 19
"""The number of digits that no version has, because it is a 64-bit integer."""


class Label(msgspec.Struct):
    """The id and title of an item."""

    id: str
    title: str


_label = msgspec.json.Decoder(Label)


def label(doc: bytes) -> Label:
    """The label in an item's JSON; the rest is not decoded."""
    return _label.decode(doc)


class _Platforms(msgspec.Struct):
    platforms: list[str]


_platforms = msgspec.json.Decoder(_Platforms)


def platforms(doc: bytes) -> list[str]:
    """The platforms in an item's JSON; the rest is not decoded."""
    return _platforms.decode(doc).platforms


_GAP = b"\xff"


def haystack(title: str, body: str) -> bytes:
    """The text that `search` searches. The byte between title and body does not occur in UTF-8, so no match spans both."""
    return searchable(title) + _GAP + searchable(body)


def searchable(text: str) -> bytes:
    """The text with ASCII letters in lower case; bytes.lower() changes no others."""
    return text.encode().lower()


def micros(stamp: str | None) -> int | None:
    return None if stamp is None else stamps.parse(stamp)


def changed(item: ContentItem, changes: dict[str, Any]) -> ContentItem:
    """A copy of the item with some fields replaced."""
    return msgspec.structs.replace(item, **changes)


def writable(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request that are stored in an item."""
    return {name: document[name] for name in WRITABLE if name in document}

"""Media types as keys: lower-case, without meaningless parameters, matched by ranges (RFC 9110, 8.3 and 12.5.1).

>>> key("Application/JSON; charset=UTF-8"), key("application/json;version=1")
('application/json', 'application/json;version=1')
>>> matching_key("text/csv", {"text/*": 1})
'text/*'
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reports.compat.difference import Difference
from reports.compat.pointers import Node
from reports.compat.schema.schema_diff import SchemaDiff
from reports.compat.schema.schema_shape import shape


def key(media: str) -> str:
    kind, *parameters = (part.strip() for part in media.split(";"))
    kept = sorted(_parameter(each) for each in parameters if each)
    # JSON is UTF-8 regardless of `charset` (RFC 8259, 11), and other text nearly always is.
    return ";".join([kind.lower(), *(each for each in kept if each != "charset=utf-8")])


def _parameter(text: str) -> str:
    name, _, value = text.partition("=")
    value = value.strip().strip('"')
    return f"{name.strip().lower()}={value.lower() if name.strip().lower() == 'charset' else value}"


def matching_key(media: str, among: Iterable[str]) -> str | None:
    """The key, or the narrowest range, that covers a media type; None if there is none."""
    kind = media.partition(";")[0]
    # A type without parameters covers any parameters except another charset, because it means UTF-8 here.
    wanted = (media, *([kind] if "charset=" not in media else []), f"{kind.partition('/')[0]}/*", "*/*")
    known = set(among)
    return next((each for each in wanted if each in known), None)


def media_types(holder: Node) -> dict[str, tuple[str, Node]]:
    """Key of each media type -> (its name as written, its node)."""
    return {key(name): (name, node) for name, node in holder.children("content")}


def content_difference(walk: SchemaDiff, media: str, old: Node, new: Node) -> Iterator[Difference]:
    """The differences of two bodies, headers or parameters of one media type; the keyword `xml` matters in XML only."""
    if media.partition(";")[0].endswith(("/xml", "+xml")):
        walk = replace(walk, equality=walk.equality.of_xml, seen=set())
    for keyword in ("schema", "itemSchema"):
        yield from walk.compare(shape(old.schema(keyword)), shape(new.schema(keyword)))

"""Media types as keys: without case, without the parameters that say nothing, and matched by ranges (RFC 9110, 8.3 and 12.5.1).

>>> key("Application/JSON; charset=UTF-8"), key("application/json;version=1")
('application/json', 'application/json;version=1')
>>> matching("text/csv", {"text/*": 1})
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
    # JSON is UTF-8 whatever `charset` says (RFC 8259, 11), and for other text it is what everybody sends.
    return ";".join([kind.lower(), *(each for each in kept if each != "charset=utf-8")])


def _parameter(text: str) -> str:
    name, _, value = text.partition("=")
    value = value.strip().strip('"')
    return f"{name.strip().lower()}={value.lower() if name.strip().lower() == 'charset' else value}"


def matching(media: str, among: Iterable[str]) -> str | None:
    """The key or the narrowest range that a media type falls under."""
    kind = media.partition(";")[0]
    # A type without parameters takes any of them but another charset, because it means UTF-8 here.
    wanted = (media, *([kind] if "charset=" not in media else []), f"{kind.partition('/')[0]}/*", "*/*")
    known = set(among)
    return next((each for each in wanted if each in known), None)


def contents(holder: Node) -> dict[str, tuple[str, Node]]:
    """Of each media type the name as it is written, and what the document says of it."""
    return {key(name): (name, node) for name, node in holder.children("content")}


def content_difference(walk: SchemaDiff, media: str, old: Node, new: Node) -> Iterator[Difference]:
    """What two bodies, headers or parameters of one media type may be; `xml` says something in XML alone."""
    if media.partition(";")[0].endswith(("/xml", "+xml")):
        walk = replace(walk, equality=walk.equality.of_xml, seen=set())
    for keyword in ("schema", "itemSchema"):
        yield from walk.compare(shape(old.schema(keyword)), shape(new.schema(keyword)))

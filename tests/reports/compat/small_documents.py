"""Documents of one operation, made from the part that a test is about."""

import copy
from dataclasses import dataclass
from typing import Any

from reports.compat import Difference, compare
from reports.compat.document_source import prepare

Document = dict[str, Any]
Row = tuple[str, Document, Document, str, set[str]]
LETTERS = {"breaking": "B", "unknown": "U", "harmless": "H"}


@dataclass(frozen=True, slots=True)
class Documented:
    document: Document


def document(operation: Document, *, method: str = "post", path: str = "/a", **sections: Any) -> Document:
    """A whole document; `item` are keys of the path item, all other sections those of the document."""
    item = {method: {"responses": {"200": {"description": "Fine."}}, **operation}, **sections.pop("item", {})}
    return {"openapi": "3.1.0", "info": {"title": "Small", "version": "1"}, "paths": {path: item}, **sections}


def asking(schema: Any, **components: Any) -> Document:
    """A request body of this schema."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return document({"requestBody": body}, components={"schemas": components})


def telling(schema: Any, **components: Any) -> Document:
    """An answer of this schema."""
    answer = {"description": "Fine.", "content": {"application/json": {"schema": schema}}}
    return document({"responses": {"200": answer}}, components={"schemas": components})


def querying(parameter: Document, *, location: str = "query") -> Document:
    return document({"parameters": [{"name": "q", "in": location, **parameter}]}, method="get")


def differences(old: Document, new: Document) -> tuple[Difference, ...]:
    return compare(prepared(old), prepared(new))


def prepared(document: Document) -> Documented:
    """As it is when it comes from a file."""
    made = copy.deepcopy(document)
    prepare(made, "the document")
    return Documented(made)


def letter(found: tuple[Difference, ...]) -> str:
    """The worst severity: B, U, H, or - where there is no difference."""
    severities = {LETTERS[change.severity.value] for change in found}
    return next((each for each in "BUH" if each in severities), "-")

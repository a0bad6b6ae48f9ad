"""`absent_id`, an id that no item has, in the form that the target's document asks of ids.

A document with UUIDs refuses `none-1`, so that the refusal would be one of the form and not of a missing item.
"""

from uuid import NAMESPACE_URL, uuid5

from contracts.spec import Spec
from contracts.spec.source.references import dereferenced


def absent_id(spec: Spec, word: str) -> str:
    """The absent id of a word that is new in each call.

    >>> from contracts.spec import canonical
    >>> absent_id(canonical(), "a1")
    'none-a1'
    """
    reading = spec.operations.get("getContentItem")
    path = [p for p in reading.parameters if p.location == "path"] if reading else []
    schema = dereferenced(spec.document, path[0].schema) if path else {}
    if schema.get("format") == "uuid":
        return str(uuid5(NAMESPACE_URL, word))
    if schema.get("type") == "integer":
        return str(2**31 - 1 - uuid5(NAMESPACE_URL, word).int % 2**20)
    return f"none-{word}"

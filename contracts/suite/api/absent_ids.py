"""`absent_id`, an id that no item has, in the form that the target's document asks of ids.

A document with UUIDs refuses `none-1`, so that the refusal would be one of the form and not of a missing item.
"""

from contracts.dialect.values.value_forms import absent_value
from contracts.spec import Spec


def absent_id(spec: Spec, word: str) -> str:
    """The absent id of a word that is new in each call.

    >>> from contracts.spec import canonical
    >>> absent_id(canonical(), "a1")
    'none-a1'
    """
    reading = spec.operations.get("getContentItem")
    path = [p for p in reading.parameters if p.location == "path"] if reading else []
    return absent_value(spec, path[0].schema if path else {}, word)

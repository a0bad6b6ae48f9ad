r"""Field values as RFC 9110 reads them, for every client of ours: names without case, values without the blanks around them.

>>> combined([("ETag", " \"v1\" \t"), ("Vary", "a"), ("vary", "b ")])
{'ETag': '"v1"', 'Vary': 'a, b'}
>>> list_members("POST,OPTIONS"), list_members("OPTIONS, POST"), list_members(None)
(['OPTIONS', 'POST'], ['OPTIONS', 'POST'], [])
"""

from collections.abc import Iterable, Mapping


def field_value(raw: str) -> str:
    """Blanks and tabs around a value are no part of it (RFC 9110, 5.5); inside they are."""
    return raw.strip(" \t")


def combined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a message by their first spelling; repeated ones are one list (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for name, value in pairs:
        key = spelled.setdefault(name.lower(), name)
        found[key] = f"{found[key]}, {field_value(value)}" if key in found else field_value(value)
    return found


def field_of(headers: Mapping[str, str], name: str) -> str:
    """The value of a field; empty where there is none. `name` in lower case."""
    return next((value for known, value in headers.items() if known.lower() == name), "")


def list_members(value: str | None) -> list[str]:
    """The members of a list field (RFC 9110, 5.6.1), each once, sorted: how they are spaced and ordered is free."""
    return sorted({field_value(part) for part in (value or "").split(",")} - {""})

r"""HTTP fields by RFC 9110: case-insensitive names, values without surrounding white space, and lists.

>>> combined([("ETag", " \"v1\" \t"), ("Vary", "a"), ("vary", "b ")])
{'ETag': '"v1"', 'Vary': 'a, b'}
>>> unlike_json({"Content-Type": "text/html; charset=utf-8", "Server": "gate/1"}), unlike_json({"content-type": "application/json"})
(' with text/html (Server: gate/1)', '')
>>> list_members("POST,OPTIONS"), list_members("OPTIONS, POST"), list_members(None)
(['OPTIONS', 'POST'], ['OPTIONS', 'POST'], [])
"""

from collections.abc import Iterable, Mapping

LONGEST = 80
"""The most characters of a field in a sentence."""


def field_value(raw: str) -> str:
    """The value without the blanks and tabs around it (RFC 9110, 5.5)."""
    return raw.strip(" \t")


def combined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a message by the first spelling of their names; repeated ones are joined to a list (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for name, value in pairs:
        key = spelled.setdefault(name.lower(), name)
        found[key] = f"{found[key]}, {field_value(value)}" if key in found else field_value(value)
    return found


def field_of(headers: Mapping[str, str], name: str) -> str:
    """The value of a field, or empty. `name` is in lower case."""
    return next((value for known, value in headers.items() if known.lower() == name), "")


def is_json(media_type: str) -> bool:
    """Whether a media type without parameters, in lower case, is JSON (RFC 6839, 3.1 for the suffix)."""
    return media_type == "application/json" or media_type.endswith("+json")


def unlike_json(headers: Mapping[str, str], status: int = 400) -> str:
    """The media type of a content that is no JSON, and the fields that name who has made or passed it on; empty for JSON, and for
    what is no error. An error with such a content may come from a gateway."""
    media = field_of(headers, "content-type").partition(";")[0].strip().lower()
    if status < 400 or is_json(media):
        return ""
    told = {name: field_of(headers, name.lower())[:LONGEST] for name in ("Server", "Via")}
    known = "; ".join(f"{name}: {value}" for name, value in told.items() if value)
    return f" with {media or 'no Content-Type'}{f' ({known})' if known else ''}"


def list_members(value: str | None) -> list[str]:
    """The members of a list field (RFC 9110, 5.6.1), each once and sorted, because their order and spacing have no meaning."""
    return sorted({field_value(part) for part in (value or "").split(",")} - {""})

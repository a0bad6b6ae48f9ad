"""The values of members in the form of our contract, and back: ids that are numbers, stamps with other digits, versions that begin at 0, words in upper case."""

import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from contracts.content_writes import ACTIONS
from contracts.dialect.schema_members import FREE, Members, kind
from contracts.model.timestamps import utc_text
from contracts.model.unpromised import AnyOrder, unpromised
from contracts.spec import Spec
from contracts.spec.source.references import followed

STAMP = re.compile(r"(?i)\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(\.\d+)?(z|[+-]\d\d:\d\d)")
OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
DIGITS = re.compile(r"0|[1-9][0-9]{0,18}")
SCALARS = (int, float, type(None))
"""The values of JSON with no text inside."""
ABSENT = "none-"
"""The beginning of an id that no item, version or category has."""
NO_NAMES: Mapping[str, str] = MappingProxyType({})


def in_our_form(value: Any, ours: Members, name: str) -> Any:
    """The value of a member of an answer: a number as a text where ours has a text, since many servers count their ids; a stamp with
    `Z` and six digits, or more where it has them (Go has nine), which sorts as text."""
    if isinstance(value, str) and not OURS.fullmatch(value) and STAMP.fullmatch(value):
        with suppress(ValueError, OverflowError):
            return utc_text(value) if ours.formats.get(name) == "date-time" else value
    counted = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if counted and ours.kinds.get(name) == "string" else value


def word_in_our_form(value: Any, ours: Members, name: str, theirs: Members, named: str) -> Any:
    """A text of which ours lists other values than the target (`named` there): ours that differs in case and underscores, else unpromised.
    Of a list each text."""
    if isinstance(value, list):
        return [_respelled(each, theirs.words(named), ours.words(name)) for each in value]
    known, listed = ours.words(name), theirs.words(named)
    if not isinstance(value, str) or not known or value in known or (listed and value not in listed):
        return value
    return near(value, known) or unpromised(f"the values of {name}")


def of_set(value: Any, theirs: Members, name: str) -> Any:
    """A list of an answer; in any order where the target's document says that it is a set."""
    return AnyOrder(value) if isinstance(value, list) and name in theirs.sets else value


def words_in_our_form(value: Any, ours: Members, theirs: Members, names: Mapping[str, str]) -> Any:
    """A body that was sent, with our words in place of the target's at all depths; `names` are ours for the target's members."""
    if isinstance(value, list):
        return [words_in_our_form(each, ours.elements, theirs.elements, names) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for name, part in value.items():
        canonical = names.get(name, name)
        known, listed = ours.words(canonical), theirs.words(name)
        if name in FREE:
            found[name] = part
        elif isinstance(part, list) and listed:
            found[name] = [_respelled(each, listed, known) for each in part]
        elif isinstance(part, str):
            found[name] = _respelled(part, listed, known)
        else:
            found[name] = words_in_our_form(part, ours.of(canonical), theirs.of(name), names)
    return found


def word_in_their_form(value: Any, theirs: Members, name: str) -> Any:
    """A text, or a list of texts, in the target's spelling where its schema lists the values: `UPDATE` for `update`."""
    listed = theirs.words(name)
    if isinstance(value, list):
        return [word_in_their_form(each, theirs, name) if isinstance(each, str) else each for each in value]
    return (near(value, listed) or value) if isinstance(value, str) and value not in listed else value


def _respelled(value: Any, listed: list[Any], known: list[Any]) -> Any:
    """The word of `known` that differs in case and underscores from one of those that are listed, else the value."""
    odd = isinstance(value, str) and value in listed and value not in known
    return (near(value, known) or value) if odd else value


def near(value: str, words: list[Any]) -> str:
    """The word that differs from a text at most in case and underscores; empty if there is none."""
    return next((word for word in words if isinstance(word, str) and plain(word) == plain(value)), "")


def plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def event_in_our_form(data: Mapping[str, Any], names: Mapping[str, str], by: int) -> dict[str, Any]:
    """The data of an event with our names, ids as texts, versions moved by so many, and our action, or none if we have no word for it."""
    found = {names.get(name, name): value for name, value in data.items()}
    if action := near(str(found.pop("action", "")), [*ACTIONS.values()]):
        found["action"] = action
    for name in ("contentId", "updatedBy"):
        if isinstance(found.get(name), int):
            found[name] = str(found[name])
    return found | ({"version": moved(found["version"], by)} if "version" in found else {})


def texts_as_numbers(value: Any, ours: Members, theirs: Members, names: Mapping[str, str] = NO_NAMES) -> Any:
    """A body in which texts of digits are numbers where ours has a text and the target a number: its ids, on the way back. `names` are
    ours for the target's members, which the body has."""
    if isinstance(value, list):
        return [texts_as_numbers(each, ours.elements, theirs.elements, names) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = dict(value)
    for name, member in value.items():
        if isinstance(member, SCALARS):
            continue
        canonical = names.get(name, name)
        if isinstance(member, str):
            found[name] = _text_in_their_form(member, ours, theirs, (canonical, name))
            continue
        if name not in FREE:
            member = word_in_their_form(member, theirs, name)
        if name in theirs.named and canonical in ours.named:
            member = texts_as_numbers(member, ours.of(canonical), theirs.of(name), names)
        found[name] = member
    return found


def _text_in_their_form(text: str, ours: Members, theirs: Members, names: tuple[str, str]) -> Any:
    canonical, name = names
    word: Any = absent_in_their_form(text, theirs.spec, theirs.named.get(name))
    if name not in FREE:
        word = word_in_their_form(word, theirs, name)
    counted = DIGITS.fullmatch(word) and (ours.kinds.get(canonical), theirs.kinds.get(name)) == (
        "string",
        "integer",
    )
    return int(word) if counted else word


def numbers_as_texts(value: Any, ours: Members) -> Any:
    """A body with our names in which ids that the target counts are texts, as ours are."""
    if isinstance(value, list):
        return [numbers_as_texts(each, ours.elements) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: numbers_as_texts(part, ours.of(name))
        if isinstance(part, Mapping | list) and name not in FREE
        else in_our_form(part, ours, name)
        for name, part in value.items()
    }


def absent_value(spec: Spec, schema: Any, word: str) -> str:
    """The absent id of a word in the form of a schema: of a document with UUIDs or numbers `none-1` would be refused for its form."""
    schema = followed(spec.document, schema)
    schema = schema if isinstance(schema, Mapping) else {}
    if schema.get("format") == "uuid":
        return str(uuid5(NAMESPACE_URL, word))
    if kind(spec, schema) == "integer":
        return str(2**31 - 1 - uuid5(NAMESPACE_URL, word).int % 2**20)
    return f"{ABSENT}{word}"


def absent_in_their_form(value: Any, spec: Spec | None, schema: Any) -> Any:
    """A value of ours, with an absent id (`none-…`) in the form that the target's schema asks for."""
    if spec is None or not isinstance(value, str) or not value.startswith(ABSENT):
        return value
    return absent_value(spec, schema, value.removeprefix(ABSENT))


def with_versions_moved(value: Any, member: str, by: int) -> Any:
    """A body in which each version, at any depth, is moved by so many: the target may give a new item another first version than 1."""
    if not by:
        return value
    if isinstance(value, list):
        return [with_versions_moved(each, member, by) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: moved(part, by)
        if name == member
        else part
        if name in FREE
        else with_versions_moved(part, member, by)
        for name, part in value.items()
    }


def moved(version: Any, by: int) -> Any:
    """A version moved by so many, if it is a number."""
    return version + by if isinstance(version, int) and not isinstance(version, bool) else version

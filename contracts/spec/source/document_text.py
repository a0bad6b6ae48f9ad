"""The parser of JSON and YAML text, which follows YAML 1.2 where PyYAML follows 1.1.

YAML is read with the 1.2 core schema, because in 1.1 `NO` is false, `12:30` is 750 and a date is not a text. Keys are always texts, as in
JSON: `200:` and `on:` are `"200"` and `"on"`. JSON is read by a JSON parser, because YAML has no pairs of escaped surrogates. A duplicate
key is refused with both lines, because otherwise the last one would silently hide the others. An alias is a copy, so that the result is a
tree; `<<` merges (YAML 1.1, widely used).

    >>> read(b"{enum: [SE, NO, 12:30, 2024-01-01, 1e3, 0o17, ~]}", name="a.yaml")
    {'enum': ['SE', 'NO', '12:30', '2024-01-01', 1000.0, 15, None]}
    >>> read(b"a: 1\\nb: 2\\na: 3\\n", name="a.yaml")
    Traceback (most recent call last):
    contracts.spec.source.spec_error.SpecError: a.yaml:3: the key 'a' stands here and in line 1 of the same object; keep one of them
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from contracts.spec.source.spec_error import SpecError

DEEPEST = 250
"""The most levels of nesting. Real documents have 30; code that follows references and schemas recurses, and Python allows 1,000 calls."""
LONGEST_NUMBER = 4_000  # digits; Python refuses 4,300
MOST_VALUES = 2_000_000
"""The most values of a document, with aliases expanded: ten lines of YAML can stand for a billion."""
NO_KEY = "a key is an object or a list; only texts are keys in JSON"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is eight times as fast
_CONSTANTS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL, _HEX = re.compile(r"0o[0-7]+"), re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")}


def read(text: bytes, *, name: str) -> Any:
    """The value of a document's text. Raises SpecError with the file and the line of the first error."""
    decoded = _decoded(text, name)
    if name.lower().endswith(".json") or (decoded.lstrip()[:1] in ("{", "[") and _is_json(decoded)):
        return _from_json(decoded, name)
    return _from_yaml(decoded, name)


def _is_json(text: str) -> bool:  # a flow mapping of YAML begins like JSON
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _decoded(text: bytes, name: str) -> str:
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{name}:{line}: byte {error.start + 1} is not {error.encoding.upper()}") from None


class _DuplicateKey(Exception):
    """A JSON object has a key twice."""


def _from_json(text: str, name: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite)
    except _DuplicateKey as duplicate:
        _from_yaml(text, name)  # reports the key with its lines
        raise SpecError(f"{name}: the key {duplicate} stands twice in one object") from None
    except json.JSONDecodeError as error:
        raise SpecError(f"{name}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError as error:
        raise SpecError(f"{name}: not JSON: {error}") from None
    _refuse_depth(value, name)
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise SpecError(f"{name}: it has a lone surrogate, which no UTF-8 text can hold") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _DuplicateKey(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _finite(text: str) -> float:
    if abs(number := float(text)) == float("inf"):
        raise ValueError(f"{text} is too large for a number")
    return number


def _refuse_depth(value: Any, name: str) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child for node in level if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]  # fmt: skip
    if level:
        raise _too_deep(name)


def _too_deep(where: str) -> SpecError:
    return SpecError(f"{where}: nested deeper than {DEEPEST} levels")


def _from_yaml(text: str, name: str) -> Any:
    try:
        return _YamlReader(name).value(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1 if mark else 1}"
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        if "nesting depth" in problem:  # a limit of libyaml (from 0.2.6 on), beyond ours
            raise _too_deep(where) from None
        raise SpecError(f"{where}: not YAML: {problem}") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{name}: not YAML: {error}") from None


@dataclass(slots=True, eq=False)
class _Open:
    """A mapping or sequence that has not ended. `key` is the key whose value comes next; `lines` maps each key to its line."""

    container: dict[str, Any] | list[Any]
    anchor: str | None
    key: str | None = None
    lines: dict[str, int] = field(default_factory=dict)
    merged: list[Any] = field(default_factory=list)
    merging: bool = False


class _YamlReader:
    """The builder of a value from libyaml's events. It is a loop and not a recursion, so that deep nesting is harmless."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[_Open] = []
        self.anchors: dict[str, Any] = {}
        self.values = 0
        self.documents: list[Any] = []

    def value(self, events: Iterator[Any]) -> Any:
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event.anchor, line)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._start(event, line)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._end(line)
        if len(self.documents) != 1:
            raise SpecError(f"{self.name}: it holds {len(self.documents) or 'no'} documents in place of one")
        return self.documents[0]

    def fail(self, line: int, what: str) -> SpecError:
        return SpecError(f"{self.name}:{line}: {what}")

    def _start(self, event: Any, line: int) -> None:
        if self._expects_key():
            raise self.fail(line, NO_KEY)
        if event.tag not in _TAGS and event.tag not in (None, "!"):
            raise self.fail(line, f"the tag {event.tag} is not one of JSON's types")
        if len(self.open) >= DEEPEST:
            raise _too_deep(f"{self.name}:{line}")
        container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_Open(container, event.anchor))
        if event.anchor:
            self.anchors[event.anchor] = ...  # until its end has come

    def _end(self, line: int) -> None:
        done = self.open.pop()
        container = done.container
        if isinstance(container, dict):
            for key, value in (pair for other in done.merged for pair in other.items()):
                container.setdefault(key, value)
        if done.anchor:
            self.anchors[done.anchor] = container
        self._add(container, line)

    def _scalar(self, event: Any, line: int) -> None:
        if self._expects_key():
            if event.anchor:
                self.anchors[event.anchor] = event.value
            self._key(event.value, line, plain=event.implicit[0])
            return
        value = self._resolved(event, line)
        if event.anchor:
            self.anchors[event.anchor] = value
        self._add(value, line)

    def _alias(self, anchor: str | None, line: int) -> None:
        if anchor is None or anchor not in self.anchors:
            raise self.fail(line, f"the alias *{anchor} names no anchor before it")
        value = self.anchors[anchor]
        if value is ...:
            raise self.fail(line, f"the alias *{anchor} stands inside of what it names, which never ends")
        if not self._expects_key():
            return self._add(self._copy(value, line), line)
        if isinstance(value, str):
            return self._key(value, line, plain=False)
        raise self.fail(line, NO_KEY)

    def _copy(self, value: Any, line: int) -> Any:
        self._count(1, line)
        if isinstance(value, dict):
            return {key: self._copy(member, line) for key, member in value.items()}
        return [self._copy(member, line) for member in value] if isinstance(value, list) else value

    def _count(self, more: int, line: int) -> None:
        self.values += more
        if self.values > MOST_VALUES:
            raise self.fail(line, f"with its aliases written out it has more than {MOST_VALUES:,} values")

    def _expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].container, dict) and self.open[-1].key is None

    def _key(self, key: str, line: int, *, plain: bool) -> None:
        top = self.open[-1]
        top.merging = plain and key == "<<"
        if key in top.lines and not top.merging:
            where = f"here and in line {top.lines[key]} of the same object"
            raise self.fail(line, f"the key {key!r} stands {where}; keep one of them")
        top.lines[key], top.key = line, key

    def _add(self, value: Any, line: int) -> None:
        self._count(1, line)
        if not self.open:
            self.documents.append(value)
            return
        top = self.open[-1]
        if isinstance(top.container, list):
            top.container.append(value)
            return
        key, top.key = top.key, None
        assert key is not None
        if not top.merging:
            top.container[key] = value
            return
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            raise self.fail(line, "<< merges objects, and this is none")
        top.merged += parts

    def _resolved(self, event: Any, line: int) -> Any:
        text, tag = event.value, event.tag
        if tag is None or tag == "!":
            return _plain(text, self, line) if event.implicit[0] and tag is None else text
        if tag not in _TAGS:
            raise self.fail(line, f"the tag {tag} is not one of JSON's types")
        if (kind := tag.rpartition(":")[2]) == "str":
            return text
        value = _plain(text, self, line)
        if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is not {"int": int, "float": float, "bool": bool, "null": type(None)}.get(kind):
            raise self.fail(line, f"{text!r} is not a value of !!{kind}")
        return value


def _plain(text: str, reader: _YamlReader, line: int) -> Any:
    """The value of an untagged plain scalar in the core schema (YAML 1.2.2, 10.3.2)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "-+.0123456789":
        return text
    if len(text) > LONGEST_NUMBER and _FLOAT.fullmatch(text):
        raise reader.fail(line, f"a number of {len(text)} digits")
    for pattern, start, radix in ((_INTEGER, 0, 10), (_OCTAL, 2, 8), (_HEX, 2, 16)):
        if pattern.fullmatch(text):
            return int(text[start:], radix)
    if _FLOAT.fullmatch(text):
        if abs(number := float(text)) == float("inf"):
            raise reader.fail(line, f"{text} is too large for a number")
        return number
    if _NO_JSON.fullmatch(text):
        raise reader.fail(line, f"{text} is no JSON number; put it in quotes if a text is meant")
    return text

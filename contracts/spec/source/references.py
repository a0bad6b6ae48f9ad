"""The resolution of references: targets in other files are copied into the document, and references without a target are refused.

A target in another file replaces the reference. A schema is copied to `components/schemas` instead, because schemas may refer to
themselves. Nothing is downloaded: a reference with a host is refused.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from contracts.spec.source import document_text
from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import REFERABLE, Place, walk

MOST_STEPS = 50
"""The most references in a chain; more are a circle."""


def target(document: Any, reference: str) -> Any:
    """The value that a local reference (`#/…`) names. Raises KeyError if there is none."""
    node = document
    for part in pointer_parts(reference.partition("#")[2]):
        if isinstance(node, list):
            if not part.isdecimal() or int(part) >= len(node):
                raise KeyError(part)
            node = node[int(part)]
        elif isinstance(node, dict):
            node = node[part]
        else:
            raise KeyError(part)
    return node


def followed(document: Any, schema: Any) -> Any:
    """The schema that a chain of references leads to; of a circle, one of its schemas."""
    for _ in range(MOST_STEPS):
        if not isinstance(schema, Mapping) or "$ref" not in schema:
            break
        schema = target(document, schema["$ref"])
    return schema


def dereferenced(document: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a chain of references leads to, with the keywords beside each of them, which take precedence; of a circle, and where
    it leads to true or false, those alone."""
    beside = schema
    for _ in range(MOST_STEPS):
        if "$ref" not in schema:
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        found = target(document, schema["$ref"])
        schema = {**(found if isinstance(found, Mapping) else {}), **beside}
    return beside


def types_of(document: Any, schema: Any, steps: int = MOST_STEPS) -> frozenset[str]:
    """The JSON types that a schema names, in its alternatives, too."""
    schema = followed(document, schema)
    if not isinstance(schema, Mapping) or not steps:
        return frozenset()
    types = schema.get("type", ())
    own = frozenset([types] if isinstance(types, str) else types)
    parts = (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ()))
    return own.union(*(types_of(document, part, steps - 1) for part in parts))


def pointer_parts(fragment: str) -> list[str]:
    """The steps of a JSON pointer in a URL (RFC 6901, 6).

    >>> pointer_parts("/paths/~1content~1items~1%7Bid%7D")
    ['paths', '/content/items/{id}']
    """
    if not fragment:
        return []
    if not fragment.startswith("/"):
        raise KeyError(fragment)
    return [part.replace("~1", "/").replace("~0", "~") for part in unquote(fragment)[1:].split("/")]


def bundle(document: dict[str, Any], name: str, folder: Path | None) -> None:
    """Resolve the references of a document into other files, in place. Raises SpecError for a reference without a target."""
    bundler = _Bundler(document, name, folder)
    for place in walk(document, name):
        bundler.visit(place)


class _Bundler:
    def __init__(self, document: dict[str, Any], name: str, folder: Path | None) -> None:
        self.document = document
        self.name = name
        self.folder = folder
        self.files: dict[Path, Any] = {}
        self.origin: dict[str, Path] = {}
        """Pointer in the document -> the file from which the value there was copied."""
        self.schemas: dict[tuple[Path | None, str], str] = {}
        """(file, pointer in it) -> the reference to its place among the components."""
        self.settled: set[int] = set()
        """Identities of the schemas whose reference is one into the components by now; they live as long as the document."""

    def visit(self, place: Place) -> None:
        node = place.node
        for _ in range(MOST_STEPS):
            reference = node.get("$ref") if place.kind in REFERABLE else None
            if not isinstance(reference, str) or id(node) in self.settled:
                return
            file = self._file_of(place.pointer)
            if reference.startswith("#") and file is None:
                self._local(place, reference)
                return
            path = self._path(place, reference, file)
            fragment = reference.partition("#")[2]
            if place.kind == "schema":
                node["$ref"] = self._hoisted(place, path, fragment)
                self.settled.add(id(node))
                return
            found = self._found(place, path, fragment)
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            if isinstance(found, dict):
                node = {**_copied(found), **siblings}
            place.holder[place.key] = node
            if path is None:
                self.origin.pop(place.pointer, None)
            else:
                self.origin[place.pointer] = path
        raise self._fail(place, "these references lead in a circle")

    def _local(self, place: Place, reference: str) -> None:
        try:
            found = target(self.document, reference)
        except KeyError:
            raise self._fail(place, f"{reference} is a reference to nothing") from None
        if place.kind == "path":
            place.holder[place.key] = {
                **_copied(found),
                **{k: v for k, v in place.node.items() if k != "$ref"},
            }
        elif (
            place.kind == "schema" and not reference.startswith("#/components/schemas/") and reference != "#"
        ):
            place.node["$ref"] = self._hoisted(place, None, reference.partition("#")[2])

    def _file_of(self, pointer: str) -> Path | None:
        """The file from which this place was copied; None for the document itself."""
        while pointer:
            if pointer in self.origin:
                return self.origin[pointer]
            pointer = pointer.rpartition("/")[0]
        return None

    def _path(self, place: Place, reference: str, file: Path | None) -> Path | None:
        """The file that a reference points into; None for the document itself."""
        split = urlsplit(reference)
        if split.scheme or split.netloc:
            raise self._fail(
                place, f"{reference} is elsewhere, and nothing is fetched; save it beside {self.name}"
            )
        if not split.path:
            return file
        folder = file.parent if file else self.folder
        if folder is None:
            raise self._fail(place, f"{reference} is another file, and this document has no folder")
        path = (folder / unquote(split.path)).resolve()
        return (
            None
            if self.folder is not None and path == (self.folder / Path(self.name).name).resolve()
            else path
        )

    def _found(self, place: Place, path: Path | None, fragment: str) -> Any:
        root = self.document if path is None else self._read(place, path)
        try:
            return target(root, f"#{fragment}")
        except KeyError:
            file_name = "" if path is None else path.name
            raise self._fail(place, f"{file_name}#{fragment} is a reference to nothing") from None

    def _read(self, place: Place, path: Path) -> Any:
        if path not in self.files:
            try:
                text = path.read_bytes()
            except OSError as error:
                raise self._fail(place, f"cannot read {path.name}: {error.strerror}") from None
            self.files[path] = document_text.read(text, name=path.name)
        return self.files[path]

    def _hoisted(self, place: Place, path: Path | None, fragment: str) -> str:
        key = (path, fragment)
        if key not in self.schemas:
            schema = self._found(place, path, fragment)
            components = self.document.setdefault("components", {})
            schemas = components.setdefault("schemas", {}) if isinstance(components, dict) else None
            if not isinstance(schemas, dict):
                raise self._fail(place, "components/schemas is no object")
            name = _free_name(schemas, path, fragment)
            self.schemas[key] = f"#/components/schemas/{name}"
            schemas[name] = _copied(schema)
            if path is not None:
                self.origin[f"/components/schemas/{name}"] = path
            self._visit_late(schemas, name)
        return self.schemas[key]

    def _visit_late(self, schemas: dict[str, Any], name: str) -> None:
        """Visit a schema that was added after the walk had passed `components`. A second visit would change nothing."""
        part = {"paths": {}, "components": {"schemas": {name: schemas[name]}}}
        for place in walk(part, self.name):
            if place.kind == "schema":
                self.visit(place)

    def _fail(self, place: Place, what: str) -> SpecError:
        return SpecError(f"{self.name}: {place.pointer or '/'}: {what}")


def _free_name(schemas: dict[str, Any], path: Path | None, fragment: str) -> str:
    words = [*([path.stem] if path else []), *pointer_parts(fragment)[-2:]] or ["document"]
    plain = (
        "_".join("".join(c if c.isalnum() else "_" for c in word).strip("_") for word in words) or "schema"
    )
    name, number = plain, 1
    while name in schemas:
        number += 1
        name = f"{plain}_{number}"
    return name


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(member) for key, member in value.items()}
    return [_copied(member) for member in value] if isinstance(value, list) else value


def resolved(document: Any, node: Any, fail: Any) -> Any:
    """The value at the end of a chain of references. `fail(reference, what)` makes the error that is raised for a broken one."""
    for _ in range(MOST_STEPS):
        if not isinstance(node, dict) or "$ref" not in node:
            return node
        reference = node["$ref"]
        try:
            node = target(document, reference)
        except KeyError:
            raise fail(reference, "a reference to nothing") from None
    raise fail(node["$ref"], "these references lead in a circle")

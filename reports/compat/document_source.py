"""Reads a document from a file, a URL, or as it was at a commit, with its overlays. Whatever is wrong with it is one line.

A commit is asked of git and of nobody else; what git says is passed on in its own words. A URL may cost 16 MiB and
10 seconds in all, 5 until it begins, whatever its server does: drips, never ends, sends it elsewhere.
"""

import hashlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contracts import spec
from contracts.command.exit_code import ExitCode, Stop
from contracts.network import tls, unreachable
from contracts.network.printable import printable
from contracts.network.target_url import InvalidTarget, read_url
from contracts.spec.source import document_text, references
from contracts.spec.source import overlays as overlay_document
from contracts.spec.source.openapi_versions import upgraded
from reports.bounded_http import BrokenAnswer, HttpBounds, UnansweredRequest, exchange
from reports.compat.document_check import check

GIT_SECONDS = 20.0
BOUNDS = HttpBounds()


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document that can be compared, and how to name it."""

    name: str
    version: str
    digest: str
    document: Mapping[str, Any]


def of(place: str, overlays: Sequence[Path] = ()) -> SourceDocument:
    """The document of a file or URL. Stop(USAGE) if it cannot be read or is no OpenAPI document."""
    if place.startswith(("http://", "https://")):
        return parsed(_downloaded(place), place, overlays)
    return of_file(Path(place), overlays)


def of_file(path: Path, overlays: Sequence[Path] = ()) -> SourceDocument:
    return parsed(_bytes(path), str(path), overlays, path.absolute().parent)


def _downloaded(url: str) -> bytes:
    try:
        read_url(url, option="a document's URL")
    except InvalidTarget as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    headers = {"Accept": "application/yaml, application/json, */*"}
    try:
        answer = exchange("GET", url, replace(BOUNDS, trust=tls.of_environment()), headers=headers)
    except UnansweredRequest as error:
        raise Stop(ExitCode.UNREACHABLE, unreachable.line(url, error)) from None
    except BrokenAnswer as error:
        raise Stop(ExitCode.UNREACHABLE, printable(f"{url} {error}")) from None
    if answer.status != 200:
        to = answer.headers.get("location", "")
        moved = (
            f", to {to}; name that URL if it is the right one" if 300 <= answer.status < 400 and to else ""
        )
        raise Stop(ExitCode.UNREACHABLE, printable(f"{url} answers {answer.status}{moved}"))
    return answer.body


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:  # a null character in the name
        raise Stop(ExitCode.USAGE, f"cannot read {str(path)!r}: {error}") from None


def of_commit(ref: str, path: Path, overlays: Sequence[Path] = ()) -> SourceDocument:
    """The same file at a commit, tag or branch. Stop(USAGE) if git has no such thing."""
    if ref.startswith("-"):
        raise Stop(ExitCode.USAGE, f"{ref!r} is no commit, tag or branch")
    argv = ["git", "-C", str(path.resolve().parent), "show", f"{ref}:./{path.name}"]
    try:
        asked = subprocess.run(argv, capture_output=True, timeout=GIT_SECONDS, check=False)
    except FileNotFoundError:
        raise Stop(ExitCode.USAGE, "--against needs git, which is not installed") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Stop(ExitCode.USAGE, f"git could not show {ref!r}: {error}") from None
    if asked.returncode:
        said = " ".join(asked.stderr.decode("utf-8", "replace").split())
        raise Stop(ExitCode.USAGE, f"git has no {path.name} at {ref}: {said}")
    return parsed(asked.stdout, f"{ref}:{path.name}", overlays)


def parsed(
    text: bytes, name: str, overlays: Sequence[Path] = (), folder: Path | None = None
) -> SourceDocument:
    """The document in a text. `folder` is where references to other files start; a commit and a URL have none."""
    edits = [(overlay.name, _bytes(overlay)) for overlay in overlays]
    try:
        document = _document(text, name, edits, folder)
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    info = document.get("info")
    version = str(info.get("version", "")) if isinstance(info, dict) else ""
    return SourceDocument(name, version, hashlib.sha256(text).hexdigest(), document)


def _document(text: bytes, name: str, edits: list[tuple[str, bytes]], folder: Path | None) -> dict[str, Any]:
    read = document_text.read(text, name=name)
    for overlay, edit in edits:
        read, _ = overlay_document.apply(read, edit, name=overlay)
    if not isinstance(read, dict):
        raise spec.SpecError(f"{name} is not an OpenAPI document: it is no object")
    return prepare(read, name, folder)


def prepare(document: dict[str, Any], name: str, folder: Path | None = None) -> dict[str, Any]:
    """Makes it one of OpenAPI 3.1 without references to other files, in place. SpecError if it is of another form."""
    upgraded(document, name)
    if folder is not None and any(not target.startswith("#") for target in _references(document)):
        references.bundle(document, name, folder)
    check(document, name)
    return document


def _references(document: dict[str, Any]) -> Iterator[str]:
    left: list[Any] = [document]
    while left:
        node = left.pop()
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield node["$ref"]
        if isinstance(node, dict | list):
            left += node.values() if isinstance(node, dict) else node

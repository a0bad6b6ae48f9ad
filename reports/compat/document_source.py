"""The sources of a document: a file, a URL or a git commit, each with overlays. Every problem is reported in one line.

A commit is read with git, and git's own error message is passed on. A URL may cost 16 MiB and 10 seconds in all, 5 until
the answer begins, even if its server sends slowly, never ends or redirects.
"""

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
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
from reports.compat.pointers import objects

GIT_SECONDS = 20.0
BOUNDS = HttpBounds(proxied=True)


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document that was read, with its name, its `info.version` and the SHA-256 digest of its text."""

    name: str
    version: str
    digest: str
    document: Mapping[str, Any]


def read(place: str, overlays: Sequence[Path] = ()) -> SourceDocument:
    """The document of a file or URL. Stop(USAGE) if it cannot be read or is not an OpenAPI document."""
    if place.startswith(("http://", "https://")):
        return parse(_downloaded(place), place, overlays)
    return read_file(Path(place), overlays)


def read_file(path: Path, overlays: Sequence[Path] = ()) -> SourceDocument:
    return parse(_bytes(path), str(path), overlays, path.absolute().parent)


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


def read_commit(ref: str, path: Path, overlays: Sequence[Path] = ()) -> SourceDocument:
    """The file as it was at a commit, tag or branch. Stop(USAGE) if git does not know it."""
    if ref.startswith("-"):
        raise Stop(ExitCode.USAGE, f"{ref!r} is no commit, tag or branch")
    argv = ["git", "-C", str(path.resolve().parent), "show", f"{ref}:./{path.name}"]
    try:
        git = subprocess.run(argv, capture_output=True, timeout=GIT_SECONDS, check=False)
    except FileNotFoundError:
        raise Stop(ExitCode.USAGE, "--against needs git, which is not installed") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Stop(ExitCode.USAGE, f"git could not show {ref!r}: {error}") from None
    if git.returncode:
        error_text = " ".join(git.stderr.decode("utf-8", "replace").split())
        raise Stop(ExitCode.USAGE, f"git has no {path.name} at {ref}: {error_text}")
    return parse(git.stdout, f"{ref}:{path.name}", overlays)


def parse(
    text: bytes, name: str, overlays: Sequence[Path] = (), folder: Path | None = None
) -> SourceDocument:
    """The document in a text. `folder` is the base of references to other files; a commit and a URL have none."""
    edits = [(overlay.name, _bytes(overlay)) for overlay in overlays]
    try:
        document = document_text.read(text, name=name)
        for overlay, edit in edits:
            document, _ = overlay_document.apply(document, edit, name=overlay)
        if not isinstance(document, dict):
            raise spec.SpecError(f"{name} is not an OpenAPI document: it is no object")
        prepare(document, name, folder)
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    info = document.get("info")
    version = str(info.get("version", "")) if isinstance(info, dict) else ""
    return SourceDocument(name, version, hashlib.sha256(text).hexdigest(), document)


def prepare(document: dict[str, Any], name: str, folder: Path | None = None) -> dict[str, Any]:
    """Turn a document into OpenAPI 3.1 without references to other files, in place. SpecError if its form is wrong."""
    upgraded(document, name)
    targets = (node.get("$ref") for node in objects(document))
    if folder is not None and any(isinstance(each, str) and not each.startswith("#") for each in targets):
        references.bundle(document, name, folder)
    check(document, name)
    return document

"""Reads a document from a file, a URL, or as it was at a commit. Everything that can be wrong with it is one line.

A commit is asked of git and of nobody else; what git says is passed on in its own words. A URL may cost 16 MiB and
10 seconds in all, whatever its server does: drips, never ends, sends it elsewhere.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts import spec
from contracts.command.exit_code import ExitCode, Stop
from contracts.spec.source import document_text
from reports.compat.bounded_download import DownloadError, download
from reports.compat.document_check import checked

GIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document that can be compared, and how to name it."""

    name: str
    version: str
    digest: str
    document: Mapping[str, Any]


def of(place: str) -> SourceDocument:
    """Of a file or URL. Stop(USAGE) if it cannot be read or is no OpenAPI document."""
    if place.startswith(("http://", "https://")):
        try:
            return parsed(download(place), place)
        except DownloadError as error:
            raise Stop(ExitCode.UNREACHABLE, str(error)) from None
    return of_file(Path(place))


def of_file(path: Path) -> SourceDocument:
    try:
        return parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot read {path}: {error.strerror}") from None


def of_commit(ref: str, path: Path) -> SourceDocument:
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
    return parsed(asked.stdout, f"{ref}:{path.name}")


def parsed(text: bytes, name: str) -> SourceDocument:
    try:
        read = document_text.read(text, name=name)
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    if not isinstance(read, dict):
        raise Stop(ExitCode.USAGE, f"{name} is not an OpenAPI document: it is no object")
    try:
        document = checked(read, name)
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    info = document.get("info")
    version = str(info.get("version", "")) if isinstance(info, dict) else ""
    return SourceDocument(name, version, hashlib.sha256(text).hexdigest(), document)

"""Reads a document from a file, or as it was at a commit. Everything that can be wrong with it is one line.

Asks git and nobody else; what git says is passed on in its own words.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from contracts import spec
from reports.exitcode import ExitCode, Stop

GIT_SECONDS = 20.0


def of_file(path: Path) -> spec.Spec:
    """Stop(USAGE) if it cannot be read or is no document that this harness understands."""
    try:
        return spec.parse(path.read_bytes(), name=str(path))
    except OSError as error:
        raise Stop(ExitCode.USAGE, f"cannot read {path}: {error.strerror}") from None
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Stop(ExitCode.USAGE, f"{path} is not an OpenAPI document that can be read: {error!r}") from None


def of_commit(ref: str, path: Path) -> spec.Spec:
    """The same file at a commit, tag or branch. Stop(USAGE) if git has no such thing."""
    if ref.startswith("-"):
        raise Stop(ExitCode.USAGE, f"{ref!r} is no commit, tag or branch")
    argv = ["git", "-C", str(path.resolve().parent), "show", f"{ref}:./{path.name}"]
    try:
        asked = subprocess.run(argv, capture_output=True, timeout=GIT_SECONDS, check=False)
    except FileNotFoundError:
        raise Stop(ExitCode.USAGE, "--against needs git, which is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Stop(ExitCode.USAGE, f"git could not show {ref}: {error}") from None
    if asked.returncode:
        said = " ".join(asked.stderr.decode("utf-8", "replace").split())
        raise Stop(ExitCode.USAGE, f"git has no {path.name} at {ref}: {said}")
    try:
        return spec.parse(asked.stdout, name=f"{ref}:{path.name}")
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, str(error)) from None

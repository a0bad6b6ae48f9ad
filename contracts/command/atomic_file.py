"""The atomic replacement of a file, so that no reader sees half of it: a temporary file beside it is renamed.

If anything fails, the temporary file is removed and the old content stays.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that replaces `path` when the block ends without an error. Only its owner may read it, because it may have a target's
    data.
    Raises OSError. A device or pipe (`/dev/stdout`) is written directly."""
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as beside:
        try:
            yield beside
            beside.flush()
            os.fsync(beside.fileno())
            os.replace(beside.name, path)
        except BaseException:
            os.unlink(beside.name)
            raise


def refusal(path: Path, *, folder: bool = False) -> str:
    """The reason why nothing can be written to a path; empty if it can, so that a run learns it before its first request and not with its
    result in hand. A temporary file is written, because permissions say nothing about root and a read-only disk."""
    if path.is_dir() and not folder:
        return "it is a folder, and a file is needed"
    if path.exists() and not path.is_file() and not folder:  # a device or a pipe
        return ""
    place = path if folder else path.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except (FileExistsError, NotADirectoryError):
        return "a file stands where a folder is needed"
    except OSError as error:
        return str(error.strerror)
    return ""


def write(path: Path, content: str | bytes) -> None:
    """Replace the file at `path`. Text is encoded as UTF-8 with unchanged line ends; a lone surrogate, which JSON may have and UTF-8 may
    not, becomes a question mark."""
    with replacing(path) as file:
        file.write(content.encode(errors="replace") if isinstance(content, str) else content)

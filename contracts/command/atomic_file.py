"""Writing a file so that no reader sees half of it: a temporary file beside it, then a rename.

On any failure the temporary file is removed and the old content stays.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path, *, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """A file to write to, for its owner alone because it may hold data of a target. It takes the place of `path` when the block ends
    without an error; OSError says why not. `/dev/stdout` is written as it is."""
    if (
        path.exists() and not path.is_file()
    ):  # a device or a pipe, which nobody wants to have as a file instead
        with path.open("wb") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as beside:
        try:
            yield beside
            beside.flush()
            os.fsync(beside.fileno())
            os.chmod(beside.name, mode)
            os.replace(beside.name, path)
        except BaseException:
            os.unlink(beside.name)
            raise


def refusal(path: Path, *, folder: bool = False) -> str:
    """Why nobody can write there, in words; empty where it can be done, so that a run learns it before its first request and not
    with its result in hand. Tried with a file that is gone again: of root and of a read-only disk permissions say nothing."""
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
    """Replace `path` by this content; text is written as UTF-8, with its line ends as they are. Half a
    surrogate pair, which JSON may hold and UTF-8 not, becomes a question mark."""
    with replacing(path) as file:
        file.write(content.encode(errors="replace") if isinstance(content, str) else content)

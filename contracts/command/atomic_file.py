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


def write(path: Path, content: str | bytes) -> None:
    """Replace `path` by this content; text is written as UTF-8, with its line ends as they are. Half a
    surrogate pair, which JSON may hold and UTF-8 not, becomes a question mark."""
    with replacing(path) as file:
        file.write(content.encode(errors="replace") if isinstance(content, str) else content)

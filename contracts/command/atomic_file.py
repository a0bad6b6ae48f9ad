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
    """A file to write to, for its owner alone because it may hold data of a target, which takes the place of `path` when the block ends without an error. OSError says why not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, mode)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def write(path: Path, content: str | bytes) -> None:
    """Replace `path` by this content; text is written as UTF-8, with its line ends as they are. Half a
    surrogate pair, which JSON may hold and UTF-8 not, becomes a question mark."""
    with replacing(path) as file:
        file.write(content.encode(errors="replace") if isinstance(content, str) else content)

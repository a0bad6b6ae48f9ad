"""Writing a file so that nobody ever sees half of it: a temporary name beside it, then a rename.

Refuses to know what it writes. On any failure the temporary file is removed and the old content stays.
"""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Replace `path` by `text` (UTF-8). OSError says why not; then nothing has changed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise

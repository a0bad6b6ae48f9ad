"""A file is replaced as a whole or not at all."""

import os
from pathlib import Path

import pytest

from contracts.command import atomic_file


def test_it_replaces_the_content_and_makes_folders(tmp_path: Path) -> None:
    path = tmp_path / "out" / "run.json"
    atomic_file.write(path, "één\n")
    atomic_file.write(path, b"two\r\n")
    assert path.read_bytes() == b"two\r\n" and [file.name for file in path.parent.iterdir()] == ["run.json"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    atomic_file.write(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_file.write(path, "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("run.json", "old")]


def test_an_interrupted_block_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    atomic_file.write(path, "old")

    def interrupted() -> None:
        with atomic_file.replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("run.json", "old")]


def test_a_pipe_is_written_and_no_file_takes_its_place() -> None:
    """`--run-out /dev/stdout`; as root a device would have been gone for all."""
    end, begin = os.pipe()
    place = Path(f"/dev/fd/{begin}")
    atomic_file.write(place, "told")
    os.close(begin)
    with os.fdopen(end) as told:
        assert told.read() == "told"

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


@pytest.mark.parametrize(
    ("place", "folder", "told"),
    [
        pytest.param("run.json", False, "", id="a new file"),
        pytest.param("old.json", False, "", id="a file that is there"),
        pytest.param("a/b/run.json", False, "", id="below folders that are made"),
        pytest.param("/dev/null", False, "", id="a device"),
        pytest.param(".", False, "it is a folder, and a file is needed", id="a folder for a file"),
        pytest.param("old.json/run.json", False, "a file stands where a folder is needed", id="below a file"),
        pytest.param("/proc/none/run.json", False, "No such file or directory", id="where nobody may"),
        pytest.param("a/b", True, "", id="a new folder"),
        pytest.param("old.json", True, "a file stands where a folder is needed", id="a file for a folder"),
        pytest.param("/proc/none", True, "No such file or directory", id="a folder where nobody may"),
    ],
)
def test_what_cannot_be_written_is_known_before(tmp_path: Path, place: str, folder: bool, told: str) -> None:
    (tmp_path / "old.json").write_text("old")
    path = tmp_path / place
    assert atomic_file.refusal(path, folder=folder) == told
    assert (tmp_path / "old.json").read_text() == "old" and not list(path.parent.glob("*tmp*"))

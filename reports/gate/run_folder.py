"""The folder of one gate run: new, named after the start of the run, and removed if the run never began."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop

MOST = 100


def create(out: Path, now: datetime) -> Path:
    """Create `out/<UTC stamp>` with the folders `logs` and `parts`. Stop(USAGE) if that is not possible."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, MOST):
        folder = out / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True)
            (folder / "logs").mkdir()
            (folder / "parts").mkdir()
        except FileExistsError:
            if not out.is_dir():
                raise Stop(ExitCode.USAGE, f"cannot write into {out}: it is not a directory") from None
            continue
        except OSError as error:
            raise Stop(
                ExitCode.USAGE,
                f"cannot write into {out}: {error.strerror}; choose another place with --out",
            ) from None
        return folder
    raise Stop(ExitCode.USAGE, f"{out} already holds {MOST - 1} runs of {stamp}")


def remove_if_empty(folder: Path) -> None:
    """Remove the folder of a run that never began, unless it holds a log that says why."""
    for path in (folder / "logs", folder / "parts", folder):
        with suppress(OSError):
            path.rmdir()

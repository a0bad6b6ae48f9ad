"""The folder of one gate run: named after its start, fresh, and gone again if the run never began."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop

MOST = 100


def made(out: Path, now: datetime) -> Path:
    """A fresh folder for a run. `out/<UTC stamp>` with its two folders; Stop(USAGE) if it cannot be made."""
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
    """A run that never began leaves nothing behind but a log that says why."""
    for path in (folder / "logs", folder / "parts", folder):
        with suppress(OSError):
            path.rmdir()

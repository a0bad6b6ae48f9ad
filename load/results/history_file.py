"""The history of a run on disk, and its calls for the checkers.

A long run has more calls than memory should hold. The checkers then get a closed prefix: all calls that ended before some
moment, and all that had begun by then, because their effects may be visible in the former.

Each load process stamps its calls with its own monotonic clock. The calls of another machine are moved to the coordinator's clock
and extended at both ends by the uncertainty of the difference (`Alignment`), so that no unobserved order is claimed.
"""

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from contracts.command.atomic_file import replacing
from contracts.history import Call, History, decode, encode

LIMIT = 128 << 20
"""The most bytes of calls that are judged: about 300,000 calls of a usual mix, which need nearly four times as much memory."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The difference of a process's clock from the coordinator's: it is `ahead` ± `uncertain` ns.

    >>> call = decode(b'{"client":"c","operation":"o","due":90,"sent":100,"done":200,"outcome":"ok"}')
    >>> moved = Alignment(ahead=50, uncertain=5).moved(call)
    >>> moved.due, moved.sent, moved.done
    (35, 45, 155)
    """

    ahead: int
    uncertain: int

    def moved(self, call: Call) -> Call:
        early, late = -self.ahead - self.uncertain, -self.ahead + self.uncertain
        return replace(
            call,
            due=call.due + early,
            sent=call.sent + early,
            done=None if call.done is None else call.done + late,
            first_byte=None if call.first_byte is None else call.first_byte + late,
        )


@dataclass(slots=True)
class _Part:
    """Consecutive lines of one process, `size` bytes in total."""

    worker: str
    size: int = field(default=0)


class HistoryFile:
    """The history of a run on disk. `alignments` has the processes with another clock than the coordinator's."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="tchat-history-")  # noqa: SIM115 - it lives as long as the run
        self._parts: list[_Part] = []
        self.alignments: Mapping[str, Alignment] = {}

    def add(self, lines: bytes, worker: str = "") -> None:
        """Append NDJSON without a final newline, as the load processes report it."""
        if not lines:
            return
        self._file.write(lines)
        self._file.write(b"\n")
        if not self._parts or self._parts[-1].worker != worker:
            self._parts.append(_Part(worker))
        self._parts[-1].size += len(lines) + 1

    def _lines(self) -> Iterator[tuple[str, bytes]]:
        """(process, line) in the order of the reports."""
        self._file.seek(0)
        for part in self._parts:
            left = part.size
            while left > 0:
                line = self._file.readline()
                left -= len(line)
                yield part.worker, line

    def _call(self, worker: str, line: bytes) -> Call:
        call, alignment = decode(line), self.alignments.get(worker)
        return call if alignment is None else alignment.moved(call)

    def calls(self) -> Iterator[Call]:
        """All calls by the coordinator's clock, in the order of the reports."""
        return (self._call(worker, line) for worker, line in self._lines())

    def closed(self, limit: int = LIMIT, *, without: Collection[str] = ()) -> tuple[History, bool]:
        """(the calls for the checkers, whether they are all). `limit` is in bytes; `without` are processes whose calls are not
        complete."""
        kept: list[Call] = []
        until = taken = 0
        whole = True
        for worker, line in self._lines():
            if worker in without:
                continue
            call = self._call(worker, line)
            taken += len(line)
            if taken <= limit:
                kept.append(call)
                until = max(until, call.done or call.sent)
            elif call.sent <= until:
                kept.append(call)
            else:
                whole = False
        return tuple(kept), whole

    def save(self, path: Path) -> None:
        """Write the history to a file, through a temporary file beside it."""
        with replacing(path) as out:
            if self.alignments:
                for worker, line in self._lines():
                    moved = worker in self.alignments
                    out.write(encode(self._call(worker, line)) + b"\n" if moved else line)
            else:
                self._file.seek(0)
                shutil.copyfileobj(self._file, out)

    def close(self) -> None:
        self._file.close()

"""The history of a run on disk while it grows, and as calls for the checkers when it is over.

A long run has more calls than memory should hold. Checkers then see a prefix of it that is closed: everything that ended
before some moment, and every call that had begun by then, because its effect may show in what ended earlier.

Each load process stamps its calls by its own monotonic clock. Where that is another machine's, its calls are moved to the
coordinator's clock and made longer at both ends by what is not known of the difference (`Alignment`), so that no order is claimed
that nobody saw.
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
"""Bytes of the calls that are judged: 300,000 of a usual mix, which take nearly four times as much memory as calls; long lists make them longer."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A process's clock beside the coordinator's: `ahead` ns, give or take `uncertain` ns.

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
    """What one process reported at once: `size` bytes."""

    worker: str
    size: int = field(default=0)


class HistoryFile:
    """The history of a run on disk. `alignments` holds those processes whose clock is not the coordinator's."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="tchat-history-")  # noqa: SIM115 - it lives as long as the run
        self._parts: list[_Part] = []
        self.alignments: Mapping[str, Alignment] = {}

    def add(self, lines: bytes, worker: str = "") -> None:
        """NDJSON without a newline at its end, as the load processes report it."""
        if not lines:
            return
        self._file.write(lines)
        self._file.write(b"\n")
        if not self._parts or self._parts[-1].worker != worker:
            self._parts.append(_Part(worker))
        self._parts[-1].size += len(lines) + 1

    def _lines(self) -> Iterator[tuple[str, bytes]]:
        """(process, line) in the order in which they were reported."""
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
        """All of them, on the coordinator's clock, in the order in which they were reported."""
        return (self._call(worker, line) for worker, line in self._lines())

    def closed(self, limit: int = LIMIT, *, without: Collection[str] = ()) -> tuple[History, bool]:
        """The calls for the checkers, and whether those are all. `limit`: bytes, of those that come first; `without` names
        processes whose calls are not complete."""
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
        """Write it to a temporary name beside `path` and rename it."""
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

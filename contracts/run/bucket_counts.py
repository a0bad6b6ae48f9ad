"""`BucketArray`, a mapping from bucket index to count, stored as an array from the first index to the last.

An index takes 8 bytes, where a dict takes 70 and more for each. The memory of a long run thus does not depend on how many different
latencies there were. An index whose count is 0 is not in the mapping.

    >>> counts = BucketArray({7: 2})
    >>> counts.add({5: 1, 7: 1}); counts == {5: 1, 7: 3}, list(counts), counts.get(6)
    (True, [5, 7], None)
"""

from array import array
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import accumulate


class BucketArray(MutableMapping[int, int]):
    """Counts by index. Indices are not negative."""

    __slots__ = ("_counts", "_first")

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self._first = 0
        self._counts = array("Q")
        if counts:
            self.add(counts)

    def add(self, counts: Mapping[int, int]) -> None:
        """Add these counts, index by index."""
        if not counts:
            return
        self._reach(min(counts), max(counts))
        first, own = self._first, self._counts
        for index, count in counts.items():
            own[index - first] += count

    def _reach(self, low: int, high: int) -> None:
        """Extend the array so that it has these indices."""
        if not self._counts:
            self._first = low
        elif low < self._first:
            self._counts = array("Q", bytes(8 * (self._first - low))) + self._counts
            self._first = low
        beyond = high - self._first + 1 - len(self._counts)
        if beyond > 0:
            self._counts.frombytes(bytes(8 * beyond))

    def __getitem__(self, index: int) -> int:
        place = index - self._first
        if 0 <= place < len(self._counts) and (count := self._counts[place]):
            return count
        raise KeyError(index)

    def __setitem__(self, index: int, count: int) -> None:
        self._reach(index, index)
        self._counts[index - self._first] = count

    def __delitem__(self, index: int) -> None:
        self[index]  # or KeyError
        self._counts[index - self._first] = 0

    def __iter__(self) -> Iterator[int]:
        """The indices with a count, ascending."""
        return (index for index, count in enumerate(self._counts, self._first) if count)

    def __len__(self) -> int:
        return len(self._counts) - self._counts.count(0)


def flat(counts: Mapping[int, int]) -> list[int]:
    """The JSON form of counts: flattened pairs [distance from the previous index, count], ascending; it is short because distances are.

    >>> flat({7: 2, 5: 1}), counts_of([5, 1, 2, 2])
    ([5, 1, 2, 2], {5: 1, 7: 2})
    """
    found: list[int] = []
    previous = 0
    for index in sorted(counts):
        found += (index - previous, counts[index])
        previous = index
    return found


def counts_of(pairs: Sequence[int]) -> dict[int, int]:
    """The counts of a JSON form that `flat` made."""
    return dict(zip(accumulate(pairs[::2]), pairs[1::2], strict=True))

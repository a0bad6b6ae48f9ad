"""The exhaustive search: is there any order of these calls that the rules of the object allow?

Wing and Gong's search with Lowe's memo of (calls already placed, state). Exponential in the number of calls that overlap,
so it is for short windows and for proving the linear-time checkers right; `SearchTooLarge` is a result, never a verdict.

A step gives all states that may follow, and none where the call cannot have happened there, so that effects which nobody
has seen are one more possible state. A call that ended never (`end` None) may also be left out altogether.

    >>> step = lambda state, op: [op[1]] if op[0] == "w" else [state] if state == op[1] else []
    >>> order([Timed(0, 5, ("w", 1)), Timed(6, 9, ("r", 0))], 0, step) is None
    True
    >>> order([Timed(0, 5, ("w", 1)), Timed(4, 9, ("r", 0))], 0, step)
    [1, 0]
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S", bound=Hashable)
O = TypeVar("O")  # noqa: E741 - an operation; the letter is the literature's


class SearchTooLarge(RuntimeError):
    """The search gave up: nothing is known."""


class Timed(NamedTuple, Generic[O]):
    """One call of the object. `end` None: it may take effect at any time after `start`, or never."""

    start: int
    end: int | None
    operation: O


def order(
    calls: Sequence[Timed[O]],
    initial: S,
    step: Callable[[S, O], Iterable[S]],
    *,
    budget: int = 2_000_000,
) -> list[int] | None:
    """Indexes of `calls` in one order that explains all of them, or None where there is none.

    A call may come next if no other unplaced call ended before it started (ends that touch a start overlap it).
    """
    horizon = 1 + max((max(c.start, c.end or 0) for c in calls), default=0)
    ends = [horizon if c.end is None else c.end for c in calls]
    required = sum(1 << i for i, c in enumerate(calls) if c.end is not None)
    failed: set[tuple[int, S]] = set()
    # Each frame: what is placed, the state after it, and which (call, next state) are still to be tried.
    stack: list[tuple[int, S, list[tuple[int, S]]]] = []
    path: list[int] = []
    placed, state, steps = 0, initial, 0
    while True:
        if placed & required == required:
            return path
        if (placed, state) not in failed:
            failed.add((placed, state))
            steps += 1
            if steps > budget:
                raise SearchTooLarge(f"more than {budget} steps for {len(calls)} calls")
            open_calls = [i for i in range(len(calls)) if not placed >> i & 1]
            barrier = min(ends[i] for i in open_calls)
            choices = [
                (i, after)
                for i in open_calls
                if calls[i].start <= barrier
                for after in step(state, calls[i].operation)
            ]
            stack.append((placed, state, choices))
        while stack and not stack[-1][2]:
            stack.pop()
            if path:
                path.pop()
        if not stack:
            return None
        before, _, choices = stack[-1]
        chosen, state = choices.pop()
        del path[len(stack) - 1 :]
        path.append(chosen)
        placed = before | 1 << chosen

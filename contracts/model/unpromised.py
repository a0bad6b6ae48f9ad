"""What a target's document does not promise, standing in an answer where our contract has a member or a header.

Whoever only carries it along (a comparison of two whole items) meets the same value twice and goes on; whoever looks at it gets
`UnpromisedError`, which is neither a pass nor a failure of the target. The model takes it as anything.

    >>> one = unpromised("createdBy of createContentItem")
    >>> {"id": 1, "createdBy": one} == {"id": 1, "createdBy": unpromised("createdBy of createContentItem")}
    True
    >>> one == "u-ada"
    Traceback (most recent call last):
    contracts.model.unpromised.UnpromisedError: the document does not promise createdBy of createContentItem
"""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn


class UnpromisedError(Exception):
    """The document of the target does not promise what is looked at, so that nothing can be said of it."""


class Unpromised:
    """A member or header that the target's document does not promise. Raises at every look; `unpromised` gives one object for
    each `what`, and Python takes an object as equal to itself."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<not promised: {self.what}>"

    def _look(self, *_: Any) -> NoReturn:
        raise UnpromisedError(f"the document does not promise {self.what}")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _look
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __str__ = __int__ = __float__ = _look
    __hash__ = _look
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _look

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._look()


def is_promised(value: Any) -> bool:
    """Whether nothing in a value, however deep in lists, is unpromised."""
    if isinstance(value, list | tuple):
        return all(map(is_promised, value))
    return not isinstance(value, Unpromised)


@cache
def unpromised(what: str) -> Unpromised:
    return Unpromised(what)


def without_unpromised(value: Any) -> Any:
    """A JSON value without those members."""
    if isinstance(value, dict):
        return {
            name: without_unpromised(member)
            for name, member in value.items()
            if not isinstance(member, Unpromised)
        }
    return [without_unpromised(member) for member in value] if isinstance(value, list) else value

"""`Unpromised`, a placeholder in an answer for a member or header that our contract has and the target's document does not promise.

Code that reads it gets `UnpromisedError`, which is neither a pass nor a failure of the target. Two placeholders are equal, so that
whole items can be compared. For the model it equals everything.

    >>> one = unpromised("createdBy of createContentItem")
    >>> {"id": 1, "createdBy": one} == {"id": 1, "createdBy": unpromised("createdBy of createContentItem")}
    True
    >>> one == "u-ada"
    Traceback (most recent call last):
    contracts.model.unpromised.UnpromisedError: the document does not promise createdBy of createContentItem
"""

from functools import cache
from typing import Any, NoReturn

SILENCES = ("archived items", "status of a revert", "unchanged content")
"""The needs of `contracts.dialect.document_needs` without which the model allows either outcome: what becomes of a write on an archived
item, which status a revert leaves, and whether a write of the content that an item has is a change (an ORM with dirty checking makes none)."""


class UnpromisedError(Exception):
    """The target's document does not promise the value that is read, so that it cannot be judged."""


class Unpromised:
    """A member or header that the target's document does not promise. Every use raises UnpromisedError, except comparison with another."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<not promised: {self.what}>"

    def _look(self, *_: Any) -> NoReturn:
        raise UnpromisedError(f"the document does not promise {self.what}")

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _look
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __str__ = __int__ = __float__ = _look
    __hash__ = _look
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _look

    def __eq__(self, other: object) -> bool:
        """Equal to another placeholder."""
        return True if isinstance(other, Unpromised) else self._look()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._look()


class AnyOrder(list[Any]):
    """A list whose order the target's document does not promise: it equals every list with the same elements."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and sorted(map(repr, self)) == sorted(map(repr, other))

    def __ne__(self, other: object) -> bool:
        return not self == other


def is_promised(value: Any) -> bool:
    """Whether nothing in a value, however deep in lists and objects, is unpromised."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return not isinstance(value, Unpromised) and all(map(is_promised, parts))


def promised_list(value: Any) -> Any:
    """A list, or an empty one in place of an unpromised list."""
    return [] if isinstance(value, Unpromised) else value


def flat(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The categories of a tree, parents first; without `children`, as the rows are."""
    return [node for root in tree for node in (root, *flat(promised_list(root["children"])))]


@cache
def unpromised(what: str) -> Unpromised:
    return Unpromised(what)


def promised_part(one: Any, other: Any) -> tuple[Any, Any]:
    """Two values without the members and elements that are unpromised in either, so that the rest can be compared. Raises
    UnpromisedError if nothing is left.

    >>> promised_part({"id": 1, "by": unpromised("by")}, {"id": 2, "by": "u"})
    ({'id': 1}, {'id': 2})
    """
    if isinstance(one, dict) and isinstance(other, dict):
        hidden = {
            name for value in (one, other) for name, part in value.items() if isinstance(part, Unpromised)
        }
        names = [name for name in one if name in other and name not in hidden]
        both = {name: promised_part(one[name], other[name]) for name in names}
        kept = [
            {
                name: both[name][place] if name in both else part
                for name, part in value.items()
                if name not in hidden
            }
            for place, value in enumerate((one, other))
        ]
        return _or_raise(kept[0], one), _or_raise(kept[1], other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = [
            promised_part(a, b)
            for a, b in zip(one, other, strict=True)
            if not isinstance(a, Unpromised) and not isinstance(b, Unpromised)
        ]
        rest = type(one)(a for a, _ in pairs), type(other)(b for _, b in pairs)
        return _or_raise(rest[0], one), _or_raise(rest[1], other)
    if isinstance(one, list) and isinstance(other, list) and not (is_promised(one) and is_promised(other)):
        return f"{len(one)} elements", f"{len(other)} elements"
    return one, other


def _or_raise(rest: Any, whole: Any) -> Any:
    if whole and not rest:
        bool(next(part for part in (whole.values() if isinstance(whole, dict) else whole)))
    return rest


def without_unpromised(value: Any) -> Any:
    """A JSON value without its unpromised members."""
    if isinstance(value, dict):
        return {
            name: without_unpromised(member)
            for name, member in value.items()
            if not isinstance(member, Unpromised)
        }
    return [without_unpromised(member) for member in value] if isinstance(value, list) else value

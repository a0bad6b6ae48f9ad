"""What a document does not promise is never judged: no use of it gives a value that a check could take for an answer."""

import operator
from collections.abc import Callable
from typing import Any

import pytest

from contracts.model.unpromised import Unpromised, UnpromisedError, is_promised

USES: list[Callable[[Any], Any]] = [
    bool, len, iter, str, int, float, hash, lambda it: it == 1, lambda it: it != 1, lambda it: it < 1,
    lambda it: 1 in it, lambda it: it["id"], lambda it: it.id, lambda it: it + 1, lambda it: 1 - it, operator.methodcaller("lower"),
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_every_use_says_what_is_not_promised(use: Callable[[Any], Any]) -> None:
    with pytest.raises(UnpromisedError, match=r"the document does not promise data\.title"):
        use(Unpromised("data.title"))


def test_two_of_them_are_equal() -> None:
    assert Unpromised("data.title") == Unpromised("data.body")


@pytest.mark.parametrize("depth", [lambda it: it, lambda it: [1, {"a": it}], lambda it: ({"a": [it]},)])
def test_it_is_found_at_any_depth(depth: Callable[[Any], Any]) -> None:
    assert is_promised(depth(1)) and not is_promised(depth(Unpromised("data")))

"""`search` is a folded substring and nothing else, in every script."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.store import item as items
from tests.mock_server.brute_force_lists import compare, everything

from .inside import Inside, inside

# Letters that fold to others or to more of them, that compose, that lie outside the first plane, that are LIKE's or FTS5's
# syntax, and the byte that stands between the texts of an item.
LETTERS = (
    "aAbBzZ09 " "ÄäÅåÉéẞßſŉŸÿ" "İıIiKkÅΣσςΐ" "\u0301\u0308\u200d" "日本語ノ한عاית" "𝒳😀𐐀𐐨" "\ufffd\ufffe\uffff\ud7ff\ue000"
    "\"'%_*^:()+-{}\\.,/?|&~<>=" "\t\n\x1f\x01\x7f\U0010ffff"
)  # fmt: skip
WORDS = (
    "AND",
    "OR",
    "NOT",
    "NEAR(a b)",
    "title:a",
    "a*",
    '"a"',
    "amber",
    "AmBeR bridge",
    "100%",
    "a_b",
    "rowid",
    "--",
    ";",
)


@pytest.fixture(scope="module")
def api() -> Inside:
    return inside(items=40)


def texts_of(letters: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([*letters, *WORDS]), min_size=least, max_size=most).map("".join)


@st.composite
def a_case(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[str]]:
    """Some (title, body), and terms of one to five code points: parts of them, in either case, or none of them."""
    made = draw(
        st.lists(st.tuples(texts_of(LETTERS, 1, 12), texts_of(LETTERS, 0, 20)), min_size=1, max_size=3)
    )
    terms = []
    for text in itertools.chain.from_iterable(made):
        if text:
            start = draw(st.integers(0, len(text) - 1))
            part = text[start : start + draw(st.integers(1, 5))]
            terms.append(
                draw(st.sampled_from([part, part.swapcase(), part.upper(), part.lower(), part[::-1]]))
            )
    return made, [*terms, draw(texts_of(LETTERS, 1, 2))]


@settings(max_examples=150, derandomize=True)
@given(case=a_case())
def test_it_finds_what_brute_force_finds(api: Inside, case: tuple[list[tuple[str, str]], list[str]]) -> None:
    made, terms = case
    for title, body in made:
        assert api.post("/content/items", {"title": title, "body": body}).status == 201
    assert differences(api, terms) == []


def differences(api: Inside, terms: Sequence[str]) -> list[str]:
    held, targets = everything(api), (f"/content/items?limit=100&search={quote(term)}" for term in terms)
    return [found for target in targets if (found := compare(api, target, held))]


# The same on texts that are chosen and not drawn, so that each defect can be planted and is found

TEXTS = (
    ("Straße", "STRASSE"), ("İstanbul", "ISTANBUL"), ("ſent", "sent"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("é", "e\u0301"), ("A\u030aB", "ÅB"),
    ("100%", "a_b"), ('say "yes"', "it's"), ("AND OR", "NOT NEAR"), ("日本語", "한국어"), ("𝒳𝒴𝒵", "😀😀😀"), ("\ufffe\uffffx", "\ufffd\ufffdy"),
    ("ab", "cd"), ("x", ""), ("e", "nd of title"), ("mirror", "rorrim"), ("aaa", "aab"), ("tail yz", "q"), ("long " + "na" * 60, "batman"),
)  # fmt: skip


def pieces(text: str) -> Iterator[str]:
    for size in (1, 2, 3, 4, 5, 90):
        yield from {text[start : start + size] for start in range(len(text))}


TERMS = sorted({
    piece for text in itertools.chain.from_iterable(TEXTS) for piece in (*pieces(text), *pieces(text.lower()), *pieces(text.upper()))
} | {"ende", "itle\x1fnd", "dx", "\x1f", "\x1f\x1f", "*", "a*", "a AND b", '"', '""', "rorrim mirror"})  # fmt: skip


def stocked() -> Inside:
    api = inside(items=5)
    for title, body in TEXTS:
        item = api.create("before all", body=body)
        api.put(f"/content/items/{item['id']}", {"version": 1, "title": title, "body": body})
    return api


def test_it_finds_exactly_what_holds_the_term() -> None:
    assert differences(stocked(), TERMS) == []


DEFECTS = [
    pytest.param(items, "searchable", lambda text: text.lower().encode(), id="folds every script"),
    pytest.param(items, "searchable", lambda text: text.encode(), id="folds nothing"),
    pytest.param(items, "searchable", lambda text: text.casefold().encode(), id="folds one letter to two"),
    pytest.param(items, "haystack", lambda title, body: items.searchable(title), id="the body left out"),
    pytest.param(
        items, "haystack", lambda title, body: items.searchable(title + body), id="a match over both texts"
    ),
]


@pytest.mark.parametrize(("target", "name", "defect"), DEFECTS)
def test_a_defect_is_found(target: Any, name: str, defect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, name, defect)
    assert differences(stocked(), TERMS)

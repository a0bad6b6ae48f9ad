"""A workspace with more items than a check reads: nothing true of its size is a failure, and what is wrong in its lists is found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.spec import load as load_spec
from contracts.suite.api import answered_lists
from contracts.suite.api.answered_lists import (
    Page,
    SyncWindow,
    TooMany,
    newest_of_all,
    pages_of_list,
    sync_chain,
)
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.checks import test_categories, test_isolation, test_paging, test_sync
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.world.suite_settings import settings
from tests.fork_server import embedded_server

FEW = 60
READERS: tuple[Callable[[Api], None], ...] = (
    test_paging.everything, test_paging.filter_status, test_paging.filter_category, test_categories.include_empty,
    test_categories.counts, test_categories.items, test_categories.subcategories, test_categories.paging, test_sync.full_state,
    test_isolation.lists,
)  # fmt: skip
FAULTS: dict[str, Callable[[Api], None]] = {
    "last-page-empty": test_paging.pages_disjoint,
    "list-drops-rows": test_paging.everything,
    "list-total-of-page": test_paging.everything,
    "list-has-next-always": test_paging.pages_disjoint,
    "list-status-ignored": test_paging.filter_status,
    "list-hides-drafts": test_paging.filter_status,
    "list-category-ignored": test_paging.filter_category,
    "list-category-prefix": test_paging.filter_category,
    "subcategories-ignored": test_categories.subcategories,
    "subcategories-one-level": test_categories.subcategories,
    "tree-counts-archived": test_categories.counts,
    "tree-counts-published": test_categories.counts,
    "tree-counts-subtree": test_categories.counts,
    "list-all-workspaces": test_isolation.lists,
    "sync-all-workspaces": test_isolation.lists,
}


@contextmanager
def few_items_read(url: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[Api]:
    """An account of a target of whose lists, which have 200 items, only the first are read."""
    for module in (answered_lists, test_paging, test_categories, test_sync):
        monkeypatch.setattr(module, "MOST", FEW)
    monkeypatch.setattr(answered_lists, "MOST_OF_OURS", FEW)
    monkeypatch.setattr(test_isolation, "NEWEST", FEW)
    monkeypatch.setattr(test_categories, "NEWEST", FEW)
    world = World(settings({"target": url, **options}, {}, seed=7), load_spec())
    try:
        yield Api(world, "large")
    finally:
        world.target.connection.close()


@pytest.mark.parametrize("check", READERS, ids=lambda check: check.__name__)
def test_a_large_workspace_is_no_failure(
    check: Callable[[Api], None], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with few_items_read(server, monkeypatch) as api:
        check(api)


@pytest.mark.parametrize(
    "check", [test_paging.filter_status, test_paging.filter_category], ids=["status", "category"]
)
def test_what_needs_items_of_ours_is_not_checked_without_writing(
    check: Callable[[Api], None], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = rf"^the list of items has more than {FEW} items, and no check reads more: "
    with (
        few_items_read(server, monkeypatch, **{"read-only": True}) as api,
        pytest.raises(TooMany, match=reason),
    ):
        check(api)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_in_its_lists_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        embedded_server("--fault", fault) as made,
        few_items_read(made.url, monkeypatch) as api,
        pytest.raises(ContractViolation),
    ):
        FAULTS[fault](api)


def page(ids: range, more: bool, cursor: str | None = None) -> Page:
    answer: Any = SimpleNamespace(exchange=None)
    return Page([{"id": str(number)} for number in ids], {"hasNext": more}, answer, cursor)


@pytest.mark.parametrize(
    ("pages", "first", "ours", "found"),
    [
        pytest.param(lambda n: page(range(10 * n, 10 * n + 10), more=n < 3), None, False, 30, id="an end"),
        pytest.param(lambda n: page(range(10 * n, 10 * n + 10), more=True), 40, False, 40, id="the first"),
        pytest.param(lambda n: page(range(10 * n, 10 * n + 10), more=True), None, True, FEW, id="a search that finds all"),
        pytest.param(lambda n: page(range(10 * n, 10 * n + 10), more=True), None, False, TooMany, id="more than is read"),
        pytest.param(lambda n: page(range(10 * n, 10 * n + 2), more=True), None, False, TooMany, id="short pages"),
        pytest.param(lambda n: page(range(10), more=True), None, False, ContractViolation, id="the same page again"),
        pytest.param(lambda n: page(range(0), more=True), None, True, ContractViolation, id="empty pages"),
        pytest.param(lambda n: page(range(11), more=False), None, False, ContractViolation, id="a page too long"),
        pytest.param(lambda n: page(range(n, n + 1), False, f"c{n}" if n < 3 else ""), None, False, 3, id="the last cursor"),
        pytest.param(lambda n: page(range(n, n + 1), False, f"c{n % 4}"), None, False, ContractViolation, id="a cursor again"),
        pytest.param(lambda n: page(range(1), False, f"c{n}"), None, False, ContractViolation, id="cursors without an end"),
        pytest.param(lambda n: page(range(n, n + n % 2), False, f"c{n}" if n < 4 else ""), None, False, 2, id="empty pages by cursor"),
    ],
)  # fmt: skip
def test_a_list_is_read_to_its_end_or_up_to_a_bound(
    pages: Callable[[int], Page], first: int | None, ours: bool, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered_lists, "MOST", FEW)
    monkeypatch.setattr(answered_lists, "MOST_OF_OURS", FEW)
    if isinstance(found, int):
        got = pages_of_list(lambda number, _: pages(number), 10, "it", first=first, ours=ours)
        assert sum(len(each.items) for each in got) == found
    else:
        with pytest.raises(found):
            pages_of_list(lambda number, _: pages(number), 10, "it", first=first, ours=ours)


@pytest.mark.parametrize(
    ("entries", "windows", "cut", "found"),
    [
        pytest.param(10, 3, False, 3, id="an end"),
        pytest.param(10, 99, True, 2 * FEW // 10, id="cut off"),
        pytest.param(10, 99, False, TooMany, id="more than is read"),
        pytest.param(1, 99, False, TooMany, id="small windows"),
        pytest.param(0, 99, True, ContractViolation, id="empty windows"),
    ],
)  # fmt: skip
def test_a_chain_is_read_to_its_end_or_up_to_a_bound(
    entries: int, windows: int, cut: bool, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered_lists, "MOST", FEW)
    monkeypatch.setattr(answered_lists, "MOST_WINDOWS", 20)
    answer: Any = SimpleNamespace(exchange=None)

    def read(since: str) -> SyncWindow:
        return SyncWindow([{}] * entries, [], str(int(since) + 1), int(since) + 1 < windows, answer)

    if isinstance(found, int):
        assert len(sync_chain(read, "0", cut=cut)) == found
    else:
        with pytest.raises(found):
            sync_chain(read, "0", cut=cut)


def test_lists_that_are_cut_off_are_compared_where_all_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered_lists, "MOST", 3)
    cut, whole = [{"updatedAt": stamp} for stamp in "975"], [{"updatedAt": stamp} for stamp in "81"]
    assert newest_of_all(cut, whole) == ("5", [cut[:2], whole[:1]])
    assert newest_of_all(whole, whole) == ("", [whole, whole])
    with pytest.raises(TooMany):
        newest_of_all(cut[::-1], whole)

"""The collector is off inside, and afterwards as it was."""

import gc
from collections.abc import Iterator

import pytest

from contracts.command.collector_pause import uncollected


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.parametrize("was_on", [True, False])
def test_it_is_left_as_it_was(was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is was_on


def test_an_error_does_not_leave_it_off() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        _ = 1 / 0
    assert gc.isenabled()

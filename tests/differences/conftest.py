"""The one server behind every proxy of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.suite.embedded import Embedded


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The reference server's URL."""
    embedded = Embedded(1)
    yield embedded.url
    embedded.stop()

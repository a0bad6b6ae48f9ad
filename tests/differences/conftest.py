"""The one server behind every proxy of these tests."""

from collections.abc import Iterator

import pytest

from tests.fork_server import embedded_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The reference server's URL."""
    with embedded_server() as made:
        yield made.url

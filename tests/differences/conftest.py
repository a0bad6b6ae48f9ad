"""The one server behind every proxy of these tests."""

from collections.abc import Iterator

import pytest

from contracts.suite.world.embedded_server import EmbeddedServer


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The reference server's URL."""
    embedded = EmbeddedServer(1)
    yield embedded.url
    embedded.stop()

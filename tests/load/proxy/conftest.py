"""One proxy before one upstream for each file of tests; every toxic is taken off after each test."""

from collections.abc import Iterator

import pytest

from load.proxy.process import ProxyProcess

from .connections import Echo


@pytest.fixture(scope="module")
def proxy() -> Iterator[ProxyProcess]:
    echo = Echo()
    with ProxyProcess.start(upstream=echo.address) as started:
        yield started
    echo.stop()


@pytest.fixture(autouse=True)
def clean(proxy: ProxyProcess) -> Iterator[None]:
    yield
    proxy.reset()

"""Tests that are coroutines: each has an event loop of its own, and in it the server that `@pytest.mark.server(…)` describes."""

import asyncio
import inspect
from typing import Any

import pytest

from tests.mock_server.wire import Wire


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server: options of the server that the test is given as `wire`")


@pytest.fixture
def wire() -> None:
    """The server is made in the test's own loop (pytest_pyfunc_call)."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    options: dict[str, Any] = {}
    for mark in reversed([*pyfuncitem.iter_markers("server")]):  # the nearest last
        options |= mark.kwargs
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}

    async def main() -> None:
        if "wire" in arguments:
            arguments["wire"] = Wire(**options)
        await pyfuncitem.obj(**arguments)

    asyncio.run(main())
    return True

"""One look a turn: never none, never after the requests of the next turn were read."""

import asyncio
import socket
from collections.abc import Callable

import pytest
import uvloop

from mock_server.servers.per_turn_refresh import PerTurnRefresh

LOOPS = pytest.mark.parametrize(
    "loop",
    [pytest.param(asyncio.new_event_loop, id="asyncio"), pytest.param(uvloop.new_event_loop, id="uvloop")],
)
Loop = Callable[[], asyncio.AbstractEventLoop]


@LOOPS
def test_it_looks_once_in_a_turn_and_anew_in_the_next(loop: Loop) -> None:
    seen: list[str] = []
    glance = PerTurnRefresh(lambda: seen.append("look"))

    def request(name: str) -> None:
        glance()
        seen.append(name)

    async def turns() -> None:
        running = asyncio.get_running_loop()
        for name in ("a", "b"):
            running.call_soon(request, name)
        await asyncio.sleep(0)
        running.call_soon(request, "c")
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(turns())
    assert seen == ["look", "a", "b", "look", "c"]


def test_who_has_no_loop_looks_each_time() -> None:
    seen: list[str] = []
    glance = PerTurnRefresh(lambda: seen.append("look"))
    glance()
    glance()
    assert seen == ["look", "look"]


@LOOPS
def test_what_is_read_in_the_next_turn_finds_it_forgotten(loop: Loop) -> None:
    async def turns() -> list[str]:
        seen: list[str] = []
        glance = PerTurnRefresh(lambda: seen.append("look"))
        reader, writer = await asyncio.open_connection(sock=ours)
        for name in (b"a", b"b"):
            theirs.sendall(name)
            seen.append((await reader.readexactly(1)).decode())
            glance()
        writer.close()
        return seen

    ours, theirs = socket.socketpair()
    with theirs, asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(turns()) == ["a", "look", "b", "look"]

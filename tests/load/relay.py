"""A relay on loopback that counts the requests it passes on: the server's side of the ledger, whatever the server is."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter

REQUEST = re.compile(rb"^([A-Z]+) (?!/_control/)(\S+) HTTP/1\.1\r\n", re.MULTILINE)
"""Of the API; what is asked of the control interface is not part of the load."""


class Relay:
    """Use as a context manager: `url` leads to `port` through it, `requests` counts "METHOD path" without queries."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.requests: Counter[str] = Counter()
        self.url = ""

    def __enter__(self) -> Relay:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            await asyncio.gather(
                self._pump(reader, up_writer, count=True), self._pump(up_reader, writer, count=False)
            )
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            up_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, count: bool) -> None:
        while block := await reader.read(262_144):
            if count:
                # The generator sends a request in one piece and no second one before its answer.
                for method, target in REQUEST.findall(block):
                    self.requests[f"{method.decode()} {target.decode().partition('?')[0]}"] += 1
            writer.write(block)
            await writer.drain()
        writer.close()

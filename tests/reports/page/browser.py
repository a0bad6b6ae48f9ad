"""A headless Chromium over its DevTools protocol: just what the page's tests ask.

Opens one page from a file or an address, records console errors and every network request, sets size and colour scheme,
evaluates expressions, takes pictures. Knows nothing of the report.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.waiting import HANG

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find() -> str | None:
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab. `errors` are console errors and exceptions, `requests` the URLs asked for."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.socket = socket
        self.session = session
        self.number = 0
        self.errors: list[str] = []
        self.requests: list[str] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        told = {"id": self.number, "sessionId": self.session, "method": method, "params": params}
        self.socket.send(json.dumps(told))
        while True:
            message = json.loads(self.socket.recv(timeout=HANG))
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(str(params["exceptionDetails"].get("text")))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.errors.append(params["entry"]["text"])
            case "Runtime.consoleAPICalled" if params["type"] == "error":
                self.errors.append(str(params["args"]))

    def open(
        self, page: Path | str, width: int, height: int, *, dark: bool = False, scripts: bool = True
    ) -> None:
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        deadline = time.monotonic() + HANG
        while (
            self.call("Runtime.evaluate", expression="document.readyState")["result"]["value"] != "complete"
        ):
            if time.monotonic() > deadline:
                raise AssertionError(f"{page} did not load")

    def value(self, expression: str) -> Any:
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"]["exception"].get("description"))
        return found["result"].get("value")

    def key(self, name: str, code: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            shown = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=code, **shown)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def browser(program: str) -> Iterator[Page]:
    """A fresh profile and process, both gone afterwards."""
    profile = tempfile.mkdtemp(prefix="page-test-")
    flags = (
        "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--disable-gpu",
        "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
        "--hide-scrollbars",
    )  # fmt: skip
    process = subprocess.Popen(
        [program, *flags, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        with connect(_address(process), max_size=None, proxy=None) as socket:
            yield _tab(socket)
    finally:
        process.terminate()
        try:
            process.wait(HANG)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stderr is not None
        process.stderr.close()
        shutil.rmtree(profile, ignore_errors=True)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        found = re.search(r"ws://\S+", line)
        if found:
            return found.group()
    raise AssertionError(f"the browser did not start: {''.join(told[-5:])}")


def _tab(socket: ClientConnection) -> Page:
    page = Page(socket, "")

    def ask(number: int, method: str, **params: Any) -> dict[str, Any]:
        socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(socket.recv(timeout=HANG))
            if message.get("id") == number:
                result: dict[str, Any] = message["result"]
                return result

    target = ask(-1, "Target.createTarget", url="about:blank")["targetId"]
    page.session = ask(-2, "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    return page

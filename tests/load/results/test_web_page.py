"""Locust's page with our parts in it, in a real browser."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.fork_server import ForkedCommand
from tests.load.conftest import free_port
from tests.reports.page import browser
from tests.waiting import HANG, until

PROGRAM = browser.find()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium on this machine (apt-get install chromium, or CHROMIUM=path)"
)
SEEN = """[...document.querySelectorAll('button')].filter(one => one.checkVisibility()).map(one => one.textContent)"""


def posted(url: str, **form: str) -> Any:
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(url, body, timeout=HANG) as response:
        return json.loads(response.read())


def test_a_running_load_is_stopped_there_and_not_edited(
    server: int, start: Callable[..., ForkedCommand]
) -> None:
    """The plan of a run is fixed when it begins, so a button that says EDIT would promise what cannot be."""
    assert PROGRAM is not None
    port = free_port()
    page = f"http://127.0.0.1:{port}/load/"
    process = start(
        "--host", f"http://127.0.0.1:{server}", "--web-port", str(port), "--web-base-path", "/load"
    )

    def answers() -> bool:
        with suppress(OSError), urllib.request.urlopen(page, timeout=HANG):
            return True
        return False

    try:
        until(answers)
        with browser.browser(PROGRAM) as tab:
            tab.open(page, 1280, 800)
            until(lambda: "Start" in tab.value(SEEN))
            form = {"user_count": "20", "spawn_rate": "20", "scenario": "steady", "duration": "600"}
            assert posted(f"{page}swarm", **form)["success"]
            tab.open(page, 1280, 800)
            until(lambda: "Stop" in tab.value(SEEN))
            shown = set(tab.value(SEEN))
            assert {"Stop", "Reset"} <= shown and "Edit" not in shown
            assert "its plan is fixed" in posted(f"{page}swarm", **form)["message"]
            tab.open(tab.value("document.querySelector('a[href$=live]').href"), 1280, 800)
            until(lambda: tab.value("document.getElementById('grade').textContent") == "running")
    finally:
        process.kill()
        process.communicate()

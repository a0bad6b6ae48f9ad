"""The proxy as a child process, with its control interface as a Python object.

It is a process of its own, so that it does not take processor time from the clients that it disturbs.

    with ProxyProcess.start(upstream=("127.0.0.1", 8000)) as proxy:
        proxy.add("down", {"reset": True})
        proxy.remove("down_downstream")

Its calls block; with gevent they are cooperative only if the standard library is patched.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from contracts.command.child_guard import end, guarded

READY = re.compile(r"proxy (\S+) (\S+):(\d+) -> \S+ control (\S+):(\d+)")
STOP_SECONDS = 5.0


class ProxyError(RuntimeError):
    """The proxy did not start, or refused a request; the message tells why."""


class ProxyProcess:
    def __init__(
        self, process: subprocess.Popen[str], name: str, listen: tuple[str, int], control: tuple[str, int]
    ) -> None:
        self.process = process
        self.name = name
        self.listen = listen
        self.control = control

    @classmethod
    def start(cls, *, upstream: tuple[str, int], seed: int = 1) -> ProxyProcess:
        """Start a proxy at a free loopback port; ProxyError if it does not start."""
        command = [sys.executable, "-m", "load.proxy", "--upstream", "{}:{}".format(*upstream)]
        # Ctrl-C goes to a whole process group; the storm still needs its proxy then, to end it in order. If the storm itself
        # is killed the guard ends the proxy.
        process = subprocess.Popen(
            guarded([*command, "--seed", str(seed)]), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        ready = READY.match(line)
        if ready is None:
            process.kill()
            _, why = process.communicate()
            raise ProxyError(
                f"the fault proxy did not start: {why.strip() or line.strip() or 'no reason given'}"
            )
        name, host, port, control_host, control_port = ready.groups()
        return cls(process, name, (host, int(port)), (control_host, int(control_port)))

    def add(
        self,
        type: str,
        attributes: Mapping[str, Any] | None = None,
        *,
        stream: str = "downstream",
        toxicity: float = 1.0,
    ) -> str:
        """Add a toxic, and return its name."""
        body = {"type": type, "stream": stream, "toxicity": toxicity, "attributes": dict(attributes or {})}
        return str(self._call("POST", f"/proxies/{self.name}/toxics", body)["name"])

    def remove(self, name: str) -> None:
        self._call("DELETE", f"/proxies/{self.name}/toxics/{name}")

    def reset(self) -> None:
        """Remove all toxics."""
        self._call("POST", "/reset")

    def describe(self) -> dict[str, Any]:
        return dict(self._call("GET", f"/proxies/{self.name}"))

    def stop(self) -> None:
        """Stop by SIGTERM, then by SIGKILL if necessary."""
        end(self.process, STOP_SECONDS)
        self.process.communicate()

    def __enter__(self) -> ProxyProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(*self.control, timeout=STOP_SECONDS)
        try:
            fields = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), fields)
            response = connection.getresponse()
            data = response.read()
        except OSError as error:
            raise ProxyError(f"the fault proxy's control interface does not answer: {error}") from None
        finally:
            connection.close()
        value: Any = json.loads(data) if data else None
        if response.status >= 400:
            raise ProxyError(f"the fault proxy refused {method} {path}: {value['error']}")
        return value

"""The same right server in other places and seen by other callers: nothing of it is a fault.

Here a run need not be complete: what a caller cannot reach is told as not checked.
"""

from dataclasses import replace

from tests.differences.proxy.message import Answer, Request
from tests.differences.row import Intercept, Row

MOUNT = "/tchat/v1"
WELL_KNOWN = "/.well-known/oauth-authorization-server"
"""It stands below the root of the host (RFC 8414, 3)."""
NOBODY = "nobody@nowhere.example:no-password"


class Mounted(Intercept):
    """The API under another path, as a gateway mounts it; Location is translated as the path is."""

    def request(self, request: Request) -> Request:
        if request.target.startswith(f"{MOUNT}/"):
            return replace(request, target=f"/api{request.target.removeprefix(MOUNT)}")
        if request.target == WELL_KNOWN:
            return request
        return replace(request, target=f"/outside{request.target}")

    opening = request

    def answer(self, request: Request, answer: Answer) -> Answer:
        told = answer.header("location")
        ours = told.startswith("/api/")  # a redirect to a client leads to another host
        return answer.with_header("Location", f"{MOUNT}{told.removeprefix('/api')}") if ours else answer


LIMITED = ("--editor", NOBODY, "--viewer", NOBODY, "--ingest", NOBODY, "--stranger", NOBODY)
WAY = "README: what a target cannot show is not checked"
SITUATIONS: tuple[Row, ...] = (
    Row(name="control-off", why=WAY, options=("--control", "off"), partial=True),
    Row(name="control-elsewhere", why="--control URL", options=("--control", "{server}/_control")),
    Row(name="one-account", why=WAY, options=LIMITED, partial=True),
    Row(name="viewer-only", why=WAY, partial=True,
        options=("--email", "viewer@tchat.com", "--password", "demo-password", "--control", "off", *LIMITED)),
    Row(name="read-only", why=WAY, options=("--read-only",), partial=True),
    Row(name="read-only-viewer", why=WAY, partial=True,
        options=("--read-only", "--email", "viewer@tchat.com", "--password", "demo-password", "--control", "off", *LIMITED)),
    Row(name="localhost", why="a host has many names", named="localhost"),
    Row(name="ipv6", why="a host has many addresses", listens="::1"),
    Row(name="mounted", why="--base-path", make=Mounted, path=MOUNT),
)  # fmt: skip

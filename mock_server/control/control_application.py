"""The application of the control interface, which answers programs on this machine and refuses web pages."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from contracts.command.browser_guard import refusal
from contracts.spec import Spec, parse
from mock_server.application import Application, Locator, handlers_of
from mock_server.control.journal import Journal
from mock_server.message import HttpResponse, ReceivedRequest
from mock_server.problem import Problem

DOCUMENT = Path(__file__).with_name("openapi.yaml")


@cache
def control_spec() -> Spec:
    """The document of the control interface, read once because that takes half as long as building a server."""
    return parse(DOCUMENT.read_bytes(), name="control/openapi.yaml")


class ControlApplication(Application):
    def __init__(self, handlers: object, locators: Mapping[str, Locator], journal: Journal) -> None:
        spec = control_spec()
        super().__init__(spec, handlers=handlers_of(spec, handlers), locators=locators, journal=journal)

    def handle(self, request: ReceivedRequest) -> HttpResponse:
        """The response to a request. Bodies that are not JSON are refused, because a page may send others to foreign origins without a
        preflight (Fetch, 2.2.2)."""
        fields = {name.decode("latin-1"): text.decode("latin-1") for name, text in request.headers.items()}
        reason = refusal(fields)
        if reason is not None:
            return self.refused(
                request, Problem("PAGE_REFUSED", f"The control interface is for programs: {reason}.")
            )
        kind = fields.get("content-type", "").partition(";")[0].strip().lower()
        if request.body and kind != "application/json":
            return self.refused(
                request, Problem("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.")
            )
        return super().handle(request)

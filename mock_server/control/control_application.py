"""The application of the control interface, which serves programs of this machine and no page of the web."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from contracts.command.browser_guard import refusal
from contracts.spec import Spec, parse
from mock_server.application import Application, Handler, Locator
from mock_server.control.journal import Journal
from mock_server.message import HttpResponse, ReceivedRequest
from mock_server.problem import Problem

DOCUMENT = Path(__file__).with_name("openapi.yaml")


@cache
def control_spec() -> Spec:
    """Read once in a process: that takes half as long as to build the whole server otherwise."""
    return parse(DOCUMENT.read_bytes(), name="control/openapi.yaml")


class ControlApplication(Application):
    def __init__(
        self, handlers: Mapping[str, Handler], locators: Mapping[str, Locator], journal: Journal
    ) -> None:
        super().__init__(control_spec(), handlers=handlers, locators=locators, journal=journal)

    def handle(self, request: ReceivedRequest) -> HttpResponse:
        """A body that is no JSON is refused for every operation: a page may send others across origins without asking (Fetch, 2.2.2)."""
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

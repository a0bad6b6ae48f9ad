"""`ActiveFaults`, the faults that are on, those that strike a request, and those that have touched a response.

A fault that is on wraps its steps (`mock_server.faults.shadows`); the one named last is outermost. Chance is a hash of (seed, fault, request
number), so that a repeated run is struck at the same requests. A response counts as touched if a wrapper did anything but pass its call
through, or a transform changed it; `X-Fault-Id` and the journal have the names of these faults.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from contracts.spec import Operation
from mock_server.application import Application
from mock_server.control.journal import Journal
from mock_server.faults.delivery import CALM, Moment, Planning, deliver
from mock_server.faults.fault import WrappedStep
from mock_server.faults.selection import Chosen, Selection
from mock_server.faults.shadows import Running, Shadows
from mock_server.faults.while_on import WHILE_ON
from mock_server.faults.wrappers import at
from mock_server.message import HttpResponse, ReceivedRequest
from mock_server.problem import Problem
from mock_server.servers.http_adapter import HttpAdapter, Scope, Send
from mock_server.servers.tcp_connection import under

MARK = b"x-fault-id"


class ActiveFaults:
    """The faults of one server. With `mark`, each touched response has the names of its faults."""

    def __init__(self, *, seed: int, operations: Iterable[str] = (), mark: bool = False) -> None:
        self._seed = seed
        self._operations = tuple(operations)
        self.mark = mark
        self.on = False
        self.selection = Selection()
        self.touched: tuple[str, ...] = ()
        """The names of the faults that touched the last response."""
        self.plan = CALM
        """The delivery plan of the last response."""
        self._struck: tuple[Chosen, ...] = ()
        self._first: int | None = None
        self._number = 0
        self.shadows = Shadows()
        self._touching: list[str] = []
        self._on_gone: Callable[[], None] | None = None
        """The action if the client has disconnected when its response is ready."""
        self._endings: list[Callable[[], object]] = []
        """The actions when other faults are set."""
        self._target_operation: Operation | None = None
        self._interruption: Problem | None = None

    def attach(self, *roots: Any) -> None:
        """Add components whose steps faults may wrap: these, and all that they consist of."""
        self.shadows.attach(*roots)
        if self.on:
            self._cover()

    def set(self, texts: Iterable[str]) -> None:
        """Set the faults that are on. Raises FaultError and changes nothing if one is unknown."""
        selection = Selection.read(texts, self._operations)
        self.selection = selection
        self.on = bool(selection.faults)
        self._first = None
        self.touched, self.plan = (), CALM
        self._cover()
        self._rest()

    def _cover(self) -> None:
        self.shadows.uncover()
        endings, self._endings = self._endings, []
        for ending in endings:
            ending()
        if not self.on:
            return
        always = Running(
            strikes=lambda: True, touch=lambda: None, when_gone=self._when_gone, when_off=self._endings.append
        )
        own = (
            at(Application.handle, self._begun),
            at(Application.checked, self._interrupted),
            at(Application.sent, self._finished),
            at(Journal.note, self._noted),
            at(HttpAdapter.deliver, self._delivered),
        )
        for wrapper in (*WHILE_ON, *own):
            self.shadows.cover(wrapper, always)
        for one in self.selection.faults:
            running = Running(
                strikes=self._striking(one),
                touch=partial(self._touch, one.fault.name),
                when_gone=self._when_gone,
                when_off=self._endings.append,
                parameters=dict(one.parameters),
            )
            for wrapper in one.fault.wrappers:
                self.shadows.cover(wrapper, running)

    # The application, while any fault is on

    def _begun(self, step: WrappedStep, request: ReceivedRequest) -> HttpResponse:
        application: Application = step.component
        route, _ = application.router.find(request.path)
        method = "GET" if request.method == "HEAD" else request.method
        self._target_operation = route.methods.get(method) if route is not None else None
        self._interruption = self.begin(
            application.answered + 1, self._target_operation.id if self._target_operation else ""
        )
        response: HttpResponse = step(request)
        return response

    def _interrupted(
        self, step: WrappedStep, request: ReceivedRequest
    ) -> tuple[Operation | None, HttpResponse]:
        """The response without the check of the server's answers, which would hide the faults."""
        application: Application = step.component
        if self._interruption is not None:
            return self._target_operation, application.refused(request, self._interruption)
        return self._target_operation, application.answer(request)[1]

    def _finished(
        self, step: WrappedStep, request: ReceivedRequest, operation: str, response: HttpResponse
    ) -> HttpResponse:
        sent: HttpResponse = step(
            request, operation, self.finish(request.method, response, step.component.request_id(request))
        )
        return sent

    async def _delivered(
        self, step: WrappedStep, request: ReceivedRequest, response: HttpResponse, scope: Scope, send: Send
    ) -> None:
        head = request.method == "HEAD"
        await deliver(self.plan, response, send, head=head, wire=under(send, scope))

    def _noted(self, step: WrappedStep, operation: str, status: int) -> None:
        step(operation, status, " ".join(self.touched))

    def _striking(self, one: Chosen) -> Callable[[], bool]:
        return lambda: one in self._struck

    def _touch(self, name: str) -> None:
        if name not in self._touching:
            self._touching.append(name)

    def _when_gone(self, action: Callable[[], None]) -> None:
        self._on_gone = action

    def reseed(self, seed: int) -> None:
        """Switch all faults off, and restart chance from another seed."""
        self._seed = seed
        self.set([])

    def _rest(self) -> None:
        """Set the faults that strike between requests, for sockets: those that depend neither on chance nor on an operation."""
        self._struck = tuple(
            one for one in self.selection.faults if self._strikes(one, 0, "") and one.rate >= 1
        )

    def begin(self, number: int, operation: str) -> Problem | None:
        """Choose the faults that strike a request. A Problem replaces its response."""
        self._number = number
        if self._first is None:
            self._first = number
        self._struck = tuple(one for one in self.selection.faults if self._strikes(one, number, operation))
        self._on_gone = None
        self._touching.clear()
        return self.shadows.part(Planning).interruption(self._moment())

    def finish(self, method: str, response: HttpResponse, request_id: str) -> HttpResponse:
        """The response after the transforms of the faults; its delivery plan is stored in `plan`."""
        transformed: list[str] = []
        for one in self._struck:
            changed = one.fault.transform(response) if one.fault.transform is not None else None
            if changed is not None:
                response = changed
                transformed.append(one.fault.name)
        plan = self.shadows.part(Planning).plan(self._moment(method, len(response.body)))
        self.plan = replace(plan, gone=self._on_gone)
        touched = [one.fault.name for one in self._struck if one.fault.name in self._touching] + transformed
        if self.plan.fails:
            response = Problem("INTERNAL", "The server failed.").response(request_id)
        self.touched = tuple(touched)
        self._rest()
        if self.mark and touched:
            response.headers.append((MARK, ", ".join(touched).encode()))
        return response

    def _moment(self, method: str = "GET", size: int = 0) -> Moment:
        age = self._number - (self._first or 0)
        return Moment(age=age, chance=self._chance("jitter", self._number), method=method, size=size)

    def _strikes(self, one: Chosen, number: int, operation: str) -> bool:
        if (one.operations and operation not in one.operations) or (
            one.fault.operations and operation not in one.fault.operations
        ):
            return False
        return one.rate >= 1 or self._chance(one.fault.name, number) < one.rate

    def _chance(self, what: str, number: int) -> float:
        """A number from [0, 1) that depends only on the seed, the fault and the request."""
        digest = hashlib.blake2b(f"{self._seed}/{what}/{number}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

"""The check of the server's own responses against openapi.yaml (`--check-answers`).

The result depends only on the response, so a valid one is not checked again: a page of twenty items takes longer to check than to make.
"""

from contracts.schema import violations
from contracts.spec import Operation, Spec
from mock_server.message import HttpResponse, ReceivedRequest

MOST_BYTES = 8 << 20

_Answer = tuple[str, int, tuple[tuple[bytes, bytes], ...], bytes]
"""(operation, status, headers, body)"""


class AnswerCheck:
    def __init__(self, spec: Spec, *, most: int = MOST_BYTES) -> None:
        self._spec = spec
        self._most = most
        self._right: set[_Answer] = set()
        self._size = 0
        """The size of the cached bodies in bytes."""

    def first_violation(self, operation: Operation, request: ReceivedRequest, response: HttpResponse) -> str:
        """The first violation of a response in one line, or empty."""
        if request.method not in ("GET", "HEAD") or response.status >= 400:  # these are never equal
            return self._judge(operation, response)
        answer = (operation.id, response.status, tuple(response.headers), response.body)
        if answer in self._right:
            return ""
        found = self._judge(operation, response)
        if not found:
            if self._size > self._most:
                self._right.clear()
                self._size = 0
            self._right.add(answer)
            self._size += len(response.body)
        return found

    def _judge(self, operation: Operation, response: HttpResponse) -> str:
        headers = {name.decode(): value.decode("latin-1") for name, value in response.headers}
        found = violations(self._spec, operation, response.status, headers, response.body)
        return f"{operation.label} answered {response.status}, but {found[0]}" if found else ""

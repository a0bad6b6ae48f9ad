"""`--check-answers`: whether the server's own answers are what openapi.yaml promises.

That hangs on nothing but the answer, so what clients read again and again, found right once, is not looked at again: a page of
twenty items takes longer to check than to make.
"""

from contracts.schema import violations
from contracts.spec import Operation, Spec
from mock_server.message import HttpResponse, ReceivedRequest

MOST_BYTES = 8 << 20

_Answer = tuple[str, int, tuple[tuple[bytes, bytes], ...], bytes]
"""(operation, status, headers, body)"""


class SelfCheck:
    def __init__(self, spec: Spec, *, most: int = MOST_BYTES) -> None:
        self._spec = spec
        self._most = most
        self._right: set[_Answer] = set()
        self._size = 0
        """Bytes of the bodies that are kept."""

    def fault(self, operation: Operation, request: ReceivedRequest, response: HttpResponse) -> str:
        """What breaks the spec first, in one line; empty where nothing does."""
        if request.method not in ("GET", "HEAD") or response.status >= 400:  # no two of those are the same
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

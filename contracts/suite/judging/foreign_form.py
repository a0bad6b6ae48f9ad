"""Errors in a form that the document has nowhere: a page in HTML or a plain text where it promises JSON.

Gateways, firewalls and load balancers answer so in an API's place, and some APIs do it themselves. From outside nobody can tell which, so
such an answer breaks the document's promise of a form, and says nothing of the law that its request was sent for.
"""

import re
from collections.abc import Iterator

from contracts.json_text import JsonError, loose_value_of
from contracts.network.http_fields import is_json, unlike_json
from contracts.run import Offence
from contracts.run.failure_groups import FOREIGN
from contracts.schema import is_unlisted_414, media_type
from contracts.spec import Operation, Spec
from contracts.suite.client.http_exchange import Exchange
from contracts.suite.contract_violation import AnswerFinding

UNKNOWN_MAKER = "so something before the API may have answered in its place"
OWN = 500
"""The server error that an application makes itself, in whatever form; others tell of a server behind a gateway."""
BEHIND = frozenset({502, 503, 504})
"""The statuses with which a gateway tells of the server behind it; some send no body with them."""


BEHIND_IS_DOWN = re.compile(rf"an answer is (?:{'|'.join(map(str, sorted(BEHIND)))}) ")
"""The beginning of a reason (`unknown_maker`) that may be over in a moment: a server behind a gateway restarts."""


def foreign_form(spec: Spec, operation: Operation | None, exchange: Exchange) -> str:
    """What is known of an error that is no JSON where the document has all its errors in JSON: `403 with text/html (Server: x)`; else empty.

    `operation` is that of the request; without one, all operations of the document speak for it."""
    status = exchange.status
    if status < 400 or status == OWN:
        return ""
    came = media_type(exchange.field("content-type"))
    if not exchange.body and not (came or status in BEHIND):
        return ""  # also applications refuse without a body
    if is_json(came) or _is_object(exchange.body):
        return ""
    promised = _error_forms(operation, status) if operation else set()
    promised = promised or {form for each in spec for form in _error_forms(each, status)}
    if not promised or not all(map(is_json, promised)):
        return ""
    return f"{status}{unlike_json(exchange.headers)}"


def foreign_findings(
    operation: Operation | None, exchange: Exchange, foreign: str, *, routes: bool
) -> Iterator[AnswerFinding]:
    """The finding about such an error; none for one that the document leaves open. `routes` says that it has a form of errors at paths
    which are not its own."""
    status, name = exchange.status, operation.id if operation else ""
    if operation and is_unlisted_414(operation, status, exchange.request.url):
        return
    if status > OWN:
        yield AnswerFinding(
            "shape.no-server-errors", "", f"{name} {status} {FOREIGN}", "no server error", foreign
        )
    elif operation or routes:
        check = "shape.answers" if operation else "shape.problems"
        yield AnswerFinding(
            check, name, f"{name} {status} {FOREIGN}", "errors in JSON, as documented", foreign
        )


def unknown_maker(foreign: str) -> str:
    """The reason why a law cannot be checked by an error in such a form."""
    return f"an answer is {foreign}, {FOREIGN}: {UNKNOWN_MAKER}"


def foreign_offence(operation: str, got: str) -> Offence:
    """The cause that such errors are."""
    text = f"{operation or 'the target'} answers {got}, {FOREIGN}: {UNKNOWN_MAKER}"
    return Offence(
        symptom="shape", operation=operation, expected=FOREIGN, got=got[:3], path=FOREIGN, text=text
    )


def _error_forms(operation: Operation, status: int) -> set[str]:
    """The media types of the response that an operation documents for an error; if it has none, those of all its errors."""
    documented = operation.response_to(status)
    if documented is not None and documented.media_types:
        return set(documented.media_types)
    errors = [
        *(each for each in operation.answers.values() if each.status >= 400),
        *(each for each in operation.ranges.values() if each.status >= 400),
    ]
    return {form for each in errors for form in each.media_types}


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(loose_value_of(body), dict)
    except (JsonError, RecursionError):
        return False

"""The cause of a failed test, as an `Offence`: the first exchange that shows something wrong, whatever the check is about.

A check often fails for a reason that is not its own subject: a refused session, a rate limit, a write without effect. Named by that
exchange, a hundred failures become one cause (`contracts.run.failure_groups`).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from contracts.checkers.item_versions import TWO_CONTENTS
from contracts.content_writes import BULK, BULK_TYPES, SINGLE_WRITES, WRITES
from contracts.json_text import loose_value_of
from contracts.run import Offence
from contracts.run.failure_groups import FOREIGN, KEPT_ANSWER, REFUSAL, UNDOCUMENTED
from contracts.suite.client.http_exchange import ON_PURPOSE, Exchange, HttpAnswer
from contracts.suite.contract_violation import CHANNEL, AnswerFinding, ContractViolation, NoAnswer, shortened
from contracts.suite.judging.answer_judgement import NO_METHOD, REFUSABLE
from contracts.suite.judging.foreign_form import foreign_offence
from contracts.suite.judging.recorder import Recorder
from contracts.suite.judging.status_offence import STATUS, status_offence
from contracts.suite.judging.value_offence import value_offence

ITEM = "getContentItem"
"""The operation that shows the present state; a list or a sync window may be late."""
NUMBER = re.compile(r"/\d+")
BEARER = re.compile(r"Bearer \S+")
QUOTED = re.compile(r"""["']([A-Za-z]\w*)["']""")


def offence_of(error: BaseException, recorder: Recorder, *, sequence: bool, about: str) -> Offence:
    """The offence of a failed test.

    If `sequence` is true, the test's requests build on each other and an earlier one may be the cause; otherwise only the exchanges
    that the violation names count. `about` is the operationId that the check is about, or empty.
    """
    if not isinstance(error, ContractViolation):
        broken = next(recorder.wrong(), None)
        return offence_of_finding(broken[1]) if broken else Offence(symptom="value", text=str(error))
    if error.finding is not None:
        return offence_of_finding(error.finding)
    if isinstance(error, NoAnswer):
        return Offence(
            symptom="no-answer",
            expected=error.expected,
            got="no answer",
            text=f"{_name(recorder.kept[-1], recorder) if recorder.kept else 'the target'} is not answered in time",
        )
    exchanges = list(recorder.kept) if sequence else list(error.exchanges)
    named = list(error.exchanges) or [e for e in recorder.kept if e is error.last_read]
    offence = (
        _stored(error, named, recorder)
        or _systemic(exchanges, recorder)
        or _refused(error, named, exchanges, recorder)
        or _unchanged(exchanges, recorder)
        or _own(error, named, recorder, about)
    )
    return offence.model_copy(update={"used": sorted(_used(exchanges, recorder))})


def _stored(error: ContractViolation, named: Sequence[Exchange], recorder: Recorder) -> Offence | None:
    if error.cause != KEPT_ANSWER:
        return None
    name = _name(named[-1], recorder)
    return Offence(symptom="value", operation=name, path=KEPT_ANSWER, expected="the changed content", got="the answer of before",
                   text=f"{name}: {error.wrong}, so something keeps answers by their URL")  # fmt: skip


def _used(exchanges: Sequence[Exchange], recorder: Recorder) -> set[str]:
    """The ids of the write operations that succeeded, including those inside bulk requests."""
    used: set[str] = set()
    for exchange in exchanges:
        operation, _ = recorder.routed(exchange.request)
        if operation is None or operation.id not in WRITES or not 200 <= exchange.status < 300:
            continue
        used.add(operation.id)
        if operation.id == BULK:
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                inside = loose_value_of(exchange.request.body or b"")["operations"]
                used |= {BULK_TYPES[each["type"].lower()] for each in inside}
    return used


def offence_of_finding(finding: AnswerFinding) -> Offence:
    """A finding about the shape of an answer, as a cause."""
    if finding.key.endswith(FOREIGN):
        return foreign_offence(finding.key.split(" ")[0], finding.got)
    if finding.check == "shape.no-server-errors":
        operation, form = finding.key.split(" ")[0], finding.got.partition(" from ")[0]
        return _server_error(operation, form, refusable=finding.key.endswith(REFUSABLE))
    if finding.expected == NO_METHOD:
        text = (
            f"the target: a method that the path does not have is answered {finding.got} where 405 is right"
        )
        return Offence(symptom="status", operation="the target", expected="405", got=finding.got, text=text)
    status, _, place = finding.key.partition(" ")
    name = finding.operation or (CHANNEL if finding.check == "realtime.messages" else "the target")
    if not status.isdigit():
        status, place = "", finding.key
    if status >= "500":
        return _server_error(finding.operation, status, refusable=finding.key.endswith(REFUSABLE))
    got = shortened(" ".join(finding.got.split()))
    sentence = f"{name} answers {status} in another shape than documented: {place}: {got}"
    if not status:
        sentence = f"{name}: expected {finding.expected}; got {got}"
    elif place == "status status":
        sentence = f"{name}: {got}"
    # A server makes its errors in one place, so all wrong ones have one cause.
    error = finding.check == "shape.problems" or status >= "400"
    return Offence(
        symptom="shape",
        operation=finding.operation,
        expected="errors as documented" if error else finding.check,
        got=status,
        path="error" if error else place,
        text=sentence,
    )


def _systemic(exchanges: Sequence[Exchange], recorder: Recorder) -> Offence | None:
    """The first server error or rate limit among the exchanges."""
    for exchange in exchanges:
        login = exchange.operation == "login" or "/auth/login" in exchange.request.path
        if exchange.status == 429 and exchange.note != ON_PURPOSE and not login:
            summary = HttpAnswer(exchange).summary()
            return Offence(symptom="rate-limited", operation=_name(exchange, recorder), got=summary,
                           text=f"{_name(exchange, recorder)} limits the rate: {summary} in the middle of the run")  # fmt: skip
        if exchange.status >= 500:
            refusable = bool(recorder.judge.refusable(exchange))
            form = recorder.judge.error_form(exchange)
            return _server_error(_name(exchange, recorder), form, refusable=refusable)
    return None


def _server_error(operation: str, form: str, *, refusable: bool) -> Offence:
    wanted, condition = (
        (REFUSAL, " where it has to refuse the request") if refusable else ("no server error", "")
    )
    return Offence(symptom="server-error", operation=operation, expected=wanted, got=form[:3],
                   text=f"{operation or 'the target'} answers {form}{condition}")  # fmt: skip


def _refused(
    error: ContractViolation, named: Sequence[Exchange], exchanges: Sequence[Exchange], recorder: Recorder
) -> Offence | None:
    """A 401 to a token whose session is still alive, where the check expected no refusal. A malformed token, or a refresh token that
    was sent before, is not such a case."""
    wanted = STATUS.search(error.expected)
    if error.last_read == CHANNEL and error.got.startswith("401") and "401" not in error.expected:
        return Offence(symptom="session-refused", operation=CHANNEL, expected=error.expected, got="401",
                       text="the channel refuses the token of a session that is still alive: 401")  # fmt: skip
    for exchange in named[-1:]:
        if (
            exchange.status == 401
            and not (wanted and wanted[1] >= "400")
            and error.got.startswith("401")
            and BEARER.fullmatch(exchange.request.headers.get("Authorization", ""))
            and not _used_up(exchange, exchanges, recorder)
        ):
            summary = HttpAnswer(exchange).summary()
            return Offence(symptom="session-refused", operation=_name(exchange, recorder), expected=error.expected, got=summary,
                           text=f"{_name(exchange, recorder)} refuses the token of a session that is still alive: {summary}")  # fmt: skip
    return None


def _used_up(exchange: Exchange, exchanges: Sequence[Exchange], recorder: Recorder) -> bool:
    """Whether the refresh token of this exchange was sent in another one, too."""
    name, token = _name(exchange, recorder), exchange.request.headers["Authorization"]
    return name == "refreshTokens" and any(
        e is not exchange and e.operation == name and e.request.headers.get("Authorization") == token
        for e in exchanges
    )


def _unchanged(exchanges: Sequence[Exchange], recorder: Recorder) -> Offence | None:
    """A write that succeeded but left the item as it was when read again. Only sequential requests are judged, since the order of
    overlapping ones is unknown."""
    if any(later.sent < earlier.done for earlier, later in pairwise(exchanges)):
        return None
    known: dict[str, tuple[int, str]] = {}
    open_writes: dict[str, str] = {}
    answered: dict[str, int] = {}
    for exchange in exchanges:
        operation, path = recorder.routed(exchange.request)
        if operation is None or not 200 <= exchange.status < 300 or "version=" in exchange.request.query:
            continue
        id = path.get("id", "")
        if operation.id in SINGLE_WRITES and id in known and id not in open_writes:
            open_writes[id] = operation.id
            if known[id][1] == {"publishContent": "published", "archiveContent": "archived"}.get(
                operation.id
            ):
                del open_writes[id]  # nothing was left to do
        for item, version, status in _items(exchange):
            before = known.get(item)
            if before and version < before[0] and exchange.request.method == "GET":
                return _stale(operation.id, status, version, "an earlier answer has shown", before[0])
            own = operation.id in SINGLE_WRITES and item == id
            if item in open_writes and before and not (own and open_writes[item] == operation.id):
                write = open_writes.pop(item)
                # An answer to another write counts that one too.
                shown = _shown(status, version)
                if operation.id == ITEM and version < answered.get(item, 0):
                    text = f"{write} answers version {answered[item]}, and {ITEM} shows {shown} after it"
                    return _no_effect(write, operation.id, shown, status != before[1]).model_copy(
                        update={"text": text}
                    )
                if version <= before[0] + own:
                    if operation.id != ITEM and version < answered.get(item, 0) + own:
                        return _stale(operation.id, status, version, f"{write} has answered", answered[item])
                    return _no_effect(write, operation.id, _shown(status, version), status != before[1])
            elif own:
                answered[item] = version
            if item not in open_writes:
                known[item] = (version, status)
    return None


def _stale(reader: str, status: str, version: int, shown: str, newer: int) -> Offence:
    text = f"{reader} shows an item as {_shown(status, version)}, which {shown} as version {newer}"
    return Offence(symptom="value", operation=reader, path="late", expected="the newest version", got="an earlier one", text=text)  # fmt: skip


def _no_effect(write: str, reader: str, shown: str, changed: bool) -> Offence:
    if changed:
        return Offence(symptom="value", operation=write, path="version", expected="a new version", got="the same version",
                       text=f"{write} answers success and makes no new version: the item is {shown}")  # fmt: skip
    shows = "the item is still" if reader in (ITEM, *SINGLE_WRITES) else f"{reader} still shows"
    return Offence(symptom="no-effect", operation=write, expected="a new version", got=f"{shown.split(',')[0]}, version unchanged",
                   text=f"{write} answers success and changes nothing: {shows} {shown}")  # fmt: skip


def _shown(status: str, version: int) -> str:
    return f"{'a draft' if status == 'draft' else status}, version {version}"


def _items(exchange: Exchange) -> Iterator[tuple[str, int, str]]:
    """(id, version, status) of every item in an answer."""
    try:
        data = loose_value_of(exchange.body)["data"]
    except (ValueError, KeyError, TypeError):
        return
    rows: Any = data.get("data", data.get("items", [data])) if isinstance(data, dict) else []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("id"), str) and isinstance(row.get("version"), int):
            yield row["id"], row["version"], str(row.get("status", ""))


def _own(error: ContractViolation, named: Sequence[Exchange], recorder: Recorder, about: str) -> Offence:
    """The check's own finding, attributed to the exchange that it names, else to the answer that it read last."""
    last = named[-1] if named else None
    operation = _name(last, recorder) if last else error.last_read if isinstance(error.last_read, str) else ""
    about = about if about in recorder.spec.operations else ""
    if last is not None and last.answered:
        findings = recorder.judge.judge(last)
        status = status_offence(error, last, operation, recorder)
        alike = status is None or status.expected[:3] == status.got[:3]
        if findings and (alike or UNDOCUMENTED in findings[0].got):
            return offence_of_finding(findings[0])
        if status is not None:
            return status
    shape = _explaining_shape(f"{error.expected} {error.got}", recorder)
    if shape is not None:
        return offence_of_finding(shape)
    return value_offence(error, last, operation, about)


def _explaining_shape(difference: str, recorder: Recorder) -> AnswerFinding | None:
    """The first finding about the first answer that lacks or adds a member which the difference names. If a history shows one version of an
    item with two contents, any wrong shape explains it."""
    names, any_of_them = set(QUOTED.findall(difference)), TWO_CONTENTS in difference
    for exchange in recorder.kept if names or any_of_them else ():
        if 200 <= exchange.status < 300:
            findings = recorder.judge.judge(exchange)
            if findings and (any_of_them or any(names & set(QUOTED.findall(f.got)) for f in findings)):
                return findings[0]
    return None


def _name(exchange: Exchange, recorder: Recorder) -> str:
    """The operationId of an exchange, or its method and path without numbers."""
    if exchange.operation:
        return exchange.operation
    request = exchange.request
    operation, _ = recorder.routed(request)
    return operation.id if operation else f"{request.method} {NUMBER.sub('/*', request.path)}"

"""Faults of bulk requests: order, atomicity, counts, failures."""

from contextlib import suppress
from functools import partial
from typing import Any

from mock_server.content_service import ContentService
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, skipped
from mock_server.handlers.content_writing import ContentWriteHandlers, Failures
from mock_server.message import HttpResponse
from mock_server.request_context import RequestContext
from mock_server.store.sqlite.database import Database

_fault = partial(entry.wrapped, "meaning")
_BULK = "bulkUpdateContent"


Operations = list[tuple[int, dict[str, Any]]]
Applied = tuple[int, Failures]


def _stopping(step: WrappedStep, context: RequestContext, operations: Operations) -> Applied:
    done = 0
    for operation in operations:
        applied, failed = step(context, [operation])
        done += applied
        if failed:
            return done, failed
    return done, []


class _UndoneError(Exception):
    """The rollback of a whole bulk request."""


def _undoing(step: WrappedStep, context: RequestContext, operations: Operations) -> Applied:
    done, failed = 0, []
    with suppress(_UndoneError), step.part(Database).savepoint():
        done, failed = step(context, operations)
        if failed:
            step.touch()
            raise _UndoneError
    return done, failed


def _dropping_last(step: WrappedStep, context: RequestContext, operations: Operations) -> Applied:
    dropped = operations[1:][-1:]
    done, failed = step(context, operations[: len(operations) - len(dropped)])
    return done + len(dropped), failed


def _failed(**make: Any) -> Any:
    """A wrapper that sets members of each entry of `failedOperations`, from that entry."""

    def by(step: WrappedStep, done: int, failed: Failures) -> Any:
        entries = [{**entry, **{name: one(entry) for name, one in make.items()}} for entry in failed]
        return step(done, entries)

    return by


def _status(number: int, *, some_done: bool) -> Any:
    """A wrapper that answers this status if operations failed and some, or none, were done."""

    def by(step: WrappedStep, done: int, failed: Failures) -> HttpResponse:
        response: HttpResponse = step(done, failed)
        if failed and bool(done) is some_done:
            return HttpResponse(number, response.headers, response.body)
        return response

    return by


BULK = (
    _fault("bulk-counts-failed", "F8", "successfulOperations counts the failed ones.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_response, lambda step, done, failed: step(done + len(failed), failed))),
    _fault("bulk-stops", "R19", "The first failure ends the rest in silence.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_applied, _stopping)),
    _fault("bulk-atomic", "R19", "One failure undoes all, though they count as done.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_applied, _undoing)),
    _fault("bulk-backwards", "R19", "Operations are applied from the last to the first.", "bulk.in-order", _BULK,
           at(ContentWriteHandlers.bulk_applied, lambda step, context, operations: step(context, operations[::-1]))),
    _fault("bulk-index-from-one", "F8", "`index` counts from 1.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_response, _failed(index=lambda entry: entry["index"] + 1))),
    _fault("bulk-code-generic", "F8", "Every failure has the code INTERNAL.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_response, _failed(code=lambda entry: "INTERNAL"))),
    _fault("bulk-silent", "F8", "Failed operations are not reported.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_response, lambda step, done, failed: step(done, []))),
    _fault("bulk-version-unchecked", "R19", "An update in bulk needs no version.", "bulk.partial-failure", _BULK,
           at(ContentService.require_version, skipped)),
    _fault("bulk-drops-last", "F8", "The last of several operations is counted and not applied.", "bulk.all-succeed",
           _BULK, at(ContentWriteHandlers.bulk_applied, _dropping_last)),
    _fault("bulk-reports-twice", "F8", "A failure is reported twice.", "bulk.partial-failure", _BULK,
           at(ContentWriteHandlers.bulk_response, lambda step, done, failed: step(done, failed * 2))),
    _fault("bulk-all-failed-400", "R19", "A bulk in which all failed is 400.", "bulk.all-fail", _BULK,
           at(ContentWriteHandlers.bulk_response, _status(400, some_done=False))),
    _fault("bulk-partial-207", "R19", "A bulk in which some failed is 207.", "bulk.partial-failure shape.answers", _BULK,
           at(ContentWriteHandlers.bulk_response, _status(207, some_done=True))),
)  # fmt: skip

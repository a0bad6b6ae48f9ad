"""Tasks of ours that die: a greenlet that ends by an exception may have left a request uncounted, so nobody may trust the count.

gevent prints such an end and goes on. Here it is logged with its traceback and counted too, and the run ends UNKNOWN.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gevent

from load.engine.recorder import LoadRecorder

LONGEST = 200


def note(recorder: LoadRecorder, error: BaseException) -> None:
    """Log it with its traceback and count it."""
    logging.error("a task of the load generator died", exc_info=(type(error), error, error.__traceback__))
    recorder.died[f"{type(error).__name__}: {error}"[:LONGEST]] += 1


@contextmanager
def counted(recorder: LoadRecorder) -> Iterator[None]:
    """While this is on, each greenlet of this thread that dies is noted."""
    hub: Any = gevent.get_hub()
    before: Callable[..., Any] = hub.handle_error

    def handle(context: Any, kind: Any, value: Any, trace: Any) -> None:
        if isinstance(value, Exception | gevent.Timeout):
            note(recorder, value.with_traceback(trace))
        else:
            before(context, kind, value, trace)

    hub.handle_error = handle
    try:
        yield
    finally:
        hub.handle_error = before

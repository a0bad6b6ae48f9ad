"""The counter of greenlets that end with an exception. Each may have left a request uncounted, so the run ends UNKNOWN.

gevent only prints such exceptions; here they are logged with their traceback and counted.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gevent

from load.engine.recorder import LoadRecorder

LONGEST = 200


def note(recorder: LoadRecorder, error: BaseException) -> None:
    """Log an exception with its traceback, and count it."""
    logging.error("a task of the load generator died", exc_info=(type(error), error, error.__traceback__))
    recorder.died[f"{type(error).__name__}: {error}"[:LONGEST]] += 1


@contextmanager
def counted(recorder: LoadRecorder) -> Iterator[None]:
    """Within the context, the exceptions of all greenlets of this thread are logged and counted."""
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

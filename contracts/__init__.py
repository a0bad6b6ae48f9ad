"""The contract of the Tchat API, which every server of it must keep, and the suite that checks one.

The packages beside this one (`mock_server`, `load`, `reports`) import it and never each other. Except for `contracts.suite`, it does no
I/O other than reading the two documents once.

- `spec/`: the documents, read once into values; `schema`: checking a response against them; `json_text`: parsing untrusted JSON.
- `history`, `checkers/`: recorded calls, and pure functions that judge them.
- `verdict`, `objective`: PASS, ADVISORY, UNKNOWN or FAIL, and when a sample is large enough for one of them.
- `model/`: the reference model; `content_writes`: the operations that change items, and their effects.
- `run/`: the result of a run, in the form that the suite and load tests write and reports read.
- `dialect/`: the translation for targets with other names; `rules.md`: each rule with its reason.
- `harm`, `risk_categories`: the harm that a broken law does, and the public catalogues of risks that the checks cover.
- `command/`, `network/`: code that the commands and the clients of all packages share.
- `suite/`: the checks, as pytest tests of a server at a URL; `lint/`: public linters over the two documents.
"""

import sys
from types import TracebackType

if sys.platform == "win32":
    # Before any import of a module that Windows does not have; no worker process, no signal of ours and no load generator would work there.
    print(
        "tchat-harness: Windows is not supported; run it in WSL or in a container (load/deploy/Containerfile)",
        file=sys.stderr,
    )
    sys.exit(64)

_excepthook = sys.excepthook


def _silent_interrupt(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An exception hook that prints no traceback for Ctrl-C while a command still imports, before its own handler stands: Python ends as
    by the signal."""
    if not issubclass(kind, KeyboardInterrupt):
        _excepthook(kind, error, trace)


sys.excepthook = _silent_interrupt

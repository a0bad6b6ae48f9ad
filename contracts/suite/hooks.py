"""Our checks and our data for Schemathesis' own command line: the laws stay the same, the driver is another.

    SCHEMATHESIS_HOOKS=contracts.suite.hooks st run openapi.yaml --url http://127.0.0.1:8000/api

It logs in (TCHAT_EMAIL and TCHAT_PASSWORD, or the demo account), puts ids that exist where random ones would only be 404, gives
logout and refresh sessions of their own, and adds three checks: what the suite says of every answer (`tchat_answer`), that 400
comes exactly where the document is broken (`tchat_exact_400`), and the reference model's word on each answer (`tchat_model`).
What the run has created is archived at its end. Importing this module registers all of it with Schemathesis.
"""

import os
import sys
import threading
from typing import Any

import requests
import schemathesis
from schemathesis.cli import EventHandler, handler
from schemathesis.core.failures import Failure, FailureGroup

from contracts.command.exit_code import ExitCode
from contracts.spec import load as load_spec
from contracts.suite.plugin.preflight import preflight
from contracts.suite.plugin.registry import load
from contracts.suite.schemathesis.bounded_adapter import CommandLineAdapter
from contracts.suite.schemathesis.schemathesis_session import SchemathesisSession

READ_ONLY = "TCHAT_READ_ONLY is set, and Schemathesis sends writes itself: unset it, or run pytest contracts --read-only"
_lock = threading.RLock()
_targets: dict[str, SchemathesisSession] = {}
_seen: set[str] = set()
# Schemathesis makes its sessions itself and asks no hook; `requests` takes the adapter of a new session from here.
requests.sessions.HTTPAdapter = CommandLineAdapter  # type: ignore[assignment,attr-defined]


class LawBroken(Failure):
    """One law and one operation make one failure of the run, however many cases show it."""

    kind_title = "Law of the contract broken"
    code = "ST999"

    @property
    def _unique_key(self) -> str:
        return self.title


def _of(case: Any) -> tuple[SchemathesisSession, str]:
    """The target of a case, which is met at its first request, and the operationId."""
    base = case.operation.base_url.rstrip("/")
    if base not in _targets:
        _targets[base] = SchemathesisSession(base, os.environ)
    return _targets[base], case.operation.definition.raw["operationId"]


@schemathesis.hook
def after_load_schema(context: Any, schema: Any) -> None:
    """One request before all others, as in the suite: a target that cannot be reached ends the run with one line and the suite's code."""
    base = (schema.get_base_url() or "").rstrip("/")
    if "after_load_schema" in _seen or not base.startswith("http"):
        return
    _seen.add("after_load_schema")
    settings = SchemathesisSession.settings_of(base, os.environ)
    if not settings.writes:
        print(f"st: {READ_ONLY}", file=sys.stderr, flush=True)
        os._exit(ExitCode.USAGE)
    end = preflight(settings, load_spec())
    if end is not None:
        print(f"st: {end.reason}", file=sys.stderr, flush=True)
        os._exit(end.code)  # a SystemExit would be shown as an error of this hook, with a traceback


@schemathesis.auth(refresh_interval=None)
class Login:
    """The account's session, or one of its own for what uses it up."""

    def get(self, case: Any, context: Any) -> str | None:
        with _lock:
            session, operation = _of(case)
            return session.token(operation)

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    with _lock:
        session, operation = _of(case)
        session.before(case, operation)
    kwargs.setdefault("allow_redirects", False)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    with _lock:
        session, operation = _of(case)
        session.after(case, operation, response)


@schemathesis.check
def tchat_answer(context: Any, response: Any, case: Any) -> None:
    """What the suite judges every answer by: shape, problem documents, Allow, secrets."""
    _tell(case, "shape.")


@schemathesis.check
def tchat_exact_400(context: Any, response: Any, case: Any) -> None:
    """400 exactly where the request breaks the document."""
    _tell(case, "fuzz.")


@schemathesis.check
def tchat_model(context: Any, response: Any, case: Any) -> None:
    """The answer is the one that the reference model computes."""
    _tell(case, "stateful.")


@handler()
class Archiving(EventHandler[Any]):
    """What the run has created is archived when Schemathesis shuts down."""

    def handle_event(self, context: Any, event: Any) -> None:
        pass

    def shutdown(self, context: Any) -> None:
        while _targets:
            _targets.popitem()[1].close()


def _tell(case: Any, family: str) -> None:
    with _lock:
        session, _ = _of(case)
        found = session.findings(case, family)
    if found:
        raise FailureGroup(
            [
                LawBroken(
                    operation=case.operation.label,
                    title=finding.check,
                    message=f"{LAWS[finding.check]}\n\nexpected {finding.expected}; got {finding.got}",
                    case_id=case.id,
                )
                for finding in found
            ]
        )


LAWS = {slug: check.law for slug, check in load().items()}

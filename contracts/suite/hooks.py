"""Hooks for Schemathesis' own command line, which use our test data and apply our laws to the requests that Schemathesis sends.

    SCHEMATHESIS_HOOKS=contracts.suite.hooks st run openapi.yaml --url http://127.0.0.1:8000/api

They log in (TCHAT_EMAIL and TCHAT_PASSWORD, or the demo account), replace random ids by existing ones, which would otherwise only give
404, give logout and refresh sessions of their own, and add three checks: the suite's judgement of every answer (`tchat_answer`), 400
exactly for requests that break the document (`tchat_exact_400`), and the reference model (`tchat_model`). Items that the run created are
archived at its end. Importing this module registers all hooks with Schemathesis.

What the three checks tell has no secrets in it. Schemathesis itself prints and reports bodies of answers as they came, tokens and all: keep
its files where you keep passwords, or run `pytest contracts`.
"""

import os
import sys
import threading
from functools import partial
from typing import Any

import requests
import schemathesis
from schemathesis.cli import EventHandler, handler
from schemathesis.core.failures import Failure, FailureGroup

from contracts.command.exit_code import ExitCode
from contracts.command.outermost import print_line
from contracts.spec import load as load_spec
from contracts.suite.plugin.preflight import preflight
from contracts.suite.plugin.registry import load
from contracts.suite.schemathesis.bounded_adapter import CommandLineAdapter
from contracts.suite.schemathesis.schemathesis_session import SchemathesisSession

READ_ONLY = "TCHAT_READ_ONLY is set, and Schemathesis sends writes itself: unset it, or run pytest contracts --read-only"
_lock = threading.RLock()
_targets: dict[str, SchemathesisSession] = {}
_seen: set[str] = set()
# Schemathesis has no hook for its sessions; a new session of `requests` takes its adapter from here.
requests.sessions.HTTPAdapter = CommandLineAdapter  # type: ignore[assignment,attr-defined]


class LawBroken(Failure):
    """The failure of one law at one operation, which Schemathesis reports once, however many cases show it."""

    kind_title = "Law of the contract broken"
    code = "ST999"

    @property
    def _unique_key(self) -> str:
        return self.title


def _of(case: Any) -> tuple[SchemathesisSession, str]:
    """The session for a case's target, made at its first request, and our id of the operation."""
    base = case.operation.base_url.rstrip("/")
    if base not in _targets:
        _targets[base] = SchemathesisSession(base, os.environ)
    return _targets[base], _targets[base].operation_of(case)


@schemathesis.hook
def after_load_schema(context: Any, schema: Any) -> None:
    """Log in once before all other requests, as the suite does. If that fails, the run ends with one line and the suite's exit code."""
    base = (schema.get_base_url() or "").rstrip("/")
    if "after_load_schema" in _seen or not base.startswith("http"):
        return
    _seen.add("after_load_schema")
    settings = SchemathesisSession.settings_of(base, os.environ)
    if not settings.writes:
        print(f"st: {READ_ONLY}", file=sys.stderr, flush=True)
        os._exit(ExitCode.USAGE)
    end = preflight(settings, load_spec(), say=partial(print_line, "st"))
    if end is not None:
        print(f"st: {end.reason}", file=sys.stderr, flush=True)
        os._exit(end.code)  # a SystemExit would be shown as an error of this hook, with a traceback


@schemathesis.auth(refresh_interval=None)
class Login:
    """The access token of a case: of the account's session, or of a new one if the operation ends its session."""

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
    """The suite's judgement of every answer: shape, problem documents, Allow, secrets."""
    _tell(case, "shape.")


@schemathesis.check
def tchat_exact_400(context: Any, response: Any, case: Any) -> None:
    """The status is 400 if and only if the request breaks the document."""
    _tell(case, "fuzz.")


@schemathesis.check
def tchat_model(context: Any, response: Any, case: Any) -> None:
    """The answer is the one that the reference model computes."""
    _tell(case, "stateful.")


@handler()
class Archiving(EventHandler[Any]):
    """The handler that archives the items of the run when Schemathesis shuts down."""

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

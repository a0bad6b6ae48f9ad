"""What a law needs of the document beyond the operations that it calls: stated at the check, as data, and asked of the document.

A check that needs what the document does not promise is not applicable. What else a check looks at (a member, a header, a status, a
parameter, a request that one document allows and the other refuses) is found out where it looks (`contracts.dialect.translation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from contracts.schema import PROBLEM
from contracts.spec import Spec


def _documents(status: int) -> Callable[[Spec], bool]:
    return lambda spec: any(status in operation.answers for operation in spec)


def _says(words: str) -> Callable[[Spec], bool]:
    return lambda spec: words in str(spec.document.get("info", {}).get("description", ""))


def _has_code(operation: str, code: str) -> Callable[[Spec], bool]:
    def has(spec: Spec) -> bool:
        found = spec.operations.get(operation)
        return found is not None and any(code in answer.codes for answer in found.answers.values())

    return has


def _search_is_described(spec: Spec) -> bool:
    raw = spec.document["paths"].get("/content/items", {}).get("get", {}).get("parameters", ())
    return any(one.get("name") == "search" and "match" in one.get("description", "") for one in raw)


def _has_problems(spec: Spec) -> bool:
    return any(PROBLEM in answer.media_types for operation in spec for answer in operation.answers.values())


NEEDS_OF_DOCUMENT: Mapping[str, tuple[Callable[[Spec], bool], str]] = MappingProxyType(
    {
        "conditional reads": (_documents(304), "the document has no 304"),
        "methods": (
            _documents(405),
            "the document has no 405, and does not say how HEAD and OPTIONS are answered",
        ),
        "media types": (_documents(415), "the document has no 415"),
        "body limits": (_documents(413), "the document has no 413"),
        "problem documents": (_has_problems, "the document has no application/problem+json"),
        "order of judgement": (
            _says("Order of judgement"),
            "the document does not say which refusal comes first where a request is wrong in several ways",
        ),
        "refresh rules": (
            _has_code("refreshTokens", "REFRESH_REUSED"),
            "the document does not say what becomes of a refresh token that was used before",
        ),
        "token codes": (
            _has_code("verifyToken", "TOKEN_MISSING"),
            "the document does not tell the causes of 401 apart",
        ),
        "query rules": (
            _says("A query name that this document does not know"),
            "the document does not say how names and values of a query are read",
        ),
        "search rules": (_search_is_described, "the document does not say what a search finds"),
    }
)
"""Name -> (whether a document promises it, how it is told where it does not)."""


def missing(spec: Spec, needs: tuple[str, ...]) -> str:
    """The first reason for which a check with these needs is not applicable; empty where there is none."""
    return next((reason for need in needs for has, reason in (NEEDS_OF_DOCUMENT[need],) if not has(spec)), "")

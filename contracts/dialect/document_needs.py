"""What a law needs of the document beyond the operations that it calls: stated at the check, as data, and asked of the document.

A check that needs what the document does not promise is not applicable. What else a check looks at (a member, a header, a status, a
parameter, a request that one document allows and the other refuses) is found out where it looks (`contracts.dialect.translation`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from contracts.dialect.derivation import derive
from contracts.dialect.schema_members import members
from contracts.dialect.translation import only
from contracts.model.messages import PERMISSIONS
from contracts.schema import PROBLEM
from contracts.spec import Spec, canonical


def _documents(status: int) -> Callable[[Spec], bool]:
    return lambda spec: any(status in operation.answers for operation in spec)


def _says(words: str) -> Callable[[Spec], bool]:
    return lambda spec: words in str(spec.document.get("info", {}).get("description", ""))


def _has_our_words(spec: Spec) -> bool:
    """Whether the operations of the model answer with our statuses and members."""
    ours = canonical()
    found = derive(ours, spec)
    if found.identical:
        return True
    if found.statuses or found.codes or found.members:
        return False
    for name in PERMISSIONS:
        if name not in spec.operations:
            return False
        mine, other = ours[name].success, spec[name].success
        if not _whole(ours, only(mine.media_types), spec, only(other.media_types), 0):
            return False
    return True


def _whole(ours: Spec, mine: Any, theirs: Spec, other: Any, depth: int) -> bool:
    """Whether every member that ours requires is named by theirs, all the way down."""
    one, another = members(ours, mine), members(theirs, other)
    if depth > 8:
        return True
    if one.items is not None and not _whole(ours, one.items, theirs, another.items, depth + 1):
        return False
    return all(
        name in another.named and _whole(ours, one.named[name], theirs, another.named[name], depth + 1)
        for name in one.required
        if name in one.named
    )


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


def _has_endpoints(*roles: str) -> Callable[[Spec], bool]:
    return lambda spec: set(roles) <= spec.oauth.keys()


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
        "words of the model": (
            _has_our_words,
            "the document has other names, statuses or members than ours, which the reference model speaks",
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
        "authorization code": (
            _has_endpoints("authorization", "token"),
            "the document has no authorization code flow (an oauth2 security scheme, or x-oauth)",
        ),
        "revocation": (
            _has_endpoints("authorization", "token", "revocation"),
            "the document has no revocation endpoint (x-oauth)",
        ),
        "metadata": (
            _has_endpoints("authorization", "token", "metadata"),
            "the document has no authorization server metadata (x-oauth)",
        ),
        "search rules": (_search_is_described, "the document does not say what a search finds"),
    }
)
"""Name -> (whether a document promises it, how it is told where it does not)."""


def missing(spec: Spec, needs: tuple[str, ...]) -> str:
    """The first reason for which a check with these needs is not applicable; empty where there is none."""
    return next((reason for need in needs for has, reason in (NEEDS_OF_DOCUMENT[need],) if not has(spec)), "")

"""The endpoints of the authorization server among the operations of a document.

An operation has the role that its `x-oauth` says. Where none has a role that a flow of an `oauth2` security scheme names by its URL, it
is the operation with the longest path that the URL ends with: `/oauth/token` and not `/token`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import METHODS

ENDPOINTS = ("authorization", "consent", "token", "revocation", "metadata")
_OF_A_FLOW = (("authorizationUrl", "get", "authorization"), ("tokenUrl", "post", "token"))

Place = tuple[str, str]
"""Path and method (lower case) of an operation."""


def may_be_endpoint(document: Mapping[str, Any], path: str, method: str) -> bool:
    """Whether an operation has a role, or the URL of a flow ends with its path."""
    named = [
        urlsplit(flow[key]).path
        for flow in _flows(document, lambda scheme: scheme)
        for key, verb, _ in _OF_A_FLOW
        if verb == method and isinstance(flow.get(key), str)
    ]
    return "x-oauth" in document["paths"][path][method] or any(url.endswith(path) for url in named)


def _flows(document: Mapping[str, Any], deref: Callable[[Any], Any]) -> Iterator[Mapping[str, Any]]:
    """The authorization code flows of the security schemes."""
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        flows = deref(scheme).get("flows")
        flow = flows.get("authorizationCode") if isinstance(flows, dict) else None
        if isinstance(flow, dict):
            yield flow


def oauth_endpoints(
    document: Mapping[str, Any], deref: Callable[[Any], Any], fail: Callable[[str, str], SpecError]
) -> dict[Place, str]:
    """The roles of the operations that have one, each role once. Raises SpecError for an unknown role and for one with two operations."""
    operations = dict(_operations(document))
    found: dict[str, Place] = {}
    for place, raw in operations.items():
        role = raw.get("x-oauth", "")
        if role and role not in ENDPOINTS:
            raise fail(_shown(place), f"x-oauth {role!r} is none of {', '.join(ENDPOINTS)}")
        if role and found.setdefault(role, place) != place:
            raise fail(_shown(place), f"x-oauth {role!r} is that of {_shown(found[role])} too")
    for flow in _flows(document, deref):
        for key, verb, role in _OF_A_FLOW:
            url = flow.get(key)
            path = urlsplit(url).path if isinstance(url, str) else ""
            named = [place for place in operations if place[1] == verb and path.endswith(place[0])]
            if named:
                found.setdefault(role, max(named, key=lambda place: len(place[0])))
    return {place: role for role, place in found.items()}


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS if path.startswith("/") else ():
            if method in item:
                yield (path, method), item[method]


def _shown(place: Place) -> str:
    return f"{place[1].upper()} {place[0]}"

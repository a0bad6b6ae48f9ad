"""The OAuth clients that a document names in the examples of its authorization endpoint, and the scope that they ask for."""

from typing import Any, NamedTuple

from contracts.spec.document import Spec
from contracts.spec.operation import Operation
from contracts.spec.source.references import followed


class OAuthClient(NamedTuple):
    """A registered OAuth client and its redirect URI."""

    id: str
    redirect_uri: str


def oauth_clients(spec: Spec) -> tuple[OAuthClient, ...]:
    """The clients, one for each name under which both `client_id` and `redirect_uri` have an example.

    >>> from contracts.spec import load
    >>> oauth_clients(load())[0]
    OAuthClient(id='tchat-web', redirect_uri='https://app.tchat.com/oauth/callback')
    """
    operation = spec.oauth.get("authorization")
    if operation is None:
        return ()
    given: dict[str, dict[str, Any]] = {}
    for parameter in _parameters(spec, operation):
        named = parameter.get("examples") or {"": {"value": parameter.get("example")}}
        given[parameter.get("name", "")] = {name: example.get("value") for name, example in named.items()}
    uris = given.get("redirect_uri", {})
    return tuple(
        OAuthClient(str(client), str(uris[name]))
        for name, client in given.get("client_id", {}).items()
        if client and uris.get(name)
    )


def _parameters(spec: Spec, operation: Operation) -> list[Any]:
    raw = spec.document["paths"][operation.path][operation.method.lower()].get("parameters", ())
    return [followed(spec.document, parameter) for parameter in raw]


def oauth_scope(spec: Spec) -> str:
    """The scope to ask for: the example of the parameter at the authorization endpoint, or all scopes of the flow; empty if the document names
    none. A server may refuse a request without one (RFC 6749, 3.3).

    >>> from contracts.spec import load
    >>> oauth_scope(load())
    'content:read'
    """
    operation = spec.oauth.get("authorization")
    if operation is None:
        return ""
    for parameter in _parameters(spec, operation):
        if parameter.get("name") == "scope" and parameter.get("example"):
            return str(parameter["example"])
    for scheme in spec.document.get("components", {}).get("securitySchemes", {}).values():
        scopes = scheme.get("flows", {}).get("authorizationCode", {}).get("scopes", {})
        if scopes:
            return " ".join(scopes)
    return ""

"""The OAuth clients that a document names in the examples of its authorization endpoint."""

from typing import Any, NamedTuple

from contracts.spec.document import Spec


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
    for parameter in spec.document["paths"][operation.path][operation.method.lower()].get("parameters", ()):
        named = parameter.get("examples") or {"": {"value": parameter.get("example")}}
        given[parameter.get("name", "")] = {name: example.get("value") for name, example in named.items()}
    uris = given.get("redirect_uri", {})
    return tuple(
        OAuthClient(str(client), str(uris[name]))
        for name, client in given.get("client_id", {}).items()
        if client and uris.get(name)
    )

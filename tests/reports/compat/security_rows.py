"""Pairs of documents that differ in their security; rows as in `operation_rows`."""

from typing import Any

from tests.reports.compat.small_documents import Document, Row, document


def schemes(security: Any = None, /, operation: Any = None, **schemes: Any) -> Document:
    made = document(
        {} if operation is None else {"security": operation}, components={"securitySchemes": schemes}
    )
    return made | ({} if security is None else {"security": security})


def oauth(**said: Any) -> Document:
    flow = {
        "tokenUrl": "/token",
        "authorizationUrl": "/authorize",
        "scopes": {"read": "", "write": ""},
        **said,
    }
    return {"type": "oauth2", "flows": {"authorizationCode": flow}}


def flows(**flows: Any) -> Document:
    return {"type": "oauth2", "flows": flows}


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
BEARER = {"type": "http", "scheme": "bearer"}
OPENID = {"type": "openIdConnect", "openIdConnectUrl": "https://id.example/a"}
CREDENTIALS = {"tokenUrl": "/token", "scopes": {}}

SECURITY: list[Row] = [
    ("scope asked for", schemes([{"o": ["read"]}], o=oauth()), schemes([{"o": ["read", "write"]}], o=oauth()), "B", {"security.narrowed"}),
    ("scope asked for at the operation", schemes(None, [{"o": []}], o=oauth()), schemes(None, [{"o": ["read"]}], o=oauth()), "B", {"security.narrowed"}),
    ("scope dropped", schemes([{"o": ["read", "write"]}], o=oauth()), schemes([{"o": ["read"]}], o=oauth()), "H", {"security.loosened"}),
    ("scope of one of two ways", schemes([{"o": ["read"]}, {"k": []}], o=oauth(), k=KEY), schemes([{"o": ["write"]}, {"k": []}], o=oauth(), k=KEY), "B", {"security.narrowed"}),
    ("scope of openIdConnect", schemes([{"i": ["read"]}], i=OPENID), schemes([{"i": ["read", "write"]}], i=OPENID), "B", {"security.narrowed"}),
    ("role of a bearer token", schemes([{"b": ["read"]}], b=BEARER), schemes([{"b": ["admin"]}], b=BEARER), "B", {"security.narrowed"}),
    ("token URL", schemes([{"o": []}], o=oauth()), schemes([{"o": []}], o=oauth(tokenUrl="/t")), "B", {"security.scheme-changed"}),
    ("authorization URL", schemes([{"o": []}], o=oauth()), schemes([{"o": []}], o=oauth(authorizationUrl="/a")), "B", {"security.scheme-changed"}),
    ("refresh URL", schemes([{"o": []}], o=oauth(refreshUrl="/r")), schemes([{"o": []}], o=oauth(refreshUrl="/s")), "B", {"security.scheme-changed"}),
    ("flow removed", schemes([{"o": []}], o=flows(password=CREDENTIALS, clientCredentials=CREDENTIALS)), schemes([{"o": []}], o=flows(password=CREDENTIALS)), "B", {"security.scheme-changed"}),
    ("flow added", schemes([{"o": []}], o=flows(password=CREDENTIALS)), schemes([{"o": []}], o=flows(password=CREDENTIALS, clientCredentials=CREDENTIALS)), "-", set()),
    ("scope not given any more", schemes([{"o": []}], o=oauth()), schemes([{"o": []}], o=oauth(scopes={"read": ""})), "B", {"security.scope-removed"}),
    ("scope given", schemes([{"o": []}], o=oauth(scopes={"read": ""})), schemes([{"o": []}], o=oauth()), "H", {"security.scope-added"}),
    ("openIdConnect URL", schemes([{"i": []}], i=OPENID), schemes([{"i": []}], i=OPENID | {"openIdConnectUrl": "https://id.example/b"}), "B", {"security.scheme-changed"}),
    ("scheme renamed", schemes([{"a": []}], a=KEY), schemes([{"b": []}], b=KEY), "-", set()),
    ("scheme renamed at the operation", schemes(None, [{"a": []}], a=oauth()), schemes(None, [{"b": []}], b=oauth()), "-", set()),
    ("scheme renamed and scope asked", schemes([{"a": []}], a=oauth()), schemes([{"b": ["read"]}], b=oauth()), "B", {"security.narrowed"}),
    ("two schemes with exchanged names", schemes([{"a": []}], a=KEY, b=BEARER), schemes([{"b": []}], a=BEARER, b=KEY), "-", set()),
    ("two schemes with exchanged content", schemes([{"a": []}], a=KEY, b=BEARER), schemes([{"a": []}], a=BEARER, b=KEY), "B", {"security.narrowed"}),
    ("header of a key in another case", schemes([{"a": []}], a=KEY), schemes([{"a": []}], a=KEY | {"name": "x-key"}), "-", set()),
    ("query name of a key in another case", schemes([{"a": []}], a=KEY | {"in": "query"}), schemes([{"a": []}], a=KEY | {"in": "query", "name": "x-key"}), "B", {"security.scheme-changed"}),
    ("Bearer in another case", schemes([{"b": []}], b=BEARER), schemes([{"b": []}], b=BEARER | {"scheme": "Bearer", "bearerFormat": "JWT"}), "-", set()),
    ("bearer to basic", schemes([{"b": []}], b=BEARER), schemes([{"b": []}], b=BEARER | {"scheme": "basic"}), "B", {"security.scheme-changed"}),
    ("key moved to the query", schemes([{"a": []}], a=KEY), schemes([{"a": []}], a=KEY | {"in": "query"}), "B", {"security.scheme-changed"}),
    ("scheme that nobody asks for", schemes(None, a=KEY), schemes(None, a=BEARER), "-", set()),
    ("second credential asked", schemes([{"a": []}], a=KEY, b=BEARER), schemes([{"a": [], "b": []}], a=KEY, b=BEARER), "B", {"security.narrowed"}),
    ("made optional", schemes([{"a": []}], a=KEY), schemes([{"a": []}, {}], a=KEY), "H", {"security.loosened"}),
    ("asked though it was optional", schemes([{"a": []}, {}], a=KEY), schemes([{"a": []}], a=KEY), "B", {"security.narrowed"}),
]  # fmt: skip

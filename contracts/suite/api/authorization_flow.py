"""The authorization code flow (RFC 6749, 7636), as a browser and a client perform it: page, sign-in, redirect, code, tokens.

The pages may have any design and stand anywhere on the server (`contracts.suite.api.sign_in_pages`). The redirect to the client is not
followed. Each answer is also checked against the document.
"""

import base64
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from contracts.model.unpromised import UnpromisedError
from contracts.schema import violations
from contracts.spec import OAuthClient, oauth_clients, oauth_scope
from contracts.suite.api.api import Api
from contracts.suite.api.sign_in_pages import FORM, Browser, sign_in
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.contract_violation import ContractViolation, Unchecked, expect
from contracts.suite.judging.answer_judgement import finding_of
from contracts.suite.judging.foreign_form import unknown_maker

METADATA = "/.well-known/oauth-authorization-server"
"""The path of the metadata, below the root of the host (RFC 8414, 3)."""
MISSING = frozenset({404, 405, 501})
"""The statuses of a server for a path that it does not have."""
STATE = "a b+c/ü&d=%20"
"""A valid `state`, which a careless server would change."""
Changes = Mapping[str, str | None]
"""Parameters that replace those of the correct request; None leaves one out."""
NONE: Changes = MappingProxyType({})


class Redirected(NamedTuple):
    """A redirect of the browser. `uri` is without query and fragment; `query` are the parameters."""

    answer: HttpAnswer
    uri: str
    query: dict[str, str]
    fragment: str


def _is_at(url: str, place: str) -> bool:
    """Whether a URL is this one, whatever its query."""
    return url.partition("#")[0].partition("?")[0] == place.partition("?")[0]


def registrations(api: Api) -> tuple[OAuthClient, ...]:
    """The OAuth clients that the document names. Raises Unchecked if there are none."""
    found = oauth_clients(api.target.spec)
    if not found:
        raise Unchecked(
            "the document gives no example of client_id and redirect_uri at the authorization endpoint"
        )
    return found


def other_client(api: Api) -> OAuthClient:
    """A client other than the first. Raises Unchecked if there is none."""
    first, *others = registrations(api)
    found = next((one for one in others if one.id != first.id), None)
    if found is None:
        raise Unchecked("the document names one client only")
    return found


class AuthorizationFlow:
    """The authorization code flow of one client."""

    def __init__(self, api: Api, registration: OAuthClient | None = None) -> None:
        self.api = api
        self.registration = registration or registrations(api)[0]
        self.verifier = base64.urlsafe_b64encode(api.rng.randbytes(48)).decode()
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        self.scope = oauth_scope(api.target.spec)
        """The scope that is asked for, or empty."""
        api.target.recorder.secrets.learn(self.verifier, "VERIFIER")

    def url(self, role: str) -> str:
        return self.api.target.endpoint(role)

    def send(self, role: str, method: str, url: str, body: bytes | None = None, **headers: str) -> HttpAnswer:
        """Send a request to an endpoint. It is not translated to a dialect, because the RFC defines all names."""
        target = self.api.target
        request = HttpRequest(method=method, url=url, headers=headers, body=body)
        operation = target.spec.oauth.get(role)
        name = operation.id if operation else ""
        exchange = target.exchange(request, name)
        if exchange.status in MISSING and not self._offered():
            raise UnpromisedError(
                "the target has no authorization code flow, which the document leaves to it"
            )
        wrong = operation and violations(
            target.spec, operation, exchange.status, exchange.headers, exchange.body
        )
        if wrong and (foreign := target.recorder.judge.foreign_form(exchange, operation)):
            raise Unchecked(unknown_maker(foreign))
        if wrong:
            finding = finding_of(name, exchange.status, wrong[0])
            raise ContractViolation(finding.expected, finding.got, [exchange], finding=finding)
        return HttpAnswer(exchange)

    def _offered(self) -> bool:
        """Whether the target has any of the endpoints."""
        target = self.api.target
        urls = [("GET", self.url("authorization")), ("POST", self.url("token"))]
        if "metadata" in target.spec.oauth:
            urls.append(("GET", f"{target.host}{METADATA}"))
        asked = [HttpRequest(method=method, url=url) for method, url in urls]
        return not {target.connection.send(request).status for request in asked} <= MISSING

    # The browser

    def page(self, changes: Changes = NONE) -> HttpAnswer:
        """The page that asks for the password, in a new browser; or a refusal, or a redirect to the client."""
        client, redirect_uri = self.registration
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": redirect_uri,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "state": STATE,
            "scope": self.scope or None,
        }
        asked |= changes
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        client_uri = asked["redirect_uri"] or redirect_uri
        self._browser = Browser(self.api.target.host, self._browse, lambda url: _is_at(url, client_uri))
        return self._browser.open("GET", f"{self.url('authorization')}?{query}")

    def _browse(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> HttpAnswer:
        place = url.partition("?")[0]
        if place != self.url("authorization"):
            self.api.target.granting.add(urlsplit(url).path)
            return self.send("", method, url, body, **headers)
        return self.send("authorization" if method == "GET" else "consent", method, url, body, **headers)

    def submit(self, page: HttpAnswer, *, deny: bool = False, password: str | None = None) -> HttpAnswer:
        """Send the form of the page with the owner's credentials, and that of a second page which asks for the consent."""
        accounts = self.api.target.settings.accounts
        account = accounts["spare" if password is not None and "spare" in accounts else "owner"]
        right = account.password if password is None else password
        host = self.api.target.host
        return sign_in(self._browser, page, account.email, right, deny=deny, host=host)

    def answer(
        self, changes: Changes = NONE, *, deny: bool = False, password: str | None = None
    ) -> HttpAnswer:
        """The last answer to the browser: a redirect or a refusal. A server may redirect before it asks for the password."""
        page = self.page(changes)
        return self.submit(page, deny=deny, password=password) if page.status == 200 else page

    def redirected(self, changes: Changes = NONE, *, deny: bool = False) -> Redirected:
        """The redirect to the client. Raises ContractViolation if it does not go to the client's redirect URI."""
        answer = self.answer(changes, deny=deny)
        expect(answer.status in (302, 303), "a redirect to the client", answer.summary(), answer)
        found = self.destination(answer)
        expect(
            found.uri == self.registration.redirect_uri,
            f"a redirect to {self.registration.redirect_uri}", found.uri, answer,
        )  # fmt: skip
        return found

    def destination(self, answer: HttpAnswer) -> Redirected:
        location = answer.headers.get("location", "")
        try:
            parts = urlsplit(location)
        except ValueError:
            raise ContractViolation("a Location that is a URI", location, [answer.exchange]) from None
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        for name in ("code", "access_token"):
            self.api.target.recorder.secrets.learn(query.get(name, ""), name.upper())
        uri = location.partition("#")[0].partition("?")[0]
        return Redirected(answer, uri, query, parts.fragment)

    def code(self, changes: Changes = NONE) -> str:
        found = self.redirected(changes)
        if "code" not in found.query:
            raise ContractViolation("a redirect with a code", str(found.query), [found.answer.exchange])
        return found.query["code"]

    # The client

    def token(self, **fields: str | None) -> HttpAnswer:
        """Send a request with exactly these fields to the token endpoint."""
        sent = {name: value for name, value in fields.items() if value is not None}
        answer = self.send("token", "POST", self.url("token"), urlencode(sent).encode(), **FORM)
        if answer.status == 200:
            for name, label in (("access_token", "TOKEN"), ("refresh_token", "REFRESH_TOKEN")):
                self.api.target.recorder.secrets.learn(str(answer.member(name)), label)
        return answer

    def exchange(self, code: str, **changes: str | None) -> HttpAnswer:
        client, redirect_uri = self.registration
        fields: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": client,
            "code_verifier": self.verifier,
        }
        return self.token(**{**fields, **changes})

    def refresh(self, token: str, **changes: str | None) -> HttpAnswer:
        fields: dict[str, str | None] = {"client_id": self.registration.id, "refresh_token": token}
        return self.token(**{"grant_type": "refresh_token", **fields, **changes})

    def tokens(self) -> dict[str, Any]:
        """The answer of the token endpoint for a new session."""
        answer = self.exchange(self.code()).must(200)
        for name in ("access_token", "refresh_token", "token_type"):
            expect(isinstance(answer.member(name), str), f"{name}, a text", answer.member(name), answer)
        found: dict[str, Any] = answer.json
        return found

    def refused(self, answer: HttpAnswer, *errors: str) -> None:
        """Raise ContractViolation unless the answer is one of these errors (RFC 6749, 5.2)."""
        expect(answer.status in (400, 401), "400, the grant refused", answer.summary(), answer)
        code = answer.member("error")
        expect(code in errors, f"the error {' or '.join(errors)}", code, answer)

    def revoke(self, token: str, client: str = "", hint: str = "") -> HttpAnswer:
        fields = {"token": token, "client_id": client or self.registration.id, "token_type_hint": hint}
        body = urlencode({name: value for name, value in fields.items() if value}).encode()
        return self.send("revocation", "POST", self.url("revocation"), body, **FORM)

    def metadata(self) -> dict[str, Any]:
        place = f"{self.api.target.host}{METADATA}"
        if self.api.target.spec.oauth["metadata"].path != METADATA:
            place = self.url("metadata")  # such as that of OpenID Connect, or below the prefix
        answer = self.send("metadata", "GET", place).must(200)
        expect(isinstance(answer.member("issuer"), str), "an issuer that is a text", answer.json, answer)
        found: dict[str, Any] = answer.json
        return found

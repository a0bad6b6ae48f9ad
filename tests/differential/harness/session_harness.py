"""Session programs played to the server and to the model of sessions, on one frozen clock.

The clock stands still during a request, so the model knows each moment exactly and accepts both answers only at a border.
Beside what the model judges, what verify tells of a token is held to what the token itself says.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from contracts.model import Disagreement, Response
from contracts.model.timestamps import instant
from contracts.model.unknown import shown
from contracts.spec import oauth_clients
from tests.contracts.model.session_model import Grant, Moment, Reply, Sessions, at
from tests.differential.harness.http_client import EMAILS, PASSWORD, send, serve, spec, write
from tests.differential.programs import drawn_values
from tests.differential.programs.session_programs import Login, Refresh, SessionStep, Token, Use
from tests.differential.programs.steps import Wait

VERIFIER, CHALLENGE = (
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
)
"""RFC 7636, appendix B."""
NOBODY = "nobody@tchat.com"
PLATFORMS = {"phone": "ios", "tablet": "android"}
SUCCESSES = {
    "login": 200,
    "refresh": 200,
    "logout": 200,
    "verifyToken": 200,
    "getContentItems": 200,
    "ingestMetrics": 202,
}


@dataclass(slots=True)
class SessionOutcome:
    """`lines` are the steps and what came; `complaints` are of the last of them."""

    complaints: tuple[Disagreement, ...] = ()
    lines: list[tuple[SessionStep, str]] = field(default_factory=list)


def play(program: Iterable[SessionStep], *, seed: int, faults: Iterable[str] = ()) -> SessionOutcome:
    """The program from the start to its end or to the first disagreement."""
    harness = _SessionHarness(seed)
    harness.server.faults.set(list(faults))
    outcome = SessionOutcome()
    for step in program:
        if isinstance(step, Wait):
            harness.server.clock.advance(step.microseconds)
            outcome.lines.append((step, ""))
            continue
        told, complaints = harness.take(step)
        outcome.lines.append((step, told))
        if complaints:
            outcome.complaints = complaints
            break
    return outcome


class _SessionHarness:
    def __init__(self, seed: int) -> None:
        self.server = serve(drawn_values.start(seed) + seed * 123_457)
        self._model = Sessions()
        self._given: dict[tuple[int, str], str] = {}
        self._labels: dict[str, str] = {}
        self._users: dict[str, str] = {}

    def take(self, step: Login | Refresh | Use) -> tuple[str, tuple[Disagreement, ...]]:
        """What came, in short, and what is wrong with it."""
        if isinstance(step, Login):
            response = self._login(step)
        else:
            operation = step.operation if isinstance(step, Use) else "refreshTokens"
            response = self._call(operation, step.token)
        told = f"{response.status} {_code(response)}".strip()
        if response.status >= 500:
            return told, (Disagreement("status", "an answer", told),)
        try:
            reply = self._reply(step, response)
        except (KeyError, TypeError, ValueError, IndexError) as odd:
            return told, (
                Disagreement("body", "tokens as openapi.yaml has them", f"{type(odd).__name__}: {odd}"),
            )
        return told, self._judge(step, reply, response)

    # To the server

    def _login(self, step: Login) -> Response:
        email = EMAILS.get(step.account, NOBODY)
        body = {
            "email": email.upper() if step.shouted else email,
            "password": PASSWORD if step.right else "wrong",
        }
        if step.device is not None:
            body |= {"deviceId": step.device, "platform": PLATFORMS[step.device]}
        elif step.number % 2:
            return self._by_code(body)
        return send(self.server, write("login", body=body))

    def _by_code(self, credentials: dict[str, str]) -> Response:
        """A login by the authorization code flow, told as one by the password: to the model there is no difference."""
        client = oauth_clients(spec())[0]._asdict()
        client["client_id"] = client.pop("id")
        asked = {"response_type": "code", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        signed_in = send(self.server, write("signIn", form=client | asked | credentials))
        if signed_in.status != 303:
            return signed_in
        code = dict(parse_qsl(urlsplit(signed_in.headers["location"]).query))["code"]
        grant = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        response = send(self.server, write("exchangeToken", form=client | grant))
        told = response.body
        tokens = {
            "accessToken": told["access_token"],
            "refreshToken": told["refresh_token"],
            "expiresIn": told["expires_in"],
        }
        return replace(
            response, body={"tokens": tokens, "user": {"id": _claims(told["access_token"])["sub"]}}
        )

    def _call(self, operation: str, token: Token | None) -> Response:
        body = None
        if operation == "createContentItem":
            body = {"title": "T"}
        elif operation == "ingestMetrics":
            body = next(iter(spec().operations[operation].body.examples.values()))  # type: ignore[union-attr]
        return send(self.server, write(operation, body=body, token=self._text(token)))

    def _text(self, token: Token | None) -> str | None:
        if token is None or token.step is None:
            return None if token is None else token.text
        text = self._given.get((token.step, token.kind), "left-out")
        # The last character but one of a signature: the last one holds bits that nobody reads.
        return text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1] if token.spoilt else text

    # To the model

    def _reply(self, step: Login | Refresh | Use, response: Response) -> Reply:
        # Only 200 grants (F3), so any other success comes to the model without tokens, which it refuses.
        granted = response.status == 200 and not isinstance(step, Use)
        return Reply(
            response.status, _code(response), self._grant(step.number, response) if granted else None
        )

    def _grant(self, number: int, response: Response) -> Grant:
        tokens = response.body["tokens"]
        claims, refreshing = _claims(tokens["accessToken"]), _claims(tokens["refreshToken"])
        if claims["sid"] != refreshing["sid"]:
            raise ValueError("the two tokens are of different sessions")
        for kind, text in (("access", tokens["accessToken"]), ("refresh", tokens["refreshToken"])):
            self._given[number, kind] = text
            self._labels.setdefault(text, f"{kind} token of step {number}")
        return Grant(
            session=claims["sid"],
            access=self._labels[tokens["accessToken"]],
            access_expires=claims["exp"],
            refresh=self._labels[tokens["refreshToken"]],
            refresh_expires=refreshing["exp"],
            expires_in=tokens["expiresIn"],
        )

    def _label(self, token: Token | None) -> str | None:
        text = self._text(token)
        # A field with nothing after the scheme is a token like any other, only that it is none of ours.
        return None if text is None else self._labels.get(text, "no token of ours")

    def _judge(
        self, step: Login | Refresh | Use, reply: Reply, response: Response
    ) -> tuple[Disagreement, ...]:
        # Exact: at the very border of the grace, a rounded difference would fall on one side of it.
        now: Moment = at(cast("float", Fraction(self.server.clock.now(), drawn_values.SECOND)))
        wrong: tuple[Disagreement, ...]
        if isinstance(step, Login):
            right = step.right and step.account in EMAILS
            self._model, wrong = self._model.login(now, step.account, step.device, reply, right=right)
            return wrong or self._told_of_login(reply, response)
        if isinstance(step, Refresh):
            self._model, wrong = self._model.refresh(now, self._label(step.token), reply)
            return wrong
        judge = self._model.logout if step.operation == "logout" else self._model.use
        self._model, wrong = judge(now, self._label(step.token), reply)
        return wrong or self._told_of_use(step, response)

    def _told_of_login(self, reply: Reply, response: Response) -> tuple[Disagreement, ...]:
        if reply.grant is not None:
            self._users[reply.grant.session] = response.body["user"]["id"]
        return ()

    def _told_of_use(self, step: Use, response: Response) -> tuple[Disagreement, ...]:
        """What verify says; of other successes, that they are the one success that there is."""
        if response.status in (401, 403):
            return ()
        if step.operation != "verifyToken":
            expected = SUCCESSES.get(step.operation, 201)
            return (
                ()
                if response.status == expected
                else (Disagreement("status", str(expected), str(response.status)),)
            )
        token = self._model.tokens[self._label(step.token) or ""]
        wanted = {"valid": True, "userId": self._users[token.session], "sessionId": token.session}
        told = {name: response.body.get(name) for name in wanted}
        ends = instant(response.body["expiresAt"]) / drawn_values.SECOND
        if (told, ends) == (wanted, token.expires):
            return ()
        return (
            Disagreement("verify", shown({**wanted, "ends": token.expires}), shown({**told, "ends": ends})),
        )


def _code(response: Response) -> str:
    code = response.body.get("code", "") if isinstance(response.body, dict) else ""
    return str(code)


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    # As the guide's three clients do it: standard base64, so that `-` or `_` is an error (F6).
    claims: dict[str, Any] = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))
    return claims

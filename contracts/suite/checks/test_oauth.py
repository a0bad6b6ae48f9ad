"""Checks of the codes and tokens of the authorization code flow with PKCE, which opens the same sessions as a login (RFC 6749, 7636, 7009,
8414)."""

from urllib.parse import urlsplit

from contracts.suite.api.api import Api
from contracts.suite.api.authorization_flow import AuthorizationFlow, Changes, other_client, registrations
from contracts.suite.api.session_probes import (
    control,
    not_stored,
    pass_grace,
    payload,
    refresh,
    untold,
    works,
)
from contracts.suite.contract_violation import equal, expect
from contracts.suite.plugin.registry import family

check = family("auth", needs=(), requires=["authorization code"])

CODE_LIFE = 60


@check("oauth.code-flow", "RFC 6749 4.1, RFC 7636 4")
def code_flow(api: Api) -> None:
    """Each registered client gets a session by the code flow: a working pair of the user who signed in."""
    for registration in registrations(api):
        tokens = AuthorizationFlow(api, registration).tokens()
        equal(tokens["token_type"].lower(), "bearer", "token_type")
        expect(works(api, tokens["access_token"]), f"the access token of {registration.id} to work", "401")
        checked = api.call("verifyToken", token=tokens["access_token"]).must(200)
        equal(checked.json["userId"], api.session.user, "the user of the session", checked)
        # It may be left out where it is what was asked for (RFC 6749, 5.1).
        scopes = str(tokens.get("scope", " ".join(api.session.permissions)))
        if api.promises("sessions of the flow"):
            equal(sorted(scopes.split()), sorted(api.session.permissions), "scope")


@check("oauth.token-answer", "RFC 6749 5.1")
def token_answer(api: Api) -> None:
    """The answer with tokens may be stored nowhere and tells the access token's true life."""
    flow = AuthorizationFlow(api)
    answer = flow.exchange(flow.code()).must(200)
    not_stored(answer)
    token, life = str(answer.member("access_token")), answer.member("expires_in")
    claims = payload(token) if token.count(".") == 2 else {}
    if {"exp", "iat"} <= claims.keys():
        equal(life, claims["exp"] - claims["iat"], "expires_in", answer)


@check(
    "oauth.refresh-rules",
    "R6, RFC 6749 6, RFC 9700 4.14.2",
    marks=("slow",),
    requires=["authorization code", "single use", "rotation"],
)
def refresh_rules(api: Api) -> None:
    """The token endpoint rotates as /auth/refresh does: a new pair, the same one within the grace, and after it a used token is refused and ends the
    session."""
    flow, rules = AuthorizationFlow(api), api.promises("refresh rules")
    first = flow.tokens()
    second = flow.refresh(first["refresh_token"]).must(200).json
    expect(second["refresh_token"] != first["refresh_token"], "another refresh token", "the same")
    if rules and api.promises("refresh grace"):
        again = flow.refresh(first["refresh_token"]).must(200)
        equal(
            again.member("refresh_token") == second["refresh_token"],
            True,
            "the same successor within the grace",
            again,
        )
    access = second["access_token"]
    if api.promises("sessions of the flow"):
        access = refresh(api, second["refresh_token"]).must(200).member("tokens", "accessToken")
    pass_grace(api)
    flow.refused(flow.refresh(first["refresh_token"]), "invalid_grant")
    if rules:
        expect(not works(api, access), "the session ended by the reuse", "its access token works")


@check("oauth.verifier", "RFC 7636 4.6")
def verifier(api: Api) -> None:
    """A code is good only with the verifier whose challenge was sent: another, none or a malformed one is refused."""
    flow = AuthorizationFlow(api)
    for wrong in (flow.verifier[::-1], flow.challenge, None, "short"):
        flow.refused(flow.exchange(flow.code(), code_verifier=wrong), "invalid_grant", "invalid_request")


@check("oauth.code-once", "RFC 6749 4.1.2, RFC 9700 2.1.1")
def code_once(api: Api) -> None:
    """A code is good once: its second use is refused and ends the session that the first has opened."""
    flow = AuthorizationFlow(api)
    code = flow.code()
    tokens = flow.exchange(code).must(200).json
    flow.refused(flow.exchange(code), "invalid_grant")
    expect(not works(api, tokens["access_token"]), "the access token revoked by the code's reuse", "it works")
    flow.refused(flow.refresh(tokens["refresh_token"]), "invalid_grant")


@check("oauth.code-bound", "RFC 6749 4.1.3")
def code_bound(api: Api) -> None:
    """A code is good for the client and the redirect URI that it was given for, and for no other."""
    flow, other = AuthorizationFlow(api), other_client(api)
    # RFC 6749, 4.1.3, asks for the redirect URI; OAuth 2.1 does not, because the verifier binds the code.
    left_out: tuple[Changes, ...] = (
        ({"redirect_uri": None},) if api.promises("redirect URI of a code") else ()
    )
    for changes in ({"client_id": other.id}, {"redirect_uri": other.redirect_uri}, *left_out):
        flow.refused(flow.exchange(flow.code(), **changes), "invalid_grant", "invalid_request")
    flow.refused(flow.exchange("no-such-code"), "invalid_grant")


@check("oauth.code-expires", "RFC 6749 4.1.2, openapi", needs=("control", "alone"))
def code_expires(api: Api) -> None:
    """A code is good for 60 seconds."""
    flow, clock = AuthorizationFlow(api), control(api)
    early, late = flow.code(), flow.code()
    clock.advance(CODE_LIFE - 5)
    flow.exchange(early).must(200)
    clock.advance(10)
    flow.refused(flow.exchange(late), "invalid_grant")


@check("oauth.client-bound", "RFC 6749 6, RFC 7009 2.1", requires=["revocation"])
def client_bound(api: Api) -> None:
    """A refresh token is good for the client that it was given to, at the token endpoint as at the revocation endpoint."""
    flow, other = AuthorizationFlow(api), other_client(api)
    tokens = flow.tokens()
    flow.refused(flow.refresh(tokens["refresh_token"], client_id=other.id), "invalid_grant", "invalid_client")
    flow.revoke(tokens["refresh_token"], client=other.id)
    expect(works(api, tokens["access_token"]), "the session untouched by another client", "401")
    flow.refresh(tokens["refresh_token"]).must(200)


@check("oauth.revoke", "RFC 7009 2", requires=["revocation"])
def revoke(api: Api) -> None:
    """A revoked token is good for nothing, whatever the hint; an unknown one is 200 as well, and other sessions live on."""
    flow, whole = AuthorizationFlow(api), api.promises("sessions of the flow")
    for name, hint in (
        ("refresh_token", "refresh_token"),
        ("access_token", ""),
        ("refresh_token", "access_token"),
    ):
        tokens = flow.tokens()
        revoked = flow.revoke(tokens[name], hint=hint)
        told = revoked.member("error") if revoked.status == 400 and name == "access_token" else ""
        if told == "unsupported_token_type" and not whole:
            continue  # RFC 7009, 2.2.1: a token that no store knows, such as a JWT
        for answer in (revoked, flow.revoke(tokens[name], hint=hint)):
            answer.must(200)
        if whole or name == "refresh_token":
            flow.refused(flow.refresh(tokens["refresh_token"]), "invalid_grant")
        if whole or name == "access_token":
            expect(
                not works(api, tokens["access_token"]), f"no access after its {name} was revoked", "it works"
            )
    flow.revoke("no-such-token").must(200)
    expect(works(api, api.session.access), "another session untouched", "401")


@check("oauth.errors", "RFC 6749 5.2")
def errors(api: Api) -> None:
    """The token endpoint tells each refusal by the error that RFC 6749 gives it, in JSON that is stored nowhere."""
    flow = AuthorizationFlow(api)
    client = flow.registration.id
    wanted: tuple[tuple[str, dict[str, str | None]], ...] = (
        ("unsupported_grant_type", {"grant_type": "password", "username": "u", "password": "p"}),
        ("unsupported_grant_type", {"grant_type": "client_credentials"}),
        ("invalid_grant", {"grant_type": "refresh_token", "refresh_token": "a.b.c"}),
        ("invalid_client", {"grant_type": "refresh_token", "refresh_token": "a.b.c", "client_id": "nobody"}),
    )
    for error, fields in wanted:
        answer = flow.token(**{"client_id": client, **fields})
        flow.refused(answer, error)
        not_stored(answer)
    flow.refused(flow.token(client_id=client), "invalid_request", "unsupported_grant_type")


@check("oauth.metadata", "RFC 8414 2, RFC 9207 3", requires=["metadata"])
def metadata(api: Api) -> None:
    """The metadata is true: the endpoints are those of the document, at the issuer's host, and nothing weaker than S256 is offered."""
    metadata = AuthorizationFlow(api).metadata()
    issuer, target = urlsplit(metadata["issuer"]), api.target
    if api.promises("sessions of the flow"):
        equal(issuer.path.strip("/"), "", "what follows the issuer's host")
    equal((issuer.query, issuer.fragment), ("", ""), "query and fragment of the issuer")
    for role in ("authorization", "token", "revocation"):
        if role in target.spec.oauth:
            end = target.spec.oauth[role]
            bases = target.spec.prefixes if end.server is None else (end.server,)
            url = metadata.get(f"{role}_endpoint")
            wanted = [f"{issuer.scheme}://{issuer.netloc}{base}{end.path}" for base in bases]
            expect(url in wanted, f"{role}_endpoint {' or '.join(wanted)}", url)
    equal(metadata.get("code_challenge_methods_supported"), ["S256"], "code_challenge_methods_supported")
    expect("code" in metadata.get("response_types_supported", ()), "the response type code", metadata)
    equal(
        metadata.get("authorization_response_iss_parameter_supported"),
        True,
        "authorization_response_iss_parameter_supported",
    )


@check("oauth.log-secrets", "R11, RFC 9700 4.2", needs=("spare",))
def log_secrets(api: Api) -> None:
    """No password, code, verifier or token of the flow reaches the server's log."""
    flow = AuthorizationFlow(api)
    word = f"not-it-{api.word()}"
    flow.answer(password=word)
    code = flow.code()
    tokens = flow.exchange(code).must(200).json
    later = flow.refresh(tokens["refresh_token"]).must(200).json
    issued = (one[name] for one in (tokens, later) for name in ("access_token", "refresh_token"))
    untold(api, word, code, flow.verifier, *issued)

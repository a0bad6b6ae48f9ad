"""Checks of the browser's part of the authorization code flow: the page, the sign-in and the redirect (RFC 6749, 9207, 9700)."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from contracts.suite.api.api import Api
from contracts.suite.api.authorization_flow import STATE, AuthorizationFlow, Changes, other_client
from contracts.suite.api.session_probes import not_stored
from contracts.suite.api.sign_in_pages import FORM
from contracts.suite.contract_violation import equal, expect
from contracts.suite.plugin.registry import family

check = family("auth", needs=(), requires=["authorization code"])

OWN_FRAMES = re.compile(r"(?i)frame-ancestors\s+'(none|self)'\s*(;|,|$)")
MARKUP = '"><script>alert(1)</script>'


@check("oauth.s256-only", "RFC 7636 4.4.1, RFC 9700 2.1.1")
def s256_only(api: Api) -> None:
    """Without a challenge, or with one of the method plain, there is no code."""
    flow = AuthorizationFlow(api)
    for changes in (
        {"code_challenge": flow.verifier, "code_challenge_method": "plain"},
        {"code_challenge": flow.verifier, "code_challenge_method": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": "S512"},
    ):
        _no_code(flow, "invalid_request", changes)


def _no_code(flow: AuthorizationFlow, error: str, changes: Changes) -> None:
    """Raise ContractViolation unless the answer is a refusal, or a redirect to the client with an error and without a code."""
    answer = flow.answer(changes)
    query = flow.destination(answer).query
    expect("code" not in query, "no code", f"a code for {changes}", answer)
    if answer.status in (302, 303):
        equal(query.get("error"), error, f"error for {changes}", answer)


@check("oauth.state-and-issuer", "RFC 6749 4.1.2, RFC 9207 2", requires=["metadata"])
def state_and_issuer(api: Api) -> None:
    """Every answer to the client has its state, character by character, and the issuer of the metadata, whether it is a code or an error."""
    flow = AuthorizationFlow(api)
    issuer = flow.metadata()["issuer"]
    tried: tuple[Changes, ...] = ({}, {"response_type": "nonsense"}, {"state": "plain"})
    for changes in tried:
        found = flow.redirected(changes)
        equal(found.query.get("state"), changes.get("state", STATE), "state", found.answer)
        equal(found.query.get("iss"), issuer, "iss", found.answer)
    bare = flow.redirected({"state": None})
    expect(
        "state" not in bare.query, "no state where none was sent", bare.query.get("state", ""), bare.answer
    )


@check("oauth.no-open-redirect", "RFC 9700 4.1.3, RFC 6749 3.1.2.4, OWASP API8")
def no_open_redirect(api: Api) -> None:
    """The browser is sent to a registered redirect URI of this client, compared character by character, and nowhere else."""
    flow = AuthorizationFlow(api)
    own = flow.registration.redirect_uri
    host = urlsplit(own).netloc
    for uri in (
        "https://evil.example/callback", f"{own}/more", f"{own}?next=https://evil.example", f"{own}#x", own.upper(),
        own.replace("://", "://evil@"), own.replace(host or own, f"{host}.evil.example"), own[:-1], "javascript:alert(1)",
        "//evil.example", other_client(api).redirect_uri,
    ):  # fmt: skip
        if uri == own:
            continue
        answer = flow.answer({"redirect_uri": uri})
        expect(400 <= answer.status < 500, f"a refusal of {uri}", answer.summary(), answer)
        expect("location" not in answer.headers, "no redirect", answer.headers.get("location", ""), answer)
    missing = flow.answer({"client_id": "nobody"})
    expect(400 <= missing.status < 500, "a refusal of an unknown client", missing.summary(), missing)


@check("oauth.no-token-in-url", "RFC 9700 2.1.2, RFC 6750 5.3")
def no_token_in_url(api: Api) -> None:
    """Tokens are in no URL: the implicit flows are refused, a redirect carries the code alone, and the token endpoint reads no query."""
    flow = AuthorizationFlow(api)
    for kind in ("token", "code token", "id_token"):
        found = flow.destination(flow.answer({"response_type": kind}))
        # An error of an implicit flow is told in the fragment (RFC 6749, 4.2.2.1).
        answered = {**found.query, **dict(parse_qsl(found.fragment))}
        got = sorted(name for name in answered if name in ("access_token", "id_token"))
        expect(not got, f"no token for the response type {kind}", got, found.answer)
        expect("code" not in answered, f"no code for the response type {kind}", "one", found.answer)
    found = flow.redirected()
    extra = sorted(set(found.query) - {"code", "state", "iss", "session_state"})
    expect(
        not extra and not found.fragment,
        "code, state and iss in the URL",
        extra or "a fragment",
        found.answer,
    )
    fields = {
        "grant_type": "authorization_code", "code": found.query["code"], "redirect_uri": flow.registration.redirect_uri,
        "client_id": flow.registration.id, "code_verifier": flow.verifier,
    }  # fmt: skip
    asked = flow.send("token", "POST", f"{flow.url('token')}?{urlencode(fields)}", b"", **FORM)
    flow.refused(asked, "invalid_request", "unsupported_grant_type", "invalid_client")


@check("oauth.redirect-status", "RFC 9700 4.12")
def redirect_status(api: Api) -> None:
    """The browser is redirected so that it does not send the password on: 303, or 302, and never 307."""
    answer = AuthorizationFlow(api).answer()
    expect(answer.status in (302, 303), "303 after the sign-in", answer.summary(), answer)


@check("oauth.consent", "RFC 6749 4.1.2.1, OWASP API2", needs=("spare",))
def consent(api: Api) -> None:
    """Without the right password, and where the user denies, there is no code."""
    flow = AuthorizationFlow(api)
    wrong = flow.answer(password=f"not-it-{api.word()}")
    expect("code" not in flow.destination(wrong).query, "no code for a wrong password", "one", wrong)
    denied = flow.redirected(deny=True)
    expect("code" not in denied.query, "no code where the user denies", "one", denied.answer)
    equal(denied.query.get("error"), "access_denied", "error", denied.answer)


@check("oauth.page-not-framed", "RFC 9700 4.16")
def page_not_framed(api: Api) -> None:
    """No page of another origin may frame the page that asks for the password, and no cache keeps it."""
    page = AuthorizationFlow(api).page().must(200)
    policy = page.headers.get("content-security-policy", "")
    option = page.headers.get("x-frame-options", "").upper()
    apart = bool(OWN_FRAMES.search(policy)) or option in ("DENY", "SAMEORIGIN")
    expect(apart, "frame-ancestors 'none' or 'self' in Content-Security-Policy", policy or "none", page)
    not_stored(page)


@check("oauth.page-escapes", "RFC 6749 10.14")
def page_escapes(api: Api) -> None:
    """Values of the URL are text in the page and never markup."""
    page = AuthorizationFlow(api).page({"state": MARKUP, "scope": MARKUP})
    expect(MARKUP.encode() not in page.body, "the state escaped", "a script in the page", page)

"""Functions about sessions that several checks use: refreshing, testing a token, its claims, the clock."""

import base64
import json
import time
from typing import Any

from contracts.dialect.document_needs import promises
from contracts.dialect.token_lives import tells_leeway
from contracts.model.unpromised import UnpromisedError
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked, expect
from contracts.suite.world.accounts import AccountSession
from contracts.suite.world.control import ControlInterface, find

LATE = 2.0
"""Seconds after its life in which a token has certainly expired: `exp` has whole seconds, and the answer was on its way."""


def refresh(api: Api, token: str) -> HttpAnswer:
    return api.call("refreshTokens", token=token)


def works(api: Api, token: str) -> bool:
    """Whether the target accepts the token. Raises ContractViolation if verify and the content operations disagree."""
    verify = api.call("verifyToken", token=token)
    content = api.call("getContentItems", token=token, query={"limit": 1})
    if (verify.status == 200) != (content.status == 200):
        raise ContractViolation(
            "verify and content to agree on the token",
            f"verify {verify.summary()}, content {content.summary()}",
            [verify.exchange, content.exchange],
        )
    return verify.status == 200


def control(api: Api) -> ControlInterface:
    found = find(api.target, api.accounts)
    if found is None:
        raise Unchecked("the target has no control interface (/_control)")
    return found


def movable_clock(api: Api) -> ControlInterface | None:
    """The target's clock; None if there is no control interface, or other processes of the run read the same clock."""
    return find(api.target, api.accounts) if api.has("alone") else None


def let_expire(api: Api) -> None:
    """Let the access token of a new session expire: by the control interface, or by waiting. The check needs `expiry`. Raises Unchecked if
    the token is still taken, and the document does not say for how long it may be."""
    session = api.session
    life = session.life + api.lives.leeway
    _pass(api, life + 1, session.opened + life + LATE - time.monotonic())
    if not tells_leeway(api.target.spec) and works(api, session.access):
        raise Unchecked(
            "access tokens are taken after their exp, and the document does not say for how long: RFC 7519 (4.1.4) allows a small leeway "
            "(x-dialect: {tokens: {leeway: SECONDS}})"
        )


def pass_grace(api: Api) -> None:
    """Let the grace of a used refresh token pass, by the control interface or by waiting."""
    _pass(api, api.lives.grace + 1, api.lives.grace + 1)


def _pass(api: Api, moved: float, waited: float) -> None:
    """Move the target's clock by so many seconds, or wait so many."""
    if clock := movable_clock(api):
        clock.advance(moved)
    else:
        time.sleep(max(0.0, waited))


def payload(token: str, part: int = 1) -> dict[str, Any]:
    """The claims of a JWT (RFC 7519), or its header as part 0. Raises UnpromisedError for a token that is not a JWT, which a server may
    issue."""
    try:
        segment = token.split(".")[part]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, IndexError):
        raise UnpromisedError("the target's tokens are no JWT, so that they have no claims") from None
    return found


def signed_tokens(session: AccountSession) -> list[str]:
    """Those of a session's two tokens that are JWTs: a refresh token is often opaque. Raises UnpromisedError if neither is one."""
    found = [token for token in (session.access, session.refresh) if _is_signed(token)]
    return found or [str(payload(session.access))]


def _is_signed(token: str) -> bool:
    try:
        return isinstance(payload(token), dict)
    except UnpromisedError:
        return False


def account(api: Api, role: str = "owner") -> dict[str, str]:
    account = api.target.settings.accounts[role]
    return {"email": account.email, "password": account.password}


def spare(api: Api) -> dict[str, str]:
    """The credentials of the account for which wrong passwords are sent; a check that uses it needs `spare`."""
    return account(api, "spare" if "spare" in api.target.settings.accounts else "owner")


def challenged(answer: HttpAnswer) -> None:
    """Raise ContractViolation unless the answer has the challenge for a refused token (RFC 6750, 3.1), where the document has one."""
    if answer.dialect is not None and not promises(answer.dialect.theirs, "challenges"):
        return
    field = answer.headers.get("www-authenticate")
    expect('error="invalid_token"' in (field or ""), "a challenge with invalid_token", field, answer)


def not_stored(answer: HttpAnswer) -> None:
    """Raise ContractViolation unless the answer may be stored nowhere."""
    expect("no-store" in answer.headers.get("cache-control", ""), "Cache-Control: no-store", "none", answer)


def untold(api: Api, *secrets: str) -> None:
    """Raise ContractViolation if the server's log has one of these secrets, or the signature of a token."""
    log = api.world.server_log.text()
    if log is None:
        raise Unchecked("the server's log cannot be read here (--server-log FILE)")
    found = any((secret.rpartition(".")[2] or secret) in log for secret in secrets)
    expect(not found, "no secret in the server's log", "one")

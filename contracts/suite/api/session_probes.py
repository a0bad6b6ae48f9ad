"""Sessions as checks use them: refresh, whether a token works, what it claims, the clock."""

import base64
import json
import time
from typing import Any

from contracts.model.unpromised import UnpromisedError
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked, expect
from contracts.suite.world.control import ControlInterface, find


def refresh(api: Api, token: str) -> HttpAnswer:
    return api.call("refreshTokens", token=token)


def works(api: Api, token: str) -> bool:
    """Whether verify and the content operations take the token; they must agree."""
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


def pass_grace(api: Api) -> None:
    """Ten seconds and a bit: by the control clock, or by waiting."""
    found = find(api.target, api.accounts) if api.has("alone") else None
    if found:
        found.advance(api.lives.grace + 1)
    else:
        time.sleep(api.lives.grace + 1)


def payload(token: str, part: int = 1) -> dict[str, Any]:
    """The claims of a JWT (RFC 7519), or as part 0 its header; UnpromisedError for a token without any, which a server may issue as
    well."""
    try:
        segment = token.split(".")[part]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, IndexError):
        raise UnpromisedError("the target's tokens are no JWT, so that they have no claims") from None
    return found


def account(api: Api, role: str = "owner") -> dict[str, str]:
    account = api.target.settings.accounts[role]
    return {"email": account.email, "password": account.password}


def spare(api: Api) -> dict[str, str]:
    """The account that wrong passwords are sent for; a check that asks for it needs `spare`."""
    return account(api, "spare" if "spare" in api.target.settings.accounts else "owner")


def untold(api: Api, *secrets: str) -> None:
    """None of these has reached the server's log; of a token the signature is asked for."""
    log = api.world.server_log.text()
    if log is None:
        raise Unchecked("the server's log cannot be read here (--server-log FILE)")
    found = any((secret.rpartition(".")[2] or secret) in log for secret in secrets)
    expect(not found, "no secret in the server's log", "one")

"""The journeys of a login by the authorization code flow with PKCE: sign in and consent, then exchange the code (`--flow pkce`).

The page itself is not read; its form is documented. A login is a sequence of the two with a data pool of its own.
"""

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

from load.journeys.data_pool import CodeGrant, DataPool, DataPoolEmpty, Draft
from load.journeys.journey import DecodedAnswer, Journey, Unlearnable
from load.journeys.sessions import SECOND


def _sign_in(data_pool: DataPool) -> Draft:
    account, client = data_pool.next_account(), data_pool.oauth_clients[0]
    verifier = f"{data_pool.rng.getrandbits(256):064x}"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    data_pool.code = CodeGrant(verifier=verifier, state=f"{data_pool.name}.{data_pool.serial()}")
    form = {
        "client_id": client.id, "redirect_uri": client.redirect_uri, "response_type": "code", "code_challenge": challenge,
        "code_challenge_method": "S256", "state": data_pool.code.state, "email": account.email, "password": account.password,
    }  # fmt: skip
    return Draft(body=form)


def _learn_sign_in(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    grant = data_pool.code
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    if grant is None or query.get("state") != grant.state or not query.get("code"):
        raise Unlearnable("the redirect has no code, or another state")
    grant.code = query["code"]


def _exchange(data_pool: DataPool) -> Draft:
    grant, client = data_pool.code, data_pool.oauth_clients[0]
    if grant is None or not grant.code:
        raise DataPoolEmpty("no code to exchange")
    form = {
        "grant_type": "authorization_code", "client_id": client.id, "redirect_uri": client.redirect_uri, "code": grant.code,
        "code_verifier": grant.verifier,
    }  # fmt: skip
    return Draft(body=form)


def _learn_exchange(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    tokens, data_pool.code = answer.value, None
    draft.facts["session"] = data_pool.open(
        tokens["access_token"], tokens["refresh_token"], at=answer.at, life=tokens["expires_in"] * SECOND
    )


JOURNEYS = (
    Journey(name="signIn", expects=303, build=_sign_in, learn=_learn_sign_in),
    Journey(name="exchangeToken", expects=200, build=_exchange, learn=_learn_exchange),
)

"""Checks of the rate limit, if the target has one: the fields of a refusal, whether they are true, and to whom the limit applies."""

import re
import time
from dataclasses import replace

from contracts.model.unpromised import UnpromisedError
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import ON_PURPOSE, HttpAnswer, refused_on_the_way
from contracts.suite.contract_violation import ContractViolation, Unchecked, equal, expect
from contracts.suite.plugin.registry import family

check = family("semantics", needs=("alone",), requires=["rate limits"])

POLICY = re.compile(r'"[^"]+";q=([0-9]+)(?:;w=([0-9]+))?')
LEFT = re.compile(r'"[^"]+";r=([0-9]+)(?:;t=([0-9]+))?')
MOST, LONGEST, PROBES = 500, 60, 50
"""Requests that are sent to reach a limit, seconds that are waited for one, and requests that find out whether there is one that nobody
tells."""


def _policy(api: Api) -> tuple[int, int] | None:
    """(requests, seconds) of the limit; None if the target does not state it. Raises UnpromisedError if it has none."""
    policy = POLICY.match(api.call("verifyToken").must(200).headers.get("ratelimit-policy", ""))
    if policy is None:
        if api.target.recorder.limited_operations - {"login"} or any(
            _ask(api).status == 429 for _ in range(PROBES)
        ):
            return None
        raise UnpromisedError(
            f"no rate limit shows: answers have no RateLimit-Policy, and none of {PROBES} at once was 429"
        )
    if int(policy[1]) > MOST:
        raise Unchecked(f"a limit of {policy[1]} requests is more than is sent to reach one ({MOST})")
    return int(policy[1]), int(policy[2] or 1)


def _ask(api: Api) -> HttpAnswer:
    """Send one read, without waiting after a 429."""
    request = api.target.build("verifyToken", api.target.base, token=api.session.access)
    exchange = replace(api.target.connection.send(request, "verifyToken"), note=ON_PURPOSE)
    api.target.recorder.record(exchange)
    if exchange.status == 429 and not api.target.direct and refused_on_the_way(exchange):
        raise Unchecked(
            "the rate is limited by something that knows no code of this API, before the server can"
        )
    return HttpAnswer(exchange)


def _exhausted(api: Api) -> tuple[list[HttpAnswer], HttpAnswer]:
    """The successful answers until the first refusal, and the refusal."""
    requests, seconds = _policy(api) or (MOST, 1)
    api.session  # noqa: B018 - a login is no part of the count
    api.target.pace = 0.0
    taken: list[HttpAnswer] = []
    tries = 2
    began = time.monotonic()
    while True:
        answer = _ask(api)
        if answer.status == 429 and (taken or tries == 0):
            return taken, answer
        if answer.status == 429:  # others have spent it
            tries -= 1
            time.sleep(_wait(answer))
            began = time.monotonic()
            continue
        taken.append(answer.must(200))
        allowed = requests + (time.monotonic() - began) * requests / seconds
        if len(taken) > allowed + 1:
            raise ContractViolation(
                f"429 after {requests} requests", f"{len(taken)} taken", [answer.exchange]
            )
        if len(taken) > 4 * MOST:
            raise Unchecked("requests are not answered fast enough to reach the limit")


def _wait(answer: HttpAnswer) -> int:
    wait = answer.headers.get("retry-after", "")
    expect(wait.isdecimal() and int(wait) > 0, "Retry-After in seconds", wait or "none", answer)
    if int(wait) > LONGEST:
        raise Unchecked(f"a wait of {wait} s is longer than is waited for here ({LONGEST} s)")
    return int(wait)


@check("limits.refusal", "R32, RFC 9110 10.2.3")
def refusal(api: Api) -> None:
    """A request beyond the limit is 429 with Retry-After, and RateLimit and RateLimit-Policy say that no request is left."""
    policy = _policy(api)
    answer = _exhausted(api)[1].must(429, "RATE_LIMITED")
    _wait(answer)
    if policy is None:
        return  # RateLimit and RateLimit-Policy are the target's choice
    policy_field, left = (answer.headers.get(name, "") for name in ("ratelimit-policy", "ratelimit"))
    again, found = POLICY.match(policy_field), LEFT.match(left)
    expect(
        again is not None and int(again[1]) == policy[0],
        f"RateLimit-Policy with q={policy[0]}",
        policy_field or "none",
        answer,
    )
    expect(found is not None and found[1] == "0", "RateLimit with r=0", left or "none", answer)


@check("limits.count", "R32")
def count(api: Api) -> None:
    """The number of requests left in RateLimit is true: it decreases with each request, and none is refused before it is 0."""
    if _policy(api) is None:
        raise UnpromisedError("the target limits the rate and says so in no RateLimit field")
    taken, answer = _exhausted(api)
    fields = [LEFT.match(one.headers.get("ratelimit", "")) for one in taken]
    expect(all(fields), "RateLimit in each answer", "some without", *taken[-1:])
    left = [int(found[1]) for found in fields if found]
    if left:
        equal(left[-1], 0, "r before the refusal", taken[-1], answer)
        expect(
            min(left) < max(left) or len(left) < 3, "r going down", f"always {left[0]}", taken[0], taken[-1]
        )


@check("limits.recovers", "R32, RFC 9110 10.2.3", marks=("slow",))
def recovers(api: Api) -> None:
    """After Retry-After seconds the next request is accepted."""
    refused = _exhausted(api)[1]
    time.sleep(_wait(refused))
    answer = _ask(api)
    expect(answer.status == 200, "200 after Retry-After", answer.summary(), refused, answer)


@check("limits.refused-free", "R32", marks=("slow",))
def refused_free(api: Api) -> None:
    """A refused request does not count: a client that keeps trying is accepted at the moment that Retry-After names."""
    refused = _exhausted(api)[1]
    until = time.monotonic() + _wait(refused)
    for _ in range(30):
        _ask(api)
    for token in ("undefined", "a.b.c"):
        api.call("verifyToken", token=token).must(401)
    while time.monotonic() < until:
        time.sleep(max(0.0, until - time.monotonic()))
    answer = _ask(api)
    expect(answer.status == 200, "200 after Retry-After", answer.summary(), refused, answer)


@check("limits.per-user", "R32", needs=("alone", "viewer"))
def per_user(api: Api) -> None:
    """A limit applies to a user: all sessions of a user share it, and another user at the same address is not affected."""
    other, second = api.as_("viewer"), api.fresh()
    _ask(other).must(200)
    refused = _exhausted(api)[1]
    answer = _ask(other)
    expect(answer.status == 200, "200 for another user", answer.summary(), refused, answer)
    tried = [_ask(second) for _ in range(3)]
    expect(
        any(one.status == 429 for one in tried), "429 for another session of the user", "200", refused, *tried
    )

"""Faults of rate limits. Each enables a limit (ten requests at once, twenty a second) and breaks one of its rules."""

from functools import partial

from mock_server.auth.rate_limiter import Fields, RateLimiter, RatePolicy
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, plus, result, returns

_fault = partial(entry.wrapped, "http")
_ON = at(RateLimiter.policy, returns(RatePolicy(20, 10)))
_SLOW = at(RateLimiter.policy, returns(RatePolicy(0.1, 10)))


def _hurrying(step: WrappedStep, wait: int) -> Fields:
    fields: Fields = step(1)
    return fields


LIMITS = (
    _fault("limit-without-retry-after", "RFC 9110 10.2.3", "A refusal for the rate does not say until when.", "limits.refusal",
           "", _ON, at(RateLimiter.refusal, result(lambda fields: fields[1:]))),
    _fault("limit-refusal-untold", "R32", "A refusal for the rate has no RateLimit fields.", "limits.refusal", "",
           _ON, at(RateLimiter.refusal, result(lambda fields: fields[:1]))),
    _fault("limit-left-too-high", "R32", "RateLimit promises five requests more than there are.", "limits.count", "",
           _ON, at(RateLimiter.left, plus(5))),
    _fault("limit-left-constant", "R32", "RateLimit says the same whatever was spent.", "limits.count", "",
           _ON, at(RateLimiter.left, returns(10))),
    _fault("limit-retry-too-early", "RFC 9110 10.2.3", "After Retry-After the request is refused again.", "limits.recovers", "",
           _SLOW, at(RateLimiter.refusal, _hurrying)),
    _fault("limit-refusals-cost", "R32", "Each refused request moves the end of the wait away.", "limits.refused-free", "",
           _ON, at(RateLimiter.cost_of_refusal, returns(1))),
    _fault("limit-per-address", "R32", "All users share one limit.", "limits.per-user", "", _ON, at(RateLimiter.key, returns("all"))),
    _fault("limit-per-session", "R32", "Each session has a limit of its own.", "limits.per-user", "",
           _ON, at(RateLimiter.key, lambda step, claims: claims.sid)),
)  # fmt: skip

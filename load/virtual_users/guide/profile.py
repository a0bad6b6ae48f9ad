"""The two profiles of the guide's clients: as its text means them, and as its code behaves.

A `Profile` has one truth value for each deviation: True as meant, False as the code behaves. `DEVIATIONS` names the guide's
lines and both behaviours; everything else is the same in both profiles.

>>> PROFILES["guide-exact"].own_lifetimes, PROFILES["guide-intended"].own_lifetimes
(False, True)
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One reading of the guide; `DEVIATIONS` explains each field."""

    name: str
    own_lifetimes: bool
    releases_warmed: bool
    releases_sync: bool
    patches_shown_lists: bool
    resets_on_failed_logout: bool
    keeps_session_on_lost_refresh: bool
    waits_for_stored_tokens: bool
    shares_mobile_refresh: bool
    replays_mobile_401: bool
    forgets_dead_tokens: bool
    spares_dead_logout: bool
    tells_ios_logout: bool
    decodes_base64url: bool
    writes_fallback: bool
    leaves_offline_mode: bool
    ends_idle_session: bool
    requeues_refused_metrics: bool
    leaves_flush_unmeasured: bool
    keeps_metrics_session: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideDeviation:
    """One deviation of the guide's code from its text. `source` are the guide's lines."""

    field: str
    source: str
    meant: str
    does: str


DEVIATIONS: tuple[GuideDeviation, ...] = tuple(
    GuideDeviation(field=field, source=source, meant=meant, does=does)
    for field, source, meant, does in (
        ("own_lifetimes", "S:120, S:167, S:194", "unused answers live 300, 600 and 0 s",
         "`keepCacheDataFor` is no option of RTK Query, so every unused answer lives 60 s (S:63)"),
        ("releases_warmed", "S:457-471", "warmed answers are prefetched and expire when nobody shows them",
         "`initiate` subscribes and nothing unsubscribes: warmed queries stay active, and are refetched, for ever"),
        ("releases_sync", "S:448-454", "a `sync_required` is one request",
         "each one leaves an active syncContent query that every focus, reconnect and bulk update repeats"),
        ("patches_shown_lists", "S:212, S:229, S:457", "a create shows at once in the first page",
         "only the query with exactly `{page: 1}` is patched; warming and screens use `{page: 1, limit: 20}`"),
        ("resets_on_failed_logout", "S:829, S:833-839", "logout empties the cache",
         "if the call of /auth/logout is lost, the previous user's answers stay"),
        ("keeps_session_on_lost_refresh", "S:728-733", "invalid tokens end the session",
         "anything that goes wrong with a refresh, one lost packet included, logs the user out"),
        ("waits_for_stored_tokens", "S:710-722", "whoever waits for a refresh goes on with the new tokens",
         "the shared promise resolves before the first caller has stored the new pair: all others replay with the old token"),
        ("shares_mobile_refresh", "S:1072-1082, S:1189-1205", "one refresh at a time",
         "every call that finds the token expired refreshes by itself"),
        ("replays_mobile_401", "S:1078, S:1192", "a 401 is cured by a refresh",
         "only the client's own clock starts a refresh; a 401 (clock skew, `now == exp`) is the caller's error"),
        ("forgets_dead_tokens", "S:1079, S:1092-1095", "a refused refresh ends the session",
         "iOS throws and keeps the dead pair: every later call tries the refresh again"),
        ("spares_dead_logout", "S:1174, S:1199", "a failed refresh clears the tokens",
         "Android first calls /auth/logout with the expired token, which is a 401 without effect"),
        ("tells_ios_logout", "S:1004-1016", "logout ends the session", "iOS forgets the tokens and never tells the server"),
        ("decodes_base64url", "S:879, S:1104, S:1216", "the expiry is read from the token",
         "a JWT is base64url and all three decode standard base64: `-` or `_` makes a fresh token look expired"),
        ("writes_fallback", "S:539-566", "the last good answer is served while the server is down",
         "`fallback_<endpoint>` is read and never written, so there is never one"),
        ("leaves_offline_mode", "S:570", "offline mode ends when the connection is back",
         "nothing ever sets it to false"),
        ("ends_idle_session", "S:899-900", "24 h without activity end the session",
         "`lastActivity` is written and never read"),
        ("requeues_refused_metrics", "S:1806-1828", "measurements that were not accepted are kept for the next flush",
         "the status is not looked at: 401, 413, 429 and 503 lose them"),
        ("leaves_flush_unmeasured", "S:1635-1657, S:1806", "only the application's calls are measured",
         "the flush goes through the patched fetch, so each flush puts a new measurement into the empty buffer"),
        ("keeps_metrics_session", "S:1837-1840", "one session has one id", "each flush has a new `sessionId`"),
    )
)  # fmt: skip


def _profile(name: str, meant: bool) -> Profile:
    return Profile(name=name, **{f.name: meant for f in fields(Profile) if f.name != "name"})


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {name: _profile(name, meant) for name, meant in (("guide-intended", True), ("guide-exact", False))}
)

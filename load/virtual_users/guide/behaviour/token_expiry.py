"""The expiry check of a token by each of the guide's clients (S:877-884, S:1101-1115, S:1211-1223).

A JWT's payload is base64url (RFC 7515, section 2) and all three decode standard base64. `atob` and Foundation refuse `-` and
`_`; `android.util.Base64` skips them, which shifts the rest. If decoding fails, all three treat the token as expired. All three
treat `now == exp` as valid, which RFC 7519, 4.1.4, forbids.

>>> ascii_only = "x." + base64.urlsafe_b64encode(b'{"exp":100}').decode().rstrip("=") + ".y"
>>> [expired(platform, ascii_only, 100.0, base64url=False) for platform in PLATFORMS]
[False, False, False]
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

Platform = Literal["web", "ios", "android"]
PLATFORMS: tuple[Platform, ...] = ("web", "ios", "android")
_STANDARD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def expired(platform: Platform, token: str, now: float, *, base64url: bool) -> bool:
    """Whether a token looks expired to a platform's client. `base64url`: decode as the RFC says, not as the platform's code."""
    parts = token.split(".")
    if len(parts) < 2 or (
        platform != "web" and len(parts) != 3
    ):  # the web client does not count the parts (S:879)
        return True
    try:
        raw = _rfc(parts[1]) if base64url else _DECODERS[platform](parts[1])
        payload = json.loads(_TEXTS[platform](raw))
        return _over(platform, payload, now)
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def _over(platform: Platform, payload: Any, now: float) -> bool:
    if platform == "web":
        # `undefined < now` is false in JavaScript: without `exp` the web client's token never ends.
        exp = payload.get("exp")
        return exp is not None and float(exp) < int(now)
    if platform == "ios":
        return now > float(payload.get("exp", 0))
    return int(now) > int(payload["exp"])


def _rfc(text: str) -> bytes:
    return base64.b64decode(_padded(text), altchars=b"-_", validate=True)


def _strict(text: str) -> bytes:
    if not _STANDARD.issuperset(text.rstrip("=")):
        raise binascii.Error("a character outside the alphabet")
    return base64.b64decode(_padded(text))


def _skipping(text: str) -> bytes:
    kept = "".join(character for character in text if character in _STANDARD)
    if len(kept) % 4 == 1:
        raise binascii.Error("bad base-64")
    return base64.b64decode(_padded(kept))


def _padded(text: str) -> str:
    return text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)


_DECODERS: Mapping[str, Callable[[str], bytes]] = MappingProxyType(
    {"web": _strict, "ios": _strict, "android": _skipping}
)
# atob makes one character of each byte; Foundation refuses invalid UTF-8 and Java's String replaces it.
_TEXTS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "web": lambda raw: raw.decode("latin-1"),
        "ios": lambda raw: raw.decode("utf-8"),
        "android": lambda raw: raw.decode("utf-8", "replace"),
    }
)

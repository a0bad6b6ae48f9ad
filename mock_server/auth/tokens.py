"""Access and refresh tokens as compact JWS with HS256 (RFC 7515, 7519, 8725).

    access   typ at+jwt, audience tchat-api      refresh   typ rt+jwt, audience tchat-refresh

Every claim is ASCII of `[A-Za-z0-9._:-]`, so that the payload segment never has `-` or `_`: the guide's clients decode it with standard
base64 and would treat such a token as expired (S:879, 1104, 1216).
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec

ISSUER = "tchat-reference"
KINDS = {"access": ("at+jwt", "tchat-api"), "refresh": ("rt+jwt", "tchat-refresh")}
_LONGEST = 4096
_REMEMBERED = 10_000


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The claims of a token, strictly typed: a token with `exp` as a string or float is refused."""

    iss: str
    aud: str
    sub: str
    sid: str
    wsp: str
    jti: str
    iat: int
    exp: int
    scope: str


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    # Unknown header parameters, especially `crit`, are refused, because they are not listed here.
    alg: str
    typ: str


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A token is not accepted. `expired` says that it was valid before."""

    reason: str
    expired: bool = False


class TokenSigner:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._header = {
            kind: segment(msgspec.json.encode({"alg": "HS256", "typ": typ}))
            for kind, (typ, _) in KINDS.items()
        }
        self._remembered: dict[str, dict[bytes, Claims]] = {kind: {} for kind in KINDS}

    def reseed(self, secret: bytes) -> None:
        """Change the secret; all earlier tokens become invalid."""
        self._secret = secret
        self.forget()

    def forget(self) -> None:
        """Drop the cache of verified tokens."""
        for remembered in self._remembered.values():
            remembered.clear()

    def sign(
        self, kind: str, *, sub: str, sid: str, wsp: str, jti: str, iat: int, exp: int, scope: str
    ) -> str:
        claims = Claims(ISSUER, KINDS[kind][1], sub, sid, wsp, jti, iat, exp, scope)
        signed = self._header[kind] + b"." + segment(msgspec.json.encode(claims))
        return (signed + b"." + segment(self.mac(signed))).decode()

    def verify(self, kind: str, token: bytes, now: int) -> Claims:
        """The claims of a token of this kind that is valid at `now` (seconds). Raises Refusal.

        Verified signatures are cached; times are checked every time.
        """
        remembered = self._remembered[kind]
        claims = remembered.get(token)
        if claims is None:
            claims = self.read(kind, token)
            if len(remembered) >= _REMEMBERED:
                remembered.clear()
            remembered[token] = claims
        if self.has_expired(claims, now):
            raise Refusal("the token has expired", expired=True)
        if claims.iat > now:
            raise Refusal("the token is not valid yet")
        return claims

    def has_expired(self, claims: Claims, now: int) -> bool:
        """Whether a token has expired: from `exp` on it must not be accepted (RFC 7519, 4.1.4)."""
        return claims.exp <= now

    def read(self, kind: str, token: bytes) -> Claims:
        """The claims of a token of this kind with a valid signature, whatever the time. Raises Refusal."""
        if len(token) > _LONGEST:
            raise Refusal("the token is too long")
        parts = token.split(b".")
        if len(parts) != 3:
            raise Refusal("the token does not have three segments")
        typ, audience = KINDS[kind]
        try:
            header = msgspec.json.decode(bytes_of(parts[0]), type=_Header)
            if header.alg != "HS256" or header.typ != typ:
                raise Refusal("the token is of another kind")
            if not self.is_signed(parts[0] + b"." + parts[1], parts[2]):
                raise Refusal("the signature does not match")
            claims = msgspec.json.decode(bytes_of(parts[1]), type=Claims)
        except (ValueError, msgspec.DecodeError):
            raise Refusal("the token cannot be decoded") from None
        if claims.iss != ISSUER or claims.aud != audience:
            raise Refusal("the token is for somebody else")
        return claims

    def is_signed(self, signed: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(bytes_of(signature), self.mac(signed))

    def mac(self, signed: bytes) -> bytes:
        return hmac.digest(self._secret, signed, "sha256")


def segment(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def bytes_of(text: bytes) -> bytes:
    """The bytes of base64url without padding. Raises ValueError for a non-canonical form, so that a token has only one."""
    try:
        raw = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if segment(raw) != text:
        raise ValueError("not canonical base64url")
    return raw

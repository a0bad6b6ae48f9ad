"""Signed tokens: compact JWS with HS256 and nothing else (RFC 7515, 7519, 8725).

    access   typ at+jwt, audience tchat-api      refresh   typ rt+jwt, audience tchat-refresh

Every claim is ASCII from `[A-Za-z0-9._:-]`, so the payload segment never contains `-` or `_`: the guide's
clients decode it with standard base64 and would take any such token for expired (S:879, 1104, 1216).
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec

from mock_server.rules import Ruling

ISSUER = "tchat-reference"
KINDS = {"access": ("at+jwt", "tchat-api"), "refresh": ("rt+jwt", "tchat-refresh")}
_LONGEST = 4096
_REMEMBERED = 10_000


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Strictly typed: `exp` as a string or a float is not a token of ours."""

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
    # An unknown header parameter, `crit` above all, is refused by not being listed here.
    alg: str
    typ: str


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """Why a token is not accepted. `expired` ones were good once."""

    reason: str
    expired: bool = False


class TokenSigner:
    def __init__(self, secret: bytes, ruling: Ruling) -> None:
        self._secret = secret
        self._ruling = ruling
        self._header = {
            kind: _segment(msgspec.json.encode({"alg": "HS256", "typ": typ}))
            for kind, (typ, _) in KINDS.items()
        }
        self._verified: dict[str, dict[bytes, Claims]] = {kind: {} for kind in KINDS}

    def reseed(self, secret: bytes) -> None:
        """Another secret: every token given out before is forged from now on."""
        self._secret = secret
        for verified in self._verified.values():
            verified.clear()

    def sign(
        self, kind: str, *, sub: str, sid: str, wsp: str, jti: str, iat: int, exp: int, scope: str
    ) -> str:
        claims = Claims(ISSUER, KINDS[kind][1], sub, sid, wsp, jti, iat, exp, scope)
        signed = self._header[kind] + b"." + _segment(msgspec.json.encode(claims))
        return (signed + b"." + _segment(self._mac(signed))).decode()

    def verify(self, kind: str, token: bytes, now: int) -> Claims:
        """The claims of a token of this kind that is valid at `now` (seconds); Refusal otherwise.

        A signature is checked once and remembered; times are checked every time.
        """
        verified = self._verified[kind]
        claims = None if self._ruling.on else verified.get(token)
        if claims is None:
            claims = self._read(kind, token)
            if len(verified) >= _REMEMBERED:
                verified.clear()
            if not self._ruling.on:
                verified[token] = claims
        if (
            claims.exp + self._ruling.rules.token_leeway <= now
        ):  # RFC 7519, 4.1.4: on or after exp it must not be accepted
            raise Refusal("the token has expired", expired=True)
        if claims.iat > now:
            raise Refusal("the token is not valid yet")
        return claims

    def _read(self, kind: str, token: bytes) -> Claims:
        if len(token) > _LONGEST:
            raise Refusal("the token is too long")
        parts = token.split(b".")
        if len(parts) != 3:
            raise Refusal("the token does not have three segments")
        signed = parts[0] + b"." + parts[1]
        typ, audience = KINDS[kind]
        try:
            header = msgspec.json.decode(_bytes(parts[0]), type=_Header)
            unsigned = header.alg == "none" and self._ruling.rules.token_none_taken
            if (header.alg != "HS256" and not unsigned) or header.typ != typ:
                raise Refusal("the token is of another kind")
            checked = not unsigned and self._ruling.rules.token_signature_checked
            if checked and not hmac.compare_digest(_bytes(parts[2]), self._mac(signed)):
                raise Refusal("the signature does not match")
            claims = msgspec.json.decode(_bytes(parts[1]), type=Claims)
        except (ValueError, msgspec.DecodeError):
            raise Refusal("the token cannot be decoded") from None
        if claims.iss != ISSUER or claims.aud != audience:
            raise Refusal("the token is for somebody else")
        return claims

    def _mac(self, signed: bytes) -> bytes:
        return hmac.digest(self._secret, signed, "sha256")


def _segment(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _bytes(segment: bytes) -> bytes:
    """Base64url without padding; what is not canonical is refused, so that one token has one spelling."""
    try:
        raw = urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if _segment(raw) != segment:
        raise ValueError("not canonical base64url")
    return raw

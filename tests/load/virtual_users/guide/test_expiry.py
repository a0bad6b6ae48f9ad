"""When a token looks expired, on each platform: S:877-884, S:1101-1115, S:1211-1223."""

import base64
import json

import pytest

from load.virtual_users.guide.behaviour.token_expiry import PLATFORMS, expired

NOW = 1_800_000_000.0
ALL, NONE = set(PLATFORMS), set[str]()


def token(payload: bytes, parts: int = 3) -> str:
    middle = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    return ".".join(["e30", middle, "x"][:parts])


def claims(**more: object) -> bytes:
    return json.dumps(more, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param(token(claims(exp=NOW + 1)), NONE, id="one second left"),
        pytest.param(token(claims(exp=NOW)), NONE, id="now == exp is valid to all, against RFC 7519, 4.1.4"),
        pytest.param(token(claims(exp=NOW - 1)), ALL, id="over"),
        pytest.param(token(claims(sub="u")), {"ios", "android"}, id="no exp: for ever on the web S:881"),
        pytest.param(token(claims(exp=NOW + 1), parts=2), {"ios", "android"}, id="two parts S:1103, S:1214"),
        pytest.param("nonsense", ALL, id="not a token"),
        pytest.param(token(b"not json"), ALL, id="not JSON"),
        pytest.param(token(b"null"), ALL, id="null"),
        pytest.param(token(b'{"exp":"soon"}'), ALL, id="exp is text"),
        pytest.param(token(claims(name="ÿÿÿ", exp=NOW + 1)), ALL, id="- or _ in the payload"),
        pytest.param(token(claims(name="Ann", exp=NOW + 1)), NONE, id="ASCII name"),
    ],
)
def test_who_thinks_that_it_is_over(text: str, seen: set[str]) -> None:
    assert {p for p in PLATFORMS if expired(p, text, NOW, base64url=False)} == seen


@pytest.mark.parametrize("platform", PLATFORMS)
def test_base64url_is_read_when_it_is_asked_for(platform: str) -> None:
    text = token(claims(name="ÿÿÿ", exp=NOW + 1))
    assert set("-_") & set(text)
    assert not expired(platform, text, NOW, base64url=True)  # type: ignore[arg-type]


def test_android_skips_what_the_others_refuse() -> None:
    """Four characters left out are three bytes: the rest stays in step, and the token is read all the same."""
    payload = b'{"n":"\xff\xff\xff\xff\xff\xff","exp":1800000001}'
    text = token(payload)
    dashes = sum(c in "-_" for c in text)
    assert dashes == 8
    assert not expired("android", text, NOW, base64url=False)
    assert expired("web", text, NOW, base64url=False) and expired("ios", text, NOW, base64url=False)

"""Where load may go, and how a URL is understood."""

import pytest

from contracts.network.target_url import InvalidTarget
from load.http.target import parse, refuse_strangers


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "http://127.0.0.1:8000", "http://127.0.0.1:8000/api", id="no path: the document's first server"
        ),
        pytest.param("http://127.0.0.1:8000/", "http://127.0.0.1:8000/api", id="a bare slash is no path"),
        pytest.param("http://127.0.0.1:8000/api", "http://127.0.0.1:8000/api", id="with /api"),
        pytest.param("http://127.0.0.1:8000/api/", "http://127.0.0.1:8000/api", id="with /api/"),
        pytest.param("https://api.tchat.com/v2", "https://api.tchat.com/v2", id="another path"),
        pytest.param("http://[::1]:9", "http://[::1]:9/api", id="IPv6"),
    ],
)
def test_urls(url: str, expected: str) -> None:
    assert parse(url, prefix="/api").url == expected


@pytest.mark.parametrize(
    "url", [None, "", "127.0.0.1:8000", "ftp://x", "http://", "http://h:99999", "http://u:p@h/"]
)
def test_what_is_no_target(url: str | None) -> None:
    with pytest.raises(InvalidTarget):
        parse(url, prefix="/api")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("localhost", True),
        ("a.localhost", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("api.tchat.com", False),
    ],
)
def test_only_loopback_is_allowed_without_a_word(host: str, loopback: bool) -> None:
    target = parse(f"http://{host}:80", prefix="")
    refuse_strangers(target, owned=True)
    if loopback:
        refuse_strangers(target, owned=False)
    else:
        with pytest.raises(InvalidTarget, match="--i-own-this-target"):
            refuse_strangers(target, owned=False)

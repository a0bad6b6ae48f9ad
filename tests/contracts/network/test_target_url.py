"""One reader of targets: what is a URL that a client can call, and one line about what is not, without secrets."""

import pytest

from contracts.network.target_url import InvalidTarget, TargetUrl, read_target


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", ""),
        ("https://api.tchat.com/", "https://api.tchat.com", ""),
        ("HTTP://[::1]:8000/v1/api/", "http://[::1]:8000", "/v1/api"),
    ],
)
def test_a_url_is_origin_and_path(url: str, origin: str, path: str) -> None:
    assert read_target(url) == TargetUrl(origin, path)


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "ftp://x", "//x", "http://", "http://:80", "http://h:abc", "http://h:99999", "http://h:0", "http://h:-1", "http://[::1",
        "http://h/a b", "http://h/\x1b[31m", "http://h\\a", "file:///etc/passwd", "http://h/?a=1", "http://h/#x",
    ],
)  # fmt: skip
def test_what_is_no_url_is_one_line_that_names_the_option(url: str) -> None:
    with pytest.raises(InvalidTarget, match=r"^--host ") as caught:
        read_target(url, option="--host")
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://u:s3cret@h", "http://u:s3cret@h:99999/", "http://s3cret@h/a?b", "ftp://u:s3cret@h"]
)
def test_credentials_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidTarget, match="TCHAT_EMAIL") as caught:
        read_target(url)
    assert "s3cret" not in str(caught.value)

"""gzip: who gets it, what it never touches, and that HEAD and Vary tell of it."""

import gzip
import http.client
import json
import urllib.parse

import pytest

from mock_server.http.gzip_coding import LEAST, accepts
from mock_server.servers.serve import SERVERS
from tests.fork_server import reference_server
from tests.waiting import HANG

from .inside import Answer, Inside, inside

LIST = "/content/items?limit=100"


@pytest.fixture
def api() -> Inside:
    return inside(gzip=True)


def told(api: Inside, target: str, coding: str | None, method: str = "GET") -> Answer:
    headers = {} if coding is None else {"accept_encoding": coding}
    return api.call(method, target, **headers)


@pytest.mark.parametrize(
    ("field", "gzipped"),
    [
        pytest.param(b"gzip", True, id="plain"),
        pytest.param(b"GZip", True, id="any case"),
        pytest.param(b"x-gzip", True, id="old name"),
        pytest.param(b"*", True, id="any coding"),
        pytest.param(b"deflate, gzip;q=0.5, br", True, id="in a list"),
        pytest.param(b"gzip;q=0.001", True, id="hardly"),
        pytest.param(b"gzip ; Q=1.000", True, id="spaces and letters"),
        pytest.param(b"identity;q=0, *;q=0.2", True, id="identity forbidden"),
        pytest.param(b"gzip, identity", True, id="as good as identity"),
        pytest.param(b"", False, id="empty"),
        pytest.param(b"identity", False, id="identity only"),
        pytest.param(b"br, deflate", False, id="others"),
        pytest.param(b"gzip;q=0", False, id="forbidden"),
        pytest.param(b"gzip;q=0.000, *", False, id="forbidden, any other allowed"),
        pytest.param(b"*;q=0", False, id="all forbidden"),
        pytest.param(b"gzip;q=0.5, identity;q=0.8", False, id="identity liked better"),
        pytest.param(b"gzip;q=2", False, id="no quality"),
        pytest.param(b"gzip;level=9", False, id="no parameter of ours"),
        pytest.param(b"gzippy", False, id="another name"),
    ],
)
def test_a_client_gets_what_it_likes(field: bytes, gzipped: bool) -> None:
    assert accepts(field) is gzipped


def test_the_content_is_the_same_and_vary_tells(api: Inside) -> None:
    plain, packed = told(api, LIST, None), told(api, LIST, "gzip")
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body)
    assert told(api, LIST, "gzip").body == packed.body  # no time stamp in it: the same bytes each time


@pytest.mark.parametrize(
    ("target", "why"),
    [
        pytest.param("/content/items/long", "it has a strong entity tag", id="entity tag"),
        pytest.param("/content/items?search=nowhere", "it is short", id="short"),
    ],
)
def test_what_stays_as_it_is(api: Inside, target: str, why: str) -> None:
    item = api.create("Long", body="x" * 4000)["id"]
    answer = told(api, target.replace("/long", f"/{item}"), "gzip")
    assert "content-encoding" not in answer.headers and "vary" not in answer.headers, why
    assert ("etag" in answer.headers) is ("tag" in why)
    json.loads(answer.body)


def test_answers_with_tokens_are_never_compressed(api: Inside) -> None:
    document = {"email": "demo@tchat.com", "password": "demo-password"}
    answer = api.post("/auth/login", document, user=None, accept_encoding="gzip")
    assert "accessToken" in answer.json["tokens"] and "content-encoding" not in answer.headers


def test_without_the_option_nothing_changes() -> None:
    answer = told(inside(), LIST, "gzip")
    assert "content-encoding" not in answer.headers and len(answer.body) > LEAST


def test_a_long_problem_is_compressed_too(api: Inside) -> None:
    wrong = {"title": "", "body": 1, "tags": 1, "platforms": 1, "metadata": 1, "category": 1, "a": 1, "b": 1}
    answer = api.post("/content/items", wrong, accept_encoding="gzip")
    assert answer.status == 400 and answer.headers["content-type"] == "application/problem+json"
    assert len(json.loads(gzip.decompress(answer.body))["details"]["errors"]) >= 7


def test_vary_names_the_origin_too(api: Inside) -> None:
    response = api.call("GET", LIST, origin="http://localhost:3000", accept_encoding="gzip")
    assert response.headers["vary"] == "Accept-Encoding"  # two fields; the last is kept here
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"


@pytest.mark.parametrize("by", SERVERS)
def test_head_is_as_get_on_the_wire(by: str) -> None:
    with reference_server("--gzip", "--items", "60", "--server", by) as server:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=HANG)
        try:
            body = json.dumps({"email": "demo@tchat.com", "password": "demo-password"})
            connection.request("POST", "/auth/login", body, {"Content-Type": "application/json"})
            token = json.load(connection.getresponse())["tokens"]["accessToken"]
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
            seen = []
            for method in ("GET", "HEAD"):
                connection.request(method, LIST, headers=headers)
                answer = connection.getresponse()
                names = ("content-length", "content-encoding", "vary", "content-type", "cache-control")
                seen.append([answer.getheader(name) for name in names])
                content = answer.read()
                assert bool(content) is (method == "GET")
                if content:
                    assert len(content) == int(answer.getheader("content-length") or 0)
                    assert len(json.loads(gzip.decompress(content))["data"]["data"]) > 20
            assert seen[0] == seen[1] and seen[0][1] == "gzip"
        finally:
            connection.close()

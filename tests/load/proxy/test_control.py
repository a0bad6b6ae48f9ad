"""The control interface of the proxy, as Toxiproxy has it, and closed to pages of the web."""

import http.client
import json
from collections.abc import Mapping

import pytest

from load.proxy.process import ProxyError, ProxyProcess
from tests.waiting import HANG

from .connections import refused

JSON = {"Content-Type": "application/json"}


def call(
    proxy: ProxyProcess, method: str, path: str, body: object = None, fields: Mapping[str, str] = JSON
) -> tuple[int, object]:
    connection = http.client.HTTPConnection(*proxy.control, timeout=HANG)
    connection.request(method, path, None if body is None else json.dumps(body), dict(fields))
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, json.loads(data) if data else None


LATENCY = {"name": "slow", "type": "latency", "stream": "upstream", "toxicity": 1.0,
           "attributes": {"latency": 5, "jitter": 0}}  # fmt: skip


def test_the_control_interface_is_toxiproxys(proxy: ProxyProcess) -> None:
    toxics = "/proxies/tchat/toxics"
    assert call(proxy, "POST", toxics, LATENCY) == (200, LATENCY)
    assert call(proxy, "GET", toxics) == (200, [LATENCY])
    changed = {**LATENCY, "attributes": {"latency": 9, "jitter": 0}}
    assert call(proxy, "POST", f"{toxics}/slow", {"attributes": {"latency": 9}}) == (200, changed)
    assert call(proxy, "GET", f"{toxics}/slow") == (200, changed)
    assert call(proxy, "DELETE", f"{toxics}/slow") == (204, None)
    assert call(proxy, "GET", toxics) == (200, [])
    status, described = call(proxy, "POST", "/proxies/tchat", {"enabled": False})
    assert status == 200 and isinstance(described, dict) and described["enabled"] is False
    assert refused(proxy)
    assert call(proxy, "POST", "/reset") == (204, None)
    status, proxies = call(proxy, "GET", "/proxies")
    assert isinstance(proxies, dict) and proxies["tchat"]["enabled"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("GET", "/nothing", None, 404, id="unknown path"),
        pytest.param("GET", "/proxies/other", None, 404, id="unknown proxy"),
        pytest.param("GET", "/proxies/tchat/nothing", None, 404, id="unknown part of a proxy"),
        pytest.param("DELETE", "/proxies/tchat/toxics", None, 405, id="wrong method"),
        pytest.param("PUT", "/proxies/tchat/toxics/none", None, 405, id="wrong method of a toxic"),
        pytest.param("GET", "/proxies/tchat/toxics/none", None, 404, id="unknown toxic"),
        pytest.param("DELETE", "/proxies/tchat/toxics/none", None, 404, id="delete an unknown toxic"),
        pytest.param("POST", "/proxies/tchat/toxics", {"type": "gremlins"}, 400, id="unknown type"),
        pytest.param("POST", "/proxies/tchat/toxics", [1], 400, id="not an object"),
        pytest.param(
            "POST",
            "/proxies/tchat/toxics",
            {"type": "latency", "attributes": [1]},
            400,
            id="attributes in a list",
        ),
        pytest.param(
            "POST", "/proxies/tchat/toxics", {"type": "latency", "name": [5]}, 400, id="a name that is none"
        ),
        pytest.param(
            "POST",
            "/proxies/tchat/toxics",
            {"type": "latency", "attributes": {"latency": 10**400}},
            400,
            id="for ever",
        ),
        pytest.param(
            "POST", "/proxies/tchat/toxics/none", {"attributes": "x"}, 400, id="attributes in a text"
        ),
        pytest.param("POST", "/proxies/tchat", {"enabled": "yes"}, 400, id="enabled is a bool"),
    ],
)
def test_control_errors(proxy: ProxyProcess, method: str, path: str, body: object, status: int) -> None:
    got, value = call(proxy, method, path, body)
    assert got == status and isinstance(value, dict) and value["status"] == status and value["error"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param(
            {"Host": "rebound.attacker.example:8474", **JSON}, 403, id="a name that resolves to loopback"
        ),
        pytest.param({"Origin": "https://attacker.example", **JSON}, 403, id="a page of another origin"),
        pytest.param({"Origin": "null", **JSON}, 403, id="a page without an origin"),
        pytest.param({"Sec-Fetch-Site": "cross-site", **JSON}, 403, id="a page of another site"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="a form of any page"),
        pytest.param({}, 415, id="a body of no type"),
    ],
)
def test_a_page_of_the_web_is_refused(proxy: ProxyProcess, fields: dict[str, str], status: int) -> None:
    got, value = call(proxy, "POST", "/proxies/tchat", {"enabled": False}, fields)
    assert got == status and isinstance(value, dict) and value["error"]
    assert proxy.describe()["enabled"] is True


def test_an_order_that_is_refused_is_an_error_of_the_caller(proxy: ProxyProcess) -> None:
    with pytest.raises(ProxyError, match="there is no toxic 'gremlins'"):
        proxy.add("gremlins")


def test_deep_nesting_is_no_json(proxy: ProxyProcess) -> None:
    connection = http.client.HTTPConnection(*proxy.control, timeout=HANG)
    connection.request("POST", "/proxies/tchat/toxics", b"[" * 60_000, JSON)
    assert connection.getresponse().status == 400
    connection.close()

"""The control interface of the proxy, as Toxiproxy has it, and closed to pages of the web."""

import asyncio
import http.client
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.proxy.control import ProxyControl
from load.proxy.process import ProxyError, ProxyProcess
from load.proxy.proxy import Proxy
from load.proxy.toxic import KINDS
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


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(sorted({name for kind in KINDS.values() for name in kind.attributes})), VALUES, max_size=3
)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        **{"type": st.sampled_from(list(KINDS)) | VALUES, "attributes": ATTRIBUTES | VALUES, "name": st.just("one") | VALUES},
        **{"stream": st.sampled_from(["upstream", "downstream"]) | VALUES, "toxicity": st.floats(0, 1) | VALUES, "enabled": VALUES},
    },
)  # fmt: skip
PLACES = ["/proxies", "/proxies/tchat", "/proxies/tchat/toxics", "/proxies/tchat/toxics/one", "/reset", "/x"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["GET", "POST", "DELETE"]), st.sampled_from(PLACES), ORDERS), max_size=4
    )
)
def test_no_order_is_a_bug_of_the_proxy(orders: list[tuple[str, str, dict[str, Any]]]) -> None:
    async def answers() -> list[int]:
        proxy = Proxy("tchat", ("127.0.0.1", 0), ("127.0.0.1", 1), seed=1)
        await proxy.start()
        try:
            control = ProxyControl(proxy)
            return [
                (await control.answer(method, path, json.dumps(order).encode()))[0]
                for method, path, order in orders
            ]
        finally:
            await proxy.stop()

    assert not {500}.intersection(asyncio.run(answers()))


def test_a_bug_of_the_proxy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever asks finds a closed connection and takes the proxy for dead."""
    proxy = Proxy("tchat", ("127.0.0.1", 0), ("127.0.0.1", 1), seed=1)
    monkeypatch.setattr(proxy, "describe", lambda: 1 // 0)

    async def told() -> bytes:
        server, place = await ProxyControl(proxy).serve("127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*place)
            writer.write(b"GET /proxies HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            try:
                return await asyncio.wait_for(reader.read(), HANG)
            finally:
                writer.close()

    answer = asyncio.run(told())
    assert answer.startswith(b"HTTP/1.1 500 ") and b"a bug of the proxy: ZeroDivisionError" in answer

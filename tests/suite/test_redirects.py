"""A redirect is an answer to be judged: no client of the suite follows one, which could lead to another host with our token."""

from collections.abc import Callable
from contextlib import closing

import pytest

from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.schemathesis.schemathesis_runner import DirectSession
from tests.suite.serving import Received, Reply, serving


def by_connection(url: str, method: str) -> int:
    with closing(Connection(url)) as client:
        return client.send(HttpRequest(method=method, url=f"{url}/a")).status


def by_schemathesis(url: str, method: str) -> int:
    with DirectSession() as session:
        return session.request(method, f"{url}/a", allow_redirects=True).status_code


@pytest.mark.parametrize("client", [by_connection, by_schemathesis])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_client_follows_a_redirect(client: Callable[[str, str], int], status: int, method: str) -> None:
    seen: list[str] = []

    def redirect(received: Received) -> Reply:
        seen.append(received.path)
        return Reply(status, [("Location", "/elsewhere")])

    with serving(redirect) as url:
        assert client(url, method) == status
    assert seen == ["/a"]

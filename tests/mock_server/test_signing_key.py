"""Which key signs: from the seed on loopback, random or given elsewhere, the same for all workers."""

import signal
from pathlib import Path

import httpx
import pytest

from mock_server.auth.signing_key import LEAST, VARIABLE, KeyFileError, chosen
from mock_server.auth.tokens import TokenSigner
from mock_server.build import ServerOptions, build
from tests.fork_server import command, reference_server
from tests.waiting import HANG

CREDENTIALS = {"email": "demo@tchat.com", "password": "demo-password"}
KEY = "k" * LEAST


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.7", False),
        ("example.org", False),
    ],
)
def test_only_loopback_takes_the_key_of_the_seed(host: str, near: bool) -> None:
    made = chosen(host=host, file=None, environment={})
    assert near is (made.key is None) is not bool(made.warning)
    if made.key is not None:
        assert len(made.key) >= LEAST and made.key != chosen(host=host, file=None, environment={}).key
        assert made.key.decode() not in made.warning and "\n" not in made.warning


def test_a_key_that_is_given_counts_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    for host in ("127.0.0.1", "0.0.0.0"):
        assert chosen(host=host, file=str(file), environment={VARIABLE: "e" * LEAST}).key == KEY.encode()
        made = chosen(host=host, file=None, environment={VARIABLE: "e" * LEAST})
        assert (made.key, made.warning) == (b"e" * LEAST, "")


@pytest.mark.parametrize("content", [None, "", "short"], ids=["no file", "empty", "too short"])
def test_a_bad_key_is_one_line(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    with pytest.raises(KeyFileError, match=str(file)):
        chosen(host="127.0.0.1", file=str(file), environment={})
    done = command("mock_server", "--port", "0", "--secret-file", str(file)).completed()
    assert done.returncode == 64 and len(done.stderr.strip().splitlines()) == 1


def test_a_reset_keeps_a_given_key() -> None:
    claims = {"sub": "u", "sid": "s", "wsp": "w", "jti": "j", "iat": 0, "exp": 9, "scope": ""}
    for key, same in ((None, False), (KEY.encode(), True)):
        server = build(ServerOptions(items=1, password_cost=1, key=key))
        signer = server.faults.shadows.part(TokenSigner)
        before = signer.sign("access", **claims)  # type: ignore[arg-type]
        server.world.reset(2, 1)
        assert (signer.sign("access", **claims) == before) is same  # type: ignore[arg-type]


def test_beyond_loopback_it_warns_and_all_workers_share_the_key(tmp_path: Path) -> None:
    file = str(tmp_path / "world.db")
    with reference_server("--host", "0.0.0.0", "--db", file, "--workers", "2", "--items", "3") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        token = httpx.post(f"{url}/auth/login", json=CREDENTIALS).json()["tokens"]["accessToken"]
        headers = {"authorization": f"Bearer {token}"}
        # A connection each, so that the kernel spreads them over the workers.
        assert {httpx.get(f"{url}/auth/verify", headers=headers).status_code for _ in range(12)} == {200}
        server.process.send_signal(signal.SIGTERM)
        _, errors = server.process.communicate(timeout=HANG)
    told = errors.strip().splitlines()
    assert len(told) == 1 and "random key" in told[0] and "0.0.0.0" in told[0]

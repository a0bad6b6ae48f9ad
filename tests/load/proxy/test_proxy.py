"""The proxy on loopback: each toxic as its client sees it."""

import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from load.proxy.process import ProxyProcess
from tests.waiting import HANG

from .connections import Echo, connect, end_of, read, refused, say, silent


def test_bytes_pass_unchanged_and_in_order(proxy: ProxyProcess) -> None:
    data = bytes(range(256)) * 4000
    with connect(proxy) as connection:
        writer = threading.Thread(target=connection.sendall, args=(data,))
        writer.start()
        assert read(connection, len(data)) == data
        writer.join(HANG)


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_latency_delays_by_what_it_says(proxy: ProxyProcess, stream: str) -> None:
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        proxy.add("latency", {"latency": 80}, stream=stream)
        began = time.perf_counter()
        assert say(connection, b"slow") == b"slow"
        assert time.perf_counter() - began >= 0.079


def test_slicer_and_bandwidth_keep_every_byte(proxy: ProxyProcess) -> None:
    proxy.add("slicer", {"average_size": 37, "size_variation": 20})
    proxy.add("bandwidth", {"rate": 400}, stream="upstream")
    data = bytes(range(256)) * 40
    with connect(proxy) as connection:
        began = time.perf_counter()
        assert say(connection, data) == data
        assert time.perf_counter() - began >= len(data) / 400_000


def test_timeout_discards_and_then_closes(proxy: ProxyProcess) -> None:
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        proxy.add("timeout", {"timeout": 30})
        connection.sendall(b"lost")
        assert connection.recv(4) == b""


def test_timeout_of_zero_discards_for_ever(proxy: ProxyProcess) -> None:
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        name = proxy.add("timeout", {"timeout": 0})
        connection.sendall(b"lost")
        assert silent(connection)
        proxy.remove(name)
        assert say(connection, b"back") == b"back"


def test_reset_peer_resets_after_its_time(proxy: ProxyProcess) -> None:
    proxy.add("reset_peer", {"timeout": 30})
    with connect(proxy) as connection:
        assert end_of(connection) == "reset"


def test_reset_answered_counts_from_the_first_answer(proxy: ProxyProcess) -> None:
    """Who waits long for an answer still gets it, so that a slow server's sockets open before they are cut."""
    proxy.add("reset_answered", {"timeout": 30})
    with connect(proxy) as connection:
        assert silent(connection)
        assert say(connection, b"x") == b"x"
        assert end_of(connection) == "reset"


def test_reset_answered_reaches_those_that_had_theirs(proxy: ProxyProcess) -> None:
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        proxy.add("reset_answered", {"timeout": 30})
        assert end_of(connection) == "reset"


def test_limit_data_passes_exactly_so_many_bytes(proxy: ProxyProcess) -> None:
    proxy.add("limit_data", {"bytes": 5})
    with connect(proxy) as connection:
        assert say(connection, b"123456789") == b"12345"


def test_slow_close_is_late_and_loses_nothing(proxy: ProxyProcess) -> None:
    proxy.add("slow_close", {"delay": 60})
    with connect(proxy) as connection:
        assert say(connection, b"x") == b"x"
        began = time.perf_counter()
        connection.shutdown(socket.SHUT_WR)
        proxy_end = end_of(connection)
        assert proxy_end == "closed" and time.perf_counter() - began >= 0.059


@pytest.mark.parametrize(
    ("attributes", "end", "words"),
    [
        pytest.param({}, "closed", b"", id="FIN"),
        pytest.param({"reset": True}, "reset", b"", id="RST"),
        pytest.param(
            {"farewell": "880203f4"}, "closed", b"\x88\x02\x03\xf4", id="a forged close frame, 1012"
        ),
    ],
)
def test_down_ends_all_and_refuses_until_it_is_gone(
    proxy: ProxyProcess, attributes: dict[str, object], end: str, words: bytes
) -> None:
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        name = proxy.add("down", attributes)
        assert read(connection, len(words)) == words
        assert end_of(connection) == end
    assert refused(proxy)
    proxy.remove(name)
    with connect(proxy) as connection:
        assert say(connection, b"back") == b"back"


def test_nobody_gets_the_port_of_a_proxy_that_is_down(proxy: ProxyProcess) -> None:
    name = proxy.add("down")
    with socket.socket() as other, pytest.raises(OSError, match="already in use"):
        other.bind(proxy.listen)
    proxy.remove(name)
    with connect(proxy) as connection:
        assert say(connection, b"back") == b"back"


def test_refuse_leaves_living_connections(proxy: ProxyProcess) -> None:
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        proxy.add("refuse")
        assert refused(proxy)
        assert say(connection, b"still") == b"still"


def test_blackhole_holds_all_and_then_delivers(proxy: ProxyProcess) -> None:
    with connect(proxy) as old:
        assert say(old, b"warm") == b"warm"
        name = proxy.add("blackhole")
        old.sendall(b"late")
        with connect(proxy) as new:
            new.sendall(b"late")
            assert silent(old) and silent(new)
            proxy.remove(name)
            assert read(old, 4) == b"late" and read(new, 4) == b"late"


def test_half_open_silences_the_old_and_passes_the_new(proxy: ProxyProcess) -> None:
    with connect(proxy) as old:
        assert say(old, b"warm") == b"warm"
        name = proxy.add("half_open")
        old.sendall(b"lost")
        with connect(proxy) as new:
            assert say(new, b"fine") == b"fine"
            assert silent(old)
            proxy.remove(name)
            assert end_of(old) == "reset"
            assert say(new, b"fine") == b"fine"


def test_half_open_hides_the_end_of_the_upstream() -> None:
    echo = Echo()
    with ProxyProcess.start(upstream=echo.address) as proxy, connect(proxy) as old:
        assert say(old, b"warm") == b"warm"
        proxy.add("half_open")
        echo.accepted[0].shutdown(socket.SHUT_RDWR)
        assert silent(old)
    echo.stop()


def test_toxicity_is_a_share_and_seeded() -> None:
    echo = Echo()
    fates: list[list[bytes]] = []
    for _ in range(2):
        with ProxyProcess.start(upstream=echo.address, seed=5) as proxy:
            proxy.add("limit_data", {"bytes": 0}, toxicity=0.5)
            fates.append([])
            for _ in range(20):
                with connect(proxy) as connection:
                    fates[-1].append(say(connection, b"x"))
    echo.stop()
    assert fates[0] == fates[1]
    assert 4 <= fates[0].count(b"") <= 16


def test_an_unreachable_upstream_resets_the_client() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()
    with ProxyProcess.start(upstream=nobody) as proxy:
        try:
            with connect(proxy) as connection:
                end = end_of(connection)
        except ConnectionResetError:  # the reset was faster than our own connect() returned
            end = "reset"
        assert end == "reset" and proxy.describe()["connections"]["upstream_unreachable"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_it_stops_cleanly_on_a_signal(number: signal.Signals) -> None:
    echo = Echo()
    proxy = ProxyProcess.start(upstream=echo.address)
    with connect(proxy) as connection:
        assert say(connection, b"warm") == b"warm"
        proxy.process.send_signal(number)
        proxy.process.wait(HANG)
        out, errors = proxy.process.communicate()
        assert (proxy.process.returncode, out, errors) == (0, "", "")
        assert end_of(connection) == "reset"
    echo.stop()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no upstream"),
        pytest.param(["--upstream", "nowhere"], id="no port"),
        pytest.param(["--upstream", "h:99999"], id="port too large"),
        pytest.param(["--upstream", "127.0.0.1:1", "--listen", "0.0.0.0:0"], id="open to others, unsaid"),
        pytest.param(
            ["--upstream", "127.0.0.1:1", "--control", "0.0.0.0:0"], id="control open to others, unsaid"
        ),
    ],
)
def test_usage_errors_exit_64(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "load.proxy", *arguments],
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 64 and "Traceback" not in done.stderr and done.stderr

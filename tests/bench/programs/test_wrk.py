"""What wrk prints is read as it was meant, and what it is told to send is what the requests say."""

import doctest
from pathlib import Path

import pytest

from tests.bench import markdown, result
from tests.bench.programs import wrk
from tests.bench.programs.wrk import LOOK, LOOKS, MARK, Prepared, Report, parse, rest, write
from tests.bench.server import growth, listening_sockets

CLEAN = """Running 1s test @ http://127.0.0.1:18101
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   635.91us    0.89ms  12.92ms   93.69%
    Req/Sec    56.20k     8.07k   62.00k    86.67%
  Latency Distribution
     50%  250.00us
     75%  491.00us
     90%  700.00us
     99%    5.80ms
  61063 requests in 1.01s, 43.97MB read
Requests/sec:  60458.41
Transfer/sec:     43.53MB
"""
TROUBLED = """  Latency Distribution
     50%    1.20s
     99%    1.90s
  3000 requests in 1.50m, 1.00MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 300
"""


@pytest.mark.parametrize(
    ("text", "report"),
    [
        pytest.param(CLEAN, Report(61063, 1.01, 0, 0, 0.0058), id="clean"),
        pytest.param(TROUBLED, Report(3000, 90.0, 300, 10, 1.9), id="refusals, broken connections, minutes"),
        pytest.param("  7 requests in 100.00ms, 1KB read\n", Report(7, 0.1), id="without a distribution"),
    ],
)
def test_a_report_is_read(text: str, report: Report) -> None:
    assert parse(text) == report


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("unable to connect to 127.0.0.1:1 Connection refused\n", id="no server"),
    ],
)
def test_what_is_no_report_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="wrk did not report"):
        parse(text)


def test_reports_add_up() -> None:
    both = Report(100, 1.0, 5, 0, 0.2) + Report(300, 1.0, 0, 100, 0.1)
    assert both == Report(400, 2.0, 5, 100, 0.2)
    assert (both.rate, both.success) == (200.0, 0.79)
    assert (Report().rate, Report().success) == (0.0, 0.0)


def test_a_read_is_one_whole_request() -> None:
    made = Prepared.of("http://127.0.0.1:9", "GET", "/x?a=b", {"Authorization": "Bearer t"})
    assert made == Prepared(b"GET /x?a=b HTTP/1.1\r\nHost: 127.0.0.1:9\r\nAuthorization: Bearer t\r\n\r\n")


@pytest.mark.parametrize("version", [1, 12, 1_000_000])
def test_a_write_has_room_for_any_version(version: int) -> None:
    made = Prepared.of("http://h", "PUT", "/x", {}, b'{"version":' + MARK + b',"title":"t"}', version)
    sent = made.before + b"%10d" % version + made.after
    head, _, body = sent.partition(b"\r\n\r\n")
    assert b"Content-Length: %d\r\n" % len(body) in head + b"\r\n"
    assert body == b'{"version":%10d,"title":"t"}' % version


def test_the_file_says_how_long_each_part_is(tmp_path: Path) -> None:
    file = tmp_path / "requests"
    write(file, [Prepared(b"GET\n1"), Prepared(b"PUT ", b" end", 7)])
    assert file.read_bytes() == b"5 0 0\nGET\n14 4 7\nPUT  end"


@pytest.mark.parametrize(
    "module", [listening_sockets, growth, markdown, result, wrk], ids=lambda module: module.__name__
)
def test_examples_hold(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(
    ("used", "looks"),
    [
        pytest.param([5.0, 5.0], 1, id="at rest"),
        pytest.param([5.0, 5.1, 5.2, 5.2], 3, id="after two looks"),
        pytest.param([float(n) for n in range(LOOKS + 1)], LOOKS, id="never"),
    ],
)
def test_the_next_one_starts_when_the_last_one_rests(used: list[float], looks: int) -> None:
    left, slept = iter(used), list[float]()
    rest(lambda: next(left), slept.append)
    assert slept == [LOOK] * looks

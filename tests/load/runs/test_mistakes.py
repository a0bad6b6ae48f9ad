"""What a caller gets wrong ends a load run with one line, before the first request, whatever the scenario."""

from collections.abc import Callable

import pytest

Locust = Callable[..., tuple[int, str, str]]
HERE = ("--host", "http://127.0.0.1:1")
RECONNECT, FAN_OUT, WEB = (("--scenario", name) for name in ("reconnect", "write-fanout", "web"))
SILENT = "does not answer: Connection refused"


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        pytest.param(("--host", "http://10.255.255.1"), 64, "--i-own-this-target", id="a stranger"),
        pytest.param((*RECONNECT, "--host", "http://10.255.255.1"), 64, "--i-own-this-target", id="a stranger to storms"),
        pytest.param((), 64, "--host", id="no host"),
        pytest.param((*HERE, "--scenario", "nope"), 64, "no scenario 'nope'", id="no such scenario"),
        pytest.param(("-f", "load/locustfile.py,load/locustfile.py"), 64, "name it alone", id="our file twice"),
        pytest.param((*HERE, "--rate", "x"), 64, "--rate", id="no number"),
        pytest.param((*HERE, "--scenario", "gate", "WebUser"), 64, "WebUser are people", id="people and a plan"),
        pytest.param((*HERE, *WEB, "--think", "x"), 64, "--think 'x' is not a number", id="no seconds between steps"),
        pytest.param((*HERE, *FAN_OUT, "--clients", "0"), 64, "--clients", id="no clients of a fan-out"),
        pytest.param((*HERE, *RECONNECT, "--policies", "x"), 64, "no policy 'x'", id="no such policy"),
        pytest.param((*HERE, *RECONNECT, "--outages", "x=1"), 64, "'x' is none of", id="no such outage"),
        pytest.param((*HERE, *RECONNECT, "--outages", "kill=y"), 64, "not a number", id="no seconds of an outage"),
        pytest.param((*HERE, *RECONNECT, "--clients", "many"), 64, "--clients", id="no number of clients"),
        pytest.param((*HERE, *RECONNECT, "--clients", "0"), 64, "at least 1", id="no clients of a storm"),
        pytest.param((*HERE, "--tokens", "nowhere.csv"), 64, "cannot read", id="no file of tokens"),
        pytest.param((*HERE, *WEB, "--tokens", "x.csv"), 64, "WebUser log in by themselves", id="tokens for people"),
        pytest.param((*HERE, *RECONNECT, "--tokens", "x.csv"), 64, "reconnect log in by themselves", id="tokens for storms"),
        pytest.param((*HERE, "--run-out", "load"), 64, "--run-out load cannot be written: it is a folder", id="a folder"),
        pytest.param((*HERE, "--history-out", "load"), 64, "--history-out load cannot", id="a folder for calls"),
        pytest.param((*HERE, "--samples", "LICENSE/a.csv.gz"), 64, "--samples LICENSE/a.csv.gz cannot", id="below a file"),
        pytest.param((*HERE, "--report", "LICENSE"), 64, "--report LICENSE cannot", id="a file for a report"),
        pytest.param((*HERE, *WEB, "--run-out", "load"), 64, "--run-out load cannot", id="a folder for people"),
        pytest.param((*HERE, *FAN_OUT, "--report", "LICENSE"), 64, "--report LICENSE cannot", id="a file, fan-out"),
        pytest.param((*HERE, *RECONNECT, "--report", "LICENSE"), 64, "--report LICENSE cannot", id="a file, storms"),
        pytest.param((*HERE, "--policies", "guide-fixed"), 64, "--policies guide-fixed: an option of reconnect, realtime", id="policies of a plan"),
        pytest.param((*HERE, *WEB, "--ramp", "3"), 64, "which web does nothing with", id="a ramp of people"),
        pytest.param((*HERE, "--outages", "kill=1", "WebUser"), 64, "--outages kill=1: an option of reconnect", id="outages of classes"),
        pytest.param((*HERE, *FAN_OUT, "--think", "4"), 64, "--think 4: an option of web", id="steps of a fan-out"),
        pytest.param(HERE, 69, SILENT, id="nobody there"),
        pytest.param((*HERE, *WEB), 69, SILENT, id="nobody there for people"),
        pytest.param((*HERE, *FAN_OUT), 69, SILENT, id="nobody there for a fan-out"),
        pytest.param((*HERE, *RECONNECT), 69, "127.0.0.1:1", id="nobody there for storms"),
    ],
)  # fmt: skip
def test_mistakes_end_with_one_line(words: tuple[str, ...], code: int, line: str, locust: Locust) -> None:
    found, _, err = locust(*words)
    assert found == code
    assert line in err and err.count("\n") == 1

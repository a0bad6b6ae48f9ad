"""A virtual client in real time: who waits for whom, and what is left alone. No test waits longer than its timers are."""

from collections import Counter
from collections.abc import Callable

import gevent
import pytest
from gevent.event import Event

from load.virtual_users.drivers.real_time import RealTime
from load.virtual_users.guide.exchange import ArmTimer, Ask, CancelTimer, ClientReply, ClientRequest, Effect
from load.virtual_users.guide.guide_client import GuideClient
from load.virtual_users.guide.persona import make
from tests.load.virtual_users.guide_stage import SPEC, START
from tests.load.virtual_users.scripted_server import ScriptedServer, filled

LIST = Ask("getContentItems", {"page": 1, "limit": 20})


class Net:
    """A server in memory behind a line on which answers wait for `open`."""

    def __init__(self) -> None:
        self.server = ScriptedServer(SPEC, now=START)
        filled(self.server, ["one", "two"])
        self.open = Event()
        self.open.set()
        self.sent: list[str] = []
        self.under_way = self.most = 0

    def send(self, request: ClientRequest) -> ClientReply | None:
        self.sent.append(request.operation)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.open.wait()
        self.under_way -= 1
        (arrival,) = self.server.exchange([request], START)
        return arrival.reply


def entered(net: Net, platform: str = "web") -> RealTime:
    client = GuideClient(make(platform), spec=SPEC)  # type: ignore[arg-type]
    live = RealTime(client, net.send, clock=lambda: START)
    live.do(client.login("a@b.example", "x", START))
    assert live.wait(lambda: live.flying == 0, 60)
    return live


def test_a_login_and_its_warming() -> None:
    net = Net()
    live = entered(net)
    assert live.client.account.auth.authenticated
    assert net.sent[0] == "login" and Counter(net.sent[1:]) == {
        "getContentItems": 2,
        "getContentCategories": 1,
    }
    live.end()


def test_a_wait_for_what_never_comes_has_an_end() -> None:
    live = entered(Net())
    assert not live.wait(lambda: False, 0)
    live.end()


def test_six_requests_are_under_way_at_most() -> None:
    net = Net()
    live = entered(net, "android")
    net.open.clear()
    for n in range(20):
        live.do(live.client.mount(Ask("getContentItem", {"id": f"x{n}"}), START)[1])
    gevent.sleep(0)
    assert net.under_way == 6
    net.open.set()
    assert live.wait(lambda: live.flying == 0, 60)
    assert net.most == 6
    live.end()


def test_a_second_screen_waits_for_the_first_ones_answer() -> None:
    net = Net()
    live = entered(net)
    item = Ask("getContentItem", {"id": "nothing"})
    net.open.clear()
    before = len(net.sent)
    live.do(live.client.mount(item, START)[1])
    live.do(live.client.mount(item, START)[1])
    gevent.sleep(0)
    assert len(net.sent) == before + 1
    net.open.set()
    assert live.wait(lambda: live.flying == 0, 60)
    live.end()


class Bell(GuideClient):
    """Keeps which timers rang; one of them arms itself again."""

    def fired(self, timer: tuple[str, ...], now: float) -> list[Effect]:
        self.rung.append(timer[0])
        return [ArmTimer(timer, 0.0)] if timer[0] == "again" and self.rung.count("again") < 3 else []

    rung: list[str]


def bell() -> tuple[RealTime, Bell]:
    client = Bell(make("android"), spec=SPEC)
    client.rung = []
    return RealTime(client, lambda request: None), client


@pytest.mark.parametrize(
    ("effects", "rung"),
    [
        pytest.param([ArmTimer(("a",), 0.0)], ["a"], id="one"),
        pytest.param(
            [ArmTimer(("a",), 60.0), ArmTimer(("a",), 0.0)], ["a"], id="armed again: the first one is off"
        ),
        pytest.param(
            [ArmTimer(("a",), 0.0), CancelTimer(("a",)), ArmTimer(("b",), 0.0)], ["b"], id="cancelled"
        ),
        pytest.param([CancelTimer(("a",)), ArmTimer(("b",), 0.0)], ["b"], id="never armed"),
        pytest.param([ArmTimer(("again",), 0.0)], ["again"] * 3, id="arms itself while it rings"),
    ],
)
def test_timers(effects: list[Effect], rung: list[str]) -> None:
    live, client = bell()
    live.do(effects)
    live.wait(lambda: len(client.rung) == len(rung), 5)
    gevent.sleep(0)
    assert client.rung == rung
    live.end()


@pytest.mark.parametrize(
    "early",
    [
        pytest.param(lambda live: live.do([ArmTimer(("a",), 0.0)]), id="a timer"),
        pytest.param(lambda live: live.do(live.client.login("a@b.example", "x", START)), id="an answer"),
    ],
)
def test_after_the_end_nothing_is_told(early: Callable[[RealTime], None]) -> None:
    live, client = bell()
    early(live)
    live.end()
    gevent.sleep(0.01)
    assert client.rung == [] and not client.account.auth.authenticated
    assert not live.wait(lambda: bool(client.rung), 60)  # and nobody waits for it

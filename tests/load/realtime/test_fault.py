"""The table of outages against the table of toxics: what it orders, the proxy can do."""

import pytest

from load.proxy.toxic import KINDS, toxic
from load.realtime.simulation.network import Mode
from load.realtime.storm.outage_faults import CLOSE_1012, FAULTS


@pytest.mark.parametrize("name", FAULTS)
def test_every_toxic_exists_and_takes_these_attributes(name: str) -> None:
    for put in FAULTS[name].puts:
        assert toxic(put.toxic, put.attributes, stream=put.stream).kind is KINDS[put.toxic]


@pytest.mark.parametrize("name", FAULTS)
def test_only_a_fault_that_refuses_shuts_the_listener(name: str) -> None:
    fault = FAULTS[name]
    left = [put for put in fault.puts if not put.brief]
    assert any(KINDS[put.toxic].shuts for put in left) is (fault.mode is Mode.REFUSE)


def test_the_forged_close_frame_is_what_the_rfc_says() -> None:
    fin_and_opcode, length, *code = bytes.fromhex(CLOSE_1012)
    assert (fin_and_opcode, length, int.from_bytes(bytes(code), "big")) == (0x88, 2, 1012)


def test_only_a_graceful_stop_is_clean_and_only_half_open_is_silent() -> None:
    assert [name for name, fault in FAULTS.items() if fault.clean] == ["graceful"]
    assert [name for name, fault in FAULTS.items() if fault.silent] == ["half-open"]

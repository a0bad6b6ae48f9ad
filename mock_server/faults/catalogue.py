"""All faults by name, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mock_server.faults.auth import AUTH
from mock_server.faults.fault import Fault
from mock_server.faults.http import HTTP
from mock_server.faults.reading import READING
from mock_server.faults.realtime import REALTIME
from mock_server.faults.seeded import SEEDED
from mock_server.faults.shape import SHAPE
from mock_server.faults.weather import WEATHER
from mock_server.faults.writing import WRITING

_ALL = SEEDED + SHAPE + READING + WRITING + HTTP + AUTH + REALTIME + WEATHER

CATALOGUE: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})
if len(CATALOGUE) != len(_ALL):
    names = [fault.name for fault in _ALL]
    raise ValueError(f"two faults have the name {next(name for name in names if names.count(name) > 1)}")

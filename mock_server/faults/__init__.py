"""Named faults: the ways in which this server can be told to break its contract, to prove that checks catch them.

`catalogue` lists them, `selection` reads what a user asks for, `active_faults` rules on each request. No other part of
the server knows a fault by name: it reads rules (`mock_server.rules`), and with no fault on they are the contract.
"""

from mock_server.faults import table
from mock_server.faults.active_faults import ActiveFaults
from mock_server.faults.catalogue import CATALOGUE
from mock_server.faults.selection import FaultError, Selection

__all__ = ["CATALOGUE", "ActiveFaults", "FaultError", "Selection", "table"]

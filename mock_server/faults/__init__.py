"""The named faults with which this server can break its contract, to prove that checks detect them.

The reference does not know them: a fault wraps named steps of it from outside, or changes finished responses.

- `fault`: `Fault`, and the step that its wrapper is given.
- `wrappers`: ready-made wrappers, with which similar faults are rows of a table.
- `transform`: ready-made changes of finished responses.
- `families`: the faults, a file for each kind.
- `catalogue`: all faults by name, and their listing.
- `selection`: parsing the faults that a user names.
- `shadows`: replacing the steps of a server's components by wrappers, and restoring them.
- `while_on`: wrappers that are active while any fault is on.
- `active_faults`: the faults that are on, and those that affect a request.
- `delivery`: late, incomplete or missing responses.
"""

from mock_server.faults import catalogue
from mock_server.faults.active_faults import ActiveFaults
from mock_server.faults.catalogue import CATALOGUE
from mock_server.faults.selection import FaultError, Selection

__all__ = ["CATALOGUE", "ActiveFaults", "FaultError", "Selection", "catalogue"]

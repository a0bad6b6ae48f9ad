"""Named faults: the ways in which this server can be told to break its contract, to prove that checks catch them.

The reference knows none of them: a fault wraps named steps of it from outside, or changes finished responses.

- `fault`: one fault, and the step that its wrapper is given.
- `wrappers`: ready-made wrappers, so that a family of similar faults is a table.
- `transform`: ready-made changes of finished responses.
- `families`: the faults themselves, a file for each kind.
- `catalogue`: all of them by name, and shown to people and programs.
- `selection`: what a user asks for, read with one-line errors.
- `shadows`: puts wrappers in front of the steps of a server's components, and takes them away again.
- `while_on`: what is otherwise in the server while any fault is on.
- `active_faults`: which faults are on, and which of them strike a request.
- `delivery`: responses that are late, torn or missing.
"""

from mock_server.faults import catalogue
from mock_server.faults.active_faults import ActiveFaults
from mock_server.faults.catalogue import CATALOGUE
from mock_server.faults.selection import FaultError, Selection

__all__ = ["CATALOGUE", "ActiveFaults", "FaultError", "Selection", "catalogue"]

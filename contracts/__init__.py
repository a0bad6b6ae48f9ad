"""What must hold of any server of the Tchat API.

The packages beside this one (`mock_server`, `load`, `reports`) import it and never each other.
But for `contracts.suite` nothing in here performs I/O beyond reading the two documents once.
"""

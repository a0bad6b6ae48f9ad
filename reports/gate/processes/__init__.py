"""Processes that the gate starts, and signals to the gate.

| file | content |
| --- | --- |
| supervisor.py | one process from start to end: watched, ended in time, with its whole group |
| embedded_server.py | the server that the gate starts for itself: its URL, and whose fault its end is |
| interrupt.py | SIGINT, SIGTERM and SIGHUP as a flag |
"""

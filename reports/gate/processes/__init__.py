"""Processes that the gate starts, and signals to the gate.

| file | content |
| --- | --- |
| supervisor.py | one process from start to end, within a time limit, with all that it started |
| embedded_server.py | the server that the gate starts itself: its URL, and the grade of its end |
| interrupt.py | SIGINT, SIGTERM and SIGHUP as a flag |
"""

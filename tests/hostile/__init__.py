"""Targets that mean harm, or are merely broken, and what each of our commands does when it is pointed at one.

- `behaviours`: the table: what a target sends over HTTP, TLS and WebSocket, a row each.
- `hostile_server`: a server that does one of them.
- `entry_points`: our commands, and how each is pointed at a URL.
- `tls_server`: an honest server behind a certificate of an authority of our own.
- `honest`: the mock server behind it, for what a behaviour leaves alone.
- `measurement`: one command against one behaviour: seconds, memory of all its processes, exit code, what was printed.
- `test_redirects`: no client of ours follows a redirect to another host.
- `__main__`: `python -m tests.hostile [--entry NAME] [--only TEXT]` prints the table.

Bounds, the same for all: 30 seconds, 300 MiB more than the command needs on a well-behaved target, no exit code 0 or
70, no traceback, no control character on the terminal.
"""

"""A server that keeps the Tchat contract: it remembers, conflicts, rotates tokens and talks over sockets.

The application is a function of (method, path, query, headers, body); `asgi.py` is its thin adapter. All
state is in one SQLite file, all time comes from one clock. It shares nothing with `contracts.model` but
openapi.yaml, so that the two can be held against each other.
"""

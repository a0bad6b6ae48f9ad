"""A server that keeps the Tchat contract: it remembers, conflicts, rotates tokens and talks over sockets.

The application is a function of (method, path, query, headers, body); `servers/asgi.py` is its thin adapter. All
state is in one SQLite file, all time comes from one clock. It shares nothing with `contracts.model` but
openapi.yaml, so that the two can be held against each other.

- `application`: a request to its response, in the order in which the contract judges.
- `auth/`: tokens, passwords, rate limit.
- `build`: puts a server together from its options.
- `clock`: the server's time, which the control interface can freeze.
- `content_service`: how items change: the rules of every single write.
- `control/`: the control interface, for tests.
- `faults/`: the named faults.
- `handlers/`: what each operation does.
- `http/`: validation, CORS, gzip.
- `message`: a request and a response as plain values.
- `problem`: errors as RFC 9457 problem documents.
- `realtime/`: the WebSocket channel.
- `request_context`: one request on its way through the server.
- `router`: which operation a request means.
- `seed/`: the data that a server starts with.
- `servers/`: ASGI, uvicorn, Granian, worker processes.
- `stamps`: microseconds as RFC 3339 texts and back.
- `store/`: all state, in SQLite.
"""

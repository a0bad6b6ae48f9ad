"""The reference server, which keeps the Tchat contract and can be told to break it.

The application is a function of (method, path, query, headers, body); `servers/asgi.py` adapts it to ASGI. All state is in one SQLite file,
and all time comes from one clock. It shares only openapi.yaml with `contracts.model`, so that each can be tested against the other.

- `application`: answering a request, in the contract's order of judgement.
- `auth/`: tokens, passwords, rate limit.
- `build`: constructing a server from its options.
- `clock`: the server's time, which the control interface can freeze.
- `content_service`: the rules of each write of an item.
- `control/`: the control interface, for tests.
- `faults/`: the named faults.
- `handlers/`: the handlers of the operations.
- `http/`: validation, CORS, gzip.
- `message`: a request and a response as values.
- `problem`: errors as RFC 9457 problem documents.
- `realtime/`: the WebSocket channel.
- `request_context`: the state of one request.
- `router`: finding the route of a path.
- `seed/`: the initial data of a database.
- `servers/`: ASGI, uvicorn, Granian, worker processes.
- `stamps`: conversion between microseconds and RFC 3339 texts.
- `store/`: all state, in SQLite.
"""

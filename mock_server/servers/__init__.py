"""How the application meets the network: its ASGI side and the servers that run it.

- `asgi`: the application as an ASGI app.
- `fast_http_protocol`: uvicorn's HTTP protocol with a short way for plain requests.
- `http_adapter`: one HTTP exchange over ASGI.
- `header_cache`: blocks of header fields that were parsed before.
- `on_granian`, `on_uvicorn`: the two servers.
- `per_turn_refresh`: one look at the other processes' commits in a turn of the event loop.
- `serve`: the listening socket and the choice of server.
- `tcp_connection`: the TCP connection under an ASGI callable, and how to end it.
- `workers`: several processes on one port.
"""

"""The ASGI adapter of the application, and the servers that run it.

- `asgi`: the application as an ASGI app.
- `fast_http_protocol`: an HTTP protocol for uvicorn with a fast path for plain requests.
- `http_adapter`: one HTTP exchange over ASGI.
- `header_cache`: a cache of parsed header blocks.
- `on_granian`, `on_uvicorn`: the two servers.
- `per_turn_refresh`: noticing other processes' commits once in a turn of the event loop.
- `serve`: the listening socket and the choice of the server.
- `tcp_connection`: finding and closing the TCP connection of an ASGI scope.
- `workers`: several processes on one port.
"""

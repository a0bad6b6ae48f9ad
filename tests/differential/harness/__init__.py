"""One program played to the server and to the reference model, and each disagreement between them.

http_client: the server in this process, as a client of HTTP sees it.
socket_client: the client's side of ASGI, with sockets.
content_harness: programs of content operations.
event_harness: content programs with sockets listening.
session_harness: programs of sessions on a frozen clock.
failure_text: a disagreement as a person reads it, made as short as it gets.
"""

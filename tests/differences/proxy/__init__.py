"""A reverse proxy that keeps to RFC 9110 and knows nothing of the API; a row decides what happens to the messages.

server: reads a message, hands it on, writes the answer.
http_messages: HTTP/1.1 as bytes over asyncio streams.
frames: WebSocket frames.
message: requests and answers as values.
"""

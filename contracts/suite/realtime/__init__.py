"""The WebSocket clients of the suite.

`recording_socket`: a client that keeps the received messages and checks them against the AsyncAPI document.
`handshake_fields`: the header fields of a valid handshake.
`raw_socket`: a client that can send any bytes, for handshakes and frames that no library sends.
"""

"""The WebSocket channel as checks use it.

`recording_socket`: a socket that keeps what it received and holds it against the AsyncAPI document.
`raw_socket`: a connection of which every byte is ours: handshakes and frames that no library would send.
"""

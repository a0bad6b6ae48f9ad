"""The control interface: what a test may do to the server that no client may.

It is an application like the one it controls, driven by its own small OpenAPI file, at `/_control`; there is
none unless `--control` is given, and it answers to loopback addresses only.
"""

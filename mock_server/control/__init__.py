"""The control interface: what a test may do to the server that no client may.

It is an application like the one it controls, driven by its own small OpenAPI file, at `/_control`; there is none unless
`--control` is given, and it answers programs of this machine only.

- `control_application`: the application, which refuses pages of the web.
- `control_handlers`: what each of its operations does.
- `journal`: the requests that the server has seen.
- `world_state`: reset, snapshot and restore.
"""

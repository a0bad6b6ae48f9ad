"""The control interface at `/_control`, with which tests steer the server: clock, faults, sockets, reset.

It is an application with its own small OpenAPI document. It exists only with `--control`, and answers only programs on this machine.

- `control_application`: the application, which refuses requests from web pages.
- `control_handlers`: the handlers of its operations.
- `journal`: the record of the requests that the server has answered.
- `world_state`: reset, snapshot and restore.
"""

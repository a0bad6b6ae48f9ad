"""A TCP proxy that injects faults between a client and any target.

    python -m load.proxy --listen 127.0.0.1:0 --upstream HOST:PORT --control 127.0.0.1:0

    toxic      the faults as a table, with Toxiproxy's names and our own
    link       one client's connection through the proxy, both directions
    proxy      a listener with its links and active toxics
    control    the HTTP control interface with Toxiproxy's paths and bodies
    process    the proxy as a child process, for tests and scenarios

It works on TCP only; the bytes are not interpreted.
"""

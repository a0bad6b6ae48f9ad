"""A TCP proxy that fails on purpose: the network between a client and any target, with a tap on it.

    python -m load.proxy --listen 127.0.0.1:0 --upstream HOST:PORT --control 127.0.0.1:0

    toxic      the faults as a table, by Toxiproxy's names and our own
    link       one client's connection through the proxy, both directions
    proxy      a listener, its links and the toxics that are on
    control    the HTTP interface, Toxiproxy's paths and bodies
    process    start it from a test or a scenario, and talk to it

It knows TCP and nothing above: what passes through is bytes.
"""

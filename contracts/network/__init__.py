"""What all clients of the harness share about connections.

| file | content |
| --- | --- |
| tls.py | whom to trust over TLS: options for people, variables for child processes |
"""

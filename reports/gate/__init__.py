"""The release gate: starts contracts, load and reconnect as processes, and decides from what they wrote.

Each part writes a `contracts.run.Run` to a file. A part that dies, overruns or writes nothing becomes an UNKNOWN
verdict with its last words; whatever happens, what is known is merged, judged, reported, and is the exit code.
"""

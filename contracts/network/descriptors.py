"""The limit of open files of this process: each socket is one, and the soft limit of a shell is often 1,024."""

import contextlib
import resource

OTHERS = 100
"""Descriptors for everything else: files, the event loop, connections for requests."""

FURTHER = (1 << 20, 61_440, 10_240)
"""Limits to try where there is no hard one: macOS says so, and yet allows each process only `kern.maxfilesperproc`."""


def allow_descriptors(sockets: int = 0) -> None:
    """Raise the soft limit to the hard one; ValueError, in one line, if this number of sockets needs more than the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sockets + OTHERS
    for wanted in (hard, *FURTHER, needed):
        if resource.RLIM_INFINITY != wanted <= soft:
            break
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            break
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if sockets and soft != resource.RLIM_INFINITY and needed > soft:
        raise ValueError(
            f"{sockets:,} sockets of one process need {needed:,} file descriptors, and it may have {soft:,} (ulimit -Hn): raise that "
            "limit, lower --clients, or share them out among more processes"
        )

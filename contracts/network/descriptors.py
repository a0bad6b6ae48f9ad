"""The limit of open files of this process: each socket is one, and the soft limit of a shell is often 1,024."""

import resource

OTHERS = 100
"""Descriptors for everything else: files, the event loop, connections for requests."""


def allow_descriptors(sockets: int = 0) -> None:
    """Raise the soft limit to the hard one; ValueError, in one line, if that is too low for this number of sockets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and sockets + OTHERS > hard:
        raise ValueError(
            f"{sockets:,} sockets of one process need {sockets + OTHERS:,} file descriptors, and it may have {hard:,} (ulimit -Hn): raise that "
            "limit, lower --clients, or share them out among more processes"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

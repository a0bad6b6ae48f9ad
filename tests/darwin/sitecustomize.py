"""The interpreter of a system that is not Linux: names and files that macOS does not have are missing, and its limits and defaults hold.

Python imports a module of this name at its start, so this folder on PYTHONPATH is enough. What is compiled (event loops, parsers) and what
reads the system for others (psutil) were chosen when they were built, so they are imported before.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import importlib
import io
import multiprocessing
import os
import resource
import select
import selectors
import signal
import socket
import sys
import sysconfig
import time
import types
from typing import Any

EARLIER = (
    *("asyncio", "mmap", "platform", "ssl", "subprocess", "tempfile", "threading", "uuid", "zoneinfo", "psutil", "uvloop"),
    *("gevent.monkey", "gevent.select", "gevent.selectors", "gevent.signal", "gevent.socket", "gevent.ssl", "gevent.subprocess"),
)  # fmt: skip
MISSING: dict[types.ModuleType, str] = {
    os: "copy_file_range eventfd fdatasync getrandom getresuid listxattr memfd_create pidfd_open pipe2 posix_fadvise posix_fallocate "
    "sched_getaffinity sched_getscheduler sched_setaffinity setns setresuid setxattr splice unshare",
    resource: "prlimit RUSAGE_THREAD",
    select: "epoll EPOLLERR EPOLLHUP EPOLLIN EPOLLOUT",
    selectors: "EpollSelector",
    signal: "SIGCLD SIGPOLL SIGPWR SIGRTMAX SIGRTMIN SIGSTKFLT sigtimedwait sigwaitinfo",
    socket: "AF_NETLINK AF_PACKET IP_TRANSPARENT MSG_CMSG_CLOEXEC MSG_CONFIRM MSG_ERRQUEUE MSG_MORE MSG_NOSIGNAL SO_DOMAIN SO_MARK "
    "SO_PEERCRED SO_PROTOCOL SOCK_CLOEXEC SOCK_NONBLOCK TCP_DEFER_ACCEPT TCP_KEEPIDLE TCP_QUICKACK TCP_USER_TIMEOUT",
    time: "CLOCK_BOOTTIME CLOCK_TAI pthread_getcpuclockid",
}
OPEN_FILES, MOST_OPEN_FILES = 256, 10_240
"""The soft limit of a shell, and what a process gets if it asks for more: the hard limit is said to be none."""


def _without_linux() -> None:
    for name in EARLIER:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sysconfig.get_config_vars()
    sys.platform = "darwin"
    sys.modules["_scproxy"] = proxies = types.ModuleType("_scproxy")
    vars(proxies).update(_get_proxies=dict, _get_proxy_settings=dict)
    for module, names in MISSING.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    vars(selectors)["DefaultSelector"] = selectors.PollSelector
    multiprocessing.set_start_method("spawn", force=True)
    for name in ("listdir", "open", "readlink", "scandir", "stat"):
        setattr(os, name, _without_proc(getattr(os, name)))
    vars(builtins)["open"] = vars(io)["open"] = _without_proc(open)
    _limits()


def _without_proc(real: Any) -> Any:
    def call(path: Any = ".", *more: Any, **options: Any) -> Any:
        named = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        if named.startswith(("/proc", "/sys/")) and "psutil" not in sys._getframe(1).f_code.co_filename:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return real(path, *more, **options)

    return call


def _limits() -> None:
    read, change = resource.getrlimit, resource.setrlimit

    def getrlimit(what: int) -> tuple[int, int]:
        soft, hard = read(what)
        return (soft, resource.RLIM_INFINITY if what == resource.RLIMIT_NOFILE else hard)

    def setrlimit(what: int, pair: tuple[int, int]) -> None:
        soft, hard = pair
        if what == resource.RLIMIT_NOFILE:
            hard = read(what)[1]
            if soft == resource.RLIM_INFINITY or soft > MOST_OPEN_FILES:
                raise ValueError("current limit exceeds maximum limit")
        change(what, (soft, hard))

    change(resource.RLIMIT_NOFILE, (OPEN_FILES, read(resource.RLIMIT_NOFILE)[1]))
    resource.getrlimit, resource.setrlimit = getrlimit, setrlimit


_without_linux()

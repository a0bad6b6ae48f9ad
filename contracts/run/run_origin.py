"""The origin of a run: the document that it tested, the machine and software, and the times of day."""

import os
import platform
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from contracts.run.result import Environment, SpecRecord
from contracts.spec import Spec


def stamp(seconds: float | None = None) -> str:
    """An RFC 3339 time stamp in UTC, of seconds since 1970 or of now."""
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def spec_record(spec: Spec) -> SpecRecord:
    return SpecRecord(
        title=spec.title,
        version=spec.version,
        digest=spec.digest,
        operations=len(spec),
        labels={operation.id: operation.label for operation in spec},
    )


def environment(packages: Iterable[str] = (), *, server: str = "") -> Environment:
    """This machine, with the versions of those packages that are installed."""
    versions = {}
    for name in packages:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        cores=os.cpu_count() or 0,
        versions=versions,
        server=server,
    )

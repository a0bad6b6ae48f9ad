"""What a gate run says of itself: the document it was about, and the machine it ran on."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from contracts import spec
from contracts.command.exit_code import ExitCode, Stop
from contracts.run import Environment, SpecRecord

VERSIONS = ("schemathesis", "hypothesis", "locust", "pytest", "httpx")


def of_spec() -> SpecRecord:
    """Stop if the document cannot be read."""
    try:
        loaded = spec.load()
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, f"the document cannot be used: {error}") from None
    return SpecRecord(
        title=loaded.title,
        version=loaded.version,
        digest=loaded.digest,
        operations=len(loaded),
        labels={operation.id: operation.label for operation in loaded},
    )


def environment(server_name: str) -> Environment:
    versions = {}
    for name in VERSIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()}-{platform.release()} {platform.machine()}",
        cores=os.cpu_count() or 0,
        versions=versions,
        server=server_name,
    )

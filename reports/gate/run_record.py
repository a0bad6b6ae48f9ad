"""The document and the machine of a gate run, as its Run records them."""

import platform

from contracts import spec
from contracts.command.exit_code import ExitCode, Stop
from contracts.run import Environment, SpecRecord, run_origin

VERSIONS = ("schemathesis", "hypothesis", "locust", "pytest", "httpx")


def of_spec() -> SpecRecord:
    """The record of the document. Stop if it cannot be read."""
    try:
        loaded = spec.load()
    except spec.SpecError as error:
        raise Stop(ExitCode.USAGE, f"the document cannot be used: {error}") from None
    return run_origin.spec_record(loaded)


def environment(server_name: str) -> Environment:
    found = run_origin.environment(VERSIONS, server=server_name)
    machine = f"{platform.system()}-{platform.release()} {platform.machine()}"
    return found.model_copy(update={"platform": machine})

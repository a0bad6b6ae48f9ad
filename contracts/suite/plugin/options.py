"""The command line options of `pytest contracts`, read together with the environment into one `Settings` value."""

import atexit
import os
import shlex
import shutil
import sysconfig
import tempfile
from pathlib import Path

import pytest

from contracts.command import atomic_file, document_options
from contracts.network import tls
from contracts.spec import Spec, load
from contracts.suite.world.suite_settings import OPTIONS, Settings, UsageError, settings

_DEMO = OPTIONS["password"][1]
ELSEWHERE = frozenset({"target", "password", "concurrency", "budget", "server-log"})
"""Options that `repeated` leaves out, because they do not change what one check sends, or adds in another form."""


def add(parser: pytest.Parser) -> None:
    group = parser.getgroup("contracts", "the contract suite")
    for name, (help_text, default) in OPTIONS.items():
        text = f"{help_text} (TCHAT_{name.upper().replace('-', '_')}" + (
            f", default {default})" if default else ")"
        )
        group.addoption(f"--{name}", metavar=name.upper(), help=text)
    for name, keywords in document_options.OPTIONS.items():
        group.addoption(name, **keywords)
    for name, keywords in tls.OPTIONS.items():
        group.addoption(name, **keywords)
    group.addoption("--seed", type=int, help="of everything random (TCHAT_SEED, default 1)")
    group.addoption(
        "--effort",
        metavar="N",
        help="N times as many random cases (conformance, fuzz; TCHAT_EFFORT, default 1)",
    )
    group.addoption("--run-out", metavar="FILE", help="write the results as JSON (contracts.run.Run)")
    group.addoption(
        "--histories", metavar="DIR", help="keep the histories of races there (default: beside --run-out)"
    )
    group.addoption("--read-only", action="store_true", help="send no writes but logins")
    group.addoption(
        "--i-own-this-target", action="store_true", help="write to a target that is not this machine"
    )


def processes_of_xdist(config: pytest.Config) -> None:
    """Turn `-n N` of pytest-xdist into --concurrency: its workers would each take the whole suite's accounts, clock and budget for
    their own."""
    option = config.option
    processes = getattr(option, "numprocesses", None)
    if isinstance(processes, int) and not config.getoption("--concurrency"):
        option.concurrency = str(max(processes, 1))
    for name, nothing in (("numprocesses", None), ("distload", False), ("dist", "no"), ("tx", [])):
        if hasattr(option, name):
            setattr(option, name, nothing)


def refuse_outputs(config: pytest.Config) -> None:
    """Raise UsageError if an output cannot be written, before the run whose results it is to keep."""
    for name, folder in (("--run-out", False), ("--histories", True)):
        value = config.getoption(name)
        if value and (why := atomic_file.refusal(Path(value), folder=folder)):
            raise UsageError(f"{name} {value} cannot be written: {why}")


def read(config: pytest.Config) -> Settings:
    """The settings of this run. Raises UsageError or ValueError for values that make no sense."""
    options = {name: config.getoption(f"--{name}") for name in OPTIONS}
    options |= {"effort": config.getoption("--effort")}
    options |= {"read-only": config.getoption("--read-only"), "own": config.getoption("--i-own-this-target")}
    seed = config.getoption("--seed")
    if seed is None:
        seed = int(os.environ.get("TCHAT_SEED", "1"))
    return settings(options, os.environ, seed=seed, insist=True)


def spare_packages(folder: Path) -> None:
    """Give Hypothesis a temporary storage folder if the working folder is inside site-packages, as for the gate of an installed
    wheel: Hypothesis stores its Unicode tables in the working folder."""
    packages = Path(sysconfig.get_path("purelib"))
    if packages in (folder, *folder.parents) and "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        made = os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp(prefix="tchat-hypothesis-")
        atexit.register(shutil.rmtree, made, ignore_errors=True)


def trust(config: pytest.Config) -> None:
    """Set up TLS for this process and its workers, with a warning if certificates are not verified. Raises Stop for an unusable file."""
    tls.adopted(config.option, "contracts")


def document(config: pytest.Config) -> Spec:
    """Load the target's document for this process and its workers, and report what is doubtful in it. This comes before any check module
    is imported."""
    found = document_options.adopted(config.option, "contracts")
    document_options.check_login(found)
    return found


def repeated(config: pytest.Config, settings: Settings) -> str:
    """The options with which a check sends the same requests to the same target, for a shell that has the password as a variable and
    none of the environment of this run: what a pipeline or the gate hands on there is told as options."""
    words = ["--seed", str(settings.seed)]
    if settings.effort != 1:
        words += ["--effort", str(settings.effort)]
    if settings.host:
        usual = f"/{load().prefixes[0].strip('/')}".rstrip("/")
        words += ["--target", shlex.quote(settings.host if settings.prefix == usual else settings.base)]
    for name, (_, usual_value) in OPTIONS.items():
        handed_on = os.environ.get(f"TCHAT_{name.upper().replace('-', '_')}")
        value = config.getoption(f"--{name}") or (handed_on if handed_on != usual_value else None)
        if value and name not in ELSEWHERE and not (name == "base-path" and settings.host):
            email, between, password = value.partition(":")
            account = name in ("editor", "viewer", "ingest", "stranger", "spare") and between and password
            words += [f"--{name}", f'"{email}:$PASSWORD"' if account else shlex.quote(value)]
    if config.getoption("--password") or os.environ.get("TCHAT_PASSWORD", _DEMO) != _DEMO:
        words += ["--password", '"$PASSWORD"']
    trusted = tls.of_environment()
    handed = {
        **document_options.handed_on(os.environ),
        "--cacert": trusted.cacert,
        "--client-cert": trusted.client_cert,
        "--insecure": trusted.insecure,
    }
    for name in (*document_options.OPTIONS, *tls.OPTIONS, "--i-own-this-target", "--read-only"):
        value = config.getoption(name) or handed.get(name)
        for each in value if isinstance(value, list) else [value] if value else []:
            words += [name] if each is True else [name, shlex.quote(str(each))]
    return " ".join(words)


def histories(config: pytest.Config) -> str | None:
    """The folder for race histories: the one named, else one beside the run's file, else None."""
    named: str | None = config.getoption("--histories")
    out = config.getoption("--run-out")
    return named or (str(Path(out).with_name("histories")) if out else None)

"""The TLS settings of all clients of the harness: command line options, and environment variables for child processes.

A company's own certificate authority may not be in the machine's trust store; without the variables each part of a gate would need options
of its own. The names follow curl (`--cacert`, `--cert`, `--insecure`).

>>> TlsTrust(cacert="/etc/company.pem").environment()
{'TCHAT_CACERT': '/etc/company.pem', 'TCHAT_CLIENT_CERT': '', 'TCHAT_INSECURE': ''}
"""

import argparse
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contracts.command.exit_code import ExitCode, Stop

LOUD = "--insecure: the certificate of the target is not checked, so anybody on the way may read and change what is sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsTrust:
    """The TLS settings of a client. `cacert` is a PEM file of a certificate authority to trust besides those of the machine, `client_cert`
    a PEM file with certificate and key; both may be empty. `insecure` disables the verification of certificates."""

    cacert: str = ""
    client_cert: str = ""
    insecure: bool = False

    def environment(self) -> dict[str, str]:
        """The environment variables for child processes, which read them with `of_environment`."""
        return {
            "TCHAT_CACERT": self.cacert,
            "TCHAT_CLIENT_CERT": self.client_cert,
            "TCHAT_INSECURE": "1" if self.insecure else "",
        }

    def context(self, kind: type[ssl.SSLContext] = ssl.SSLContext) -> ssl.SSLContext:
        """An SSL context with these settings, of class `kind`. Raises Stop(USAGE) if a file cannot be used."""
        made = kind(ssl.PROTOCOL_TLS_CLIENT)
        made.load_default_certs()
        if self.cacert:
            try:
                made.load_verify_locations(self.cacert)
            except (OSError, ssl.SSLError) as error:
                raise _unusable("--cacert", self.cacert, error) from None
        if self.client_cert:
            try:
                # An encrypted key is an error: without this, OpenSSL would ask for a password.
                made.load_cert_chain(self.client_cert, password=lambda: b"")
            except (OSError, ssl.SSLError, ValueError) as error:
                raise _unusable("--client-cert", self.client_cert, error) from None
        if self.insecure:
            made.check_hostname = False
            made.verify_mode = ssl.CERT_NONE
        return made


def _unusable(option: str, path: str, error: Exception) -> Stop:
    why = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
    return Stop(ExitCode.USAGE, f"{option} {path} cannot be used: {why}; a PEM file is needed")


OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "--cacert": {
            "metavar": "FILE",
            "help": "trust this certificate authority too, PEM (default: TCHAT_CACERT)",
        },
        "--client-cert": {
            "metavar": "FILE",
            "help": "certificate and key of ours, one PEM file (default: TCHAT_CLIENT_CERT)",
        },
        "--insecure": {
            "action": "store_true",
            "help": "do not check the target's certificate (default: TCHAT_INSECURE)",
        },
    }
)
"""Option -> keyword arguments of `add_argument`, for argparse and pytest."""


def add_to(parser: argparse._ActionsContainer) -> list[argparse.Action]:
    return [parser.add_argument(name, **keywords) for name, keywords in OPTIONS.items()]


def adopted(options: argparse.Namespace, program: str) -> TlsTrust:
    """Set the TLS settings of this process and its children by parsed options, which precede the variables, and print a warning for
    --insecure. Raises Stop(USAGE) for an unusable file."""
    settings = of_environment()
    trust = TlsTrust(
        cacert=_absolute(options.cacert or settings.cacert),
        client_cert=_absolute(options.client_cert or settings.client_cert),
        insecure=options.insecure or settings.insecure,
    )
    if trust.cacert or trust.client_cert:
        trust.context()  # only these can be wrong, and to read the machine's own certificates takes 20 ms of every start
    os.environ.update(trust.environment())
    if trust.insecure:
        print(f"{program}: {LOUD}", file=sys.stderr)
    return trust


def of_environment(environ: Mapping[str, str] = os.environ) -> TlsTrust:
    return TlsTrust(
        cacert=environ.get("TCHAT_CACERT", ""),
        client_cert=environ.get("TCHAT_CLIENT_CERT", ""),
        insecure=environ.get("TCHAT_INSECURE", "") not in ("", "0", "false"),
    )


def _absolute(path: str) -> str:
    return str(Path(path).absolute()) if path else ""

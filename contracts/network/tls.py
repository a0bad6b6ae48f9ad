"""Which servers are trusted over TLS, said once for all clients of the harness: options for people, variables for processes.

A company's own certificate authority is not in the store of the machine; without this every part of a gate would need an
option of its own. The names follow curl (`--cacert`, `--cert`, `--insecure`).

>>> TlsTrust(cacert="/etc/company.pem").environment()
{'TCHAT_CACERT': '/etc/company.pem', 'TCHAT_CLIENT_CERT': '', 'TCHAT_INSECURE': ''}
"""

from __future__ import annotations

import argparse
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.command.exit_code import ExitCode, Stop

LOUD = "--insecure: the certificate of the target is not checked, so anybody on the way may read and change what is sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsTrust:
    """What a client of ours trusts over TLS, and the certificate that it shows. `client_cert` is a PEM file with certificate and
    key. Empty: what the machine trusts, and no client certificate."""

    cacert: str = ""
    client_cert: str = ""
    insecure: bool = False

    def environment(self) -> dict[str, str]:
        """For child processes, which read it with `of_environment`."""
        return {
            "TCHAT_CACERT": self.cacert,
            "TCHAT_CLIENT_CERT": self.client_cert,
            "TCHAT_INSECURE": "1" if self.insecure else "",
        }

    def context(self) -> ssl.SSLContext:
        """Stop(USAGE) if a file cannot be used."""
        made = ssl.create_default_context()
        if self.cacert:
            try:
                made.load_verify_locations(self.cacert)
            except (OSError, ssl.SSLError) as error:
                raise _unusable("--cacert", self.cacert, error) from None
        if self.client_cert:
            try:
                # Without a terminal to ask on, an encrypted key is an error and no question.
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


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--cacert", metavar="FILE", help="trust this certificate authority too, PEM (default: TCHAT_CACERT)")
    add(
        "--client-cert",
        metavar="FILE",
        help="certificate and key of ours, one PEM file (default: TCHAT_CLIENT_CERT)",
    )
    add(
        "--insecure",
        action="store_true",
        help="do not check the target's certificate (default: TCHAT_INSECURE)",
    )


def of(chosen: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> TlsTrust:
    """From options that `add_options` made, else from the environment; paths absolute, so that children find them."""
    told = of_environment(environ)
    return TlsTrust(
        cacert=_absolute(chosen.cacert or told.cacert),
        client_cert=_absolute(chosen.client_cert or told.client_cert),
        insecure=chosen.insecure or told.insecure,
    )


def of_environment(environ: Mapping[str, str] = os.environ) -> TlsTrust:
    return TlsTrust(
        cacert=environ.get("TCHAT_CACERT", ""),
        client_cert=environ.get("TCHAT_CLIENT_CERT", ""),
        insecure=environ.get("TCHAT_INSECURE", "") not in ("", "0", "false"),
    )


def _absolute(path: str) -> str:
    return str(Path(path).absolute()) if path else ""

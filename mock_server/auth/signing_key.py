"""The choice of the key that signs tokens: derived from the seed on a loopback address, else from the user or random.

With a key from the seed a run can be repeated byte for byte, and tokens stay valid over a restart. Anybody who knows the seed can forge
tokens, so it is used only if no other machine can connect.

>>> chosen(host="127.0.0.1", file=None, environment={})
KeyChoice(key=None, warning='')
>>> chosen(host="0.0.0.0", file=None, environment={"TCHAT_SERVER_SECRET": "0123456789abcdef0123456789abcdef"}).warning
''
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.command.loopback import is_loopback

VARIABLE = "TCHAT_SERVER_SECRET"
LEAST = 32
"""The fewest bytes of a key: HS256 needs a key as long as its hash (RFC 7518, 3.2)."""


class KeyFileError(ValueError):
    """The user's key cannot be used. The message is one line."""


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The chosen signing key; None derives it from the seed. `warning` is one line for the user, or empty."""

    key: bytes | None
    warning: str = ""


def chosen(*, host: str, file: str | None, environment: Mapping[str, str]) -> KeyChoice:
    """The key of the file, else of the environment, else a random one unless `host` is loopback. Raises KeyFileError."""
    if file is not None:
        return KeyChoice(_read(file))
    if environment.get(VARIABLE):
        return KeyChoice(_long_enough(environment[VARIABLE].encode(), VARIABLE))
    if is_loopback(host):
        return KeyChoice(None)
    problem = (
        f"{host} can be reached from elsewhere: tokens are signed with a random key, lost at the next start; "
    )
    return KeyChoice(
        secrets.token_hex(LEAST).encode(),
        problem + "--secret-file FILE keeps one. Demo passwords are public.",
    )


def _read(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return _long_enough(stream.read().strip(), file)
    except OSError as error:
        raise KeyFileError(f"cannot read --secret-file {file}: {error.strerror}") from None


def _long_enough(key: bytes, where: str) -> bytes:
    if len(key) < LEAST:
        raise KeyFileError(f"the key in {where} has {len(key)} bytes; it needs {LEAST} or more")
    return key

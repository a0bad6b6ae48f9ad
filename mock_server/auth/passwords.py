"""Password hashes by scrypt, with a configurable cost, so that a storm of logins need not measure scrypt.

The password of an unknown account is compared with a decoy, so that it takes as long as that of a known one.
"""

import hashlib
import hmac


class PasswordHasher:
    """The hasher. `cost` is log2 of scrypt's N: 14 would be right for production, 6 is for tests."""

    def __init__(self, cost: int = 6) -> None:
        self._n = 1 << cost
        self._decoy = self.hash("decoy", b"decoy-salt")

    def hash(self, password: str, salt: bytes) -> bytes:
        return salt + b"$" + self._derive(password, salt)

    def matches(self, password: str, stored: bytes | None) -> bool:
        salt, _, derived = (stored or self._decoy).partition(b"$")
        same = hmac.compare_digest(self._derive(password, salt), derived)
        return same and stored is not None

    def _derive(self, password: str, salt: bytes) -> bytes:
        return hashlib.scrypt(password.encode(), salt=salt, n=self._n, r=8, p=1, dklen=32)

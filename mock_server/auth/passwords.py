"""Password hashes: scrypt with a cost from the configuration, so that a login storm need not measure the KDF.

An unknown account is verified against a decoy, and takes as long as a known one.
"""

import hashlib
import hmac


class PasswordHasher:
    """Hashes passwords by scrypt. `cost` is log2 of scrypt's N; 14 is what production would use, 6 is for tests."""

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

"""The ids of new items: opaque, unique, and the same for the same seed and requests."""

import hashlib
from base64 import b32encode


class IdMaker:
    """The generator of item ids: `c` and 16 characters of a keyed hash, never `temp-…` (S:230) or `bulk`."""

    def __init__(self, seed: int) -> None:
        self.reseed(seed)

    def reseed(self, seed: int) -> None:
        self._key = str(seed).encode()

    def make(self, scope: str, number: int) -> str:
        digest = hashlib.blake2b(f"{scope}/{number}".encode(), key=self._key, digest_size=10).digest()
        return "c" + b32encode(digest).decode().lower()

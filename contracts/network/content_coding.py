"""A body as it was before it was compressed (RFC 9110, 8.4.1), bounded in size: a megabyte of gzip may become a gigabyte.

>>> decoded(b"as it is", "", 100)
b'as it is'
>>> decoded(zlib.compress(b"a" * 99), "deflate", 100) == b"a" * 99
True
"""

import zlib

WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 47}
"""Of zlib for each Content-Encoding that is undone here; 47 finds out by itself."""
MOST_CODINGS = 5


class DecodedTooLong(Exception):
    """The body becomes longer than it may: in words."""


class NotDecoded(Exception):
    """It is not what its Content-Encoding says, or that is none we know."""


def decoded(body: bytes, coding: str, most: int) -> bytes:
    """`coding` is the field; the last one named was applied last."""
    codings = [name.strip().lower() for name in coding.split(",") if name.strip() not in ("", "identity")]
    if len(codings) > MOST_CODINGS or any(name not in WBITS for name in codings):
        raise NotDecoded(f"Content-Encoding {coding[:80]}")
    sent = len(body)
    for name in reversed(codings):
        inflate = zlib.decompressobj(WBITS[name])
        try:
            body = inflate.decompress(body, most + 1)
        except zlib.error as error:
            raise NotDecoded(str(error)) from None
        if len(body) > most:
            raise DecodedTooLong(f"{sent:,} bytes of {coding} that become more than {most >> 20} MiB")
        if not inflate.eof:
            raise NotDecoded(f"half of a {name}")
    return body

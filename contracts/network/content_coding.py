"""The decompression of a body (RFC 9110, 8.4.1), up to a maximum size, because a megabyte of gzip may become a gigabyte.

>>> decoded(b"as it is", "", 100)
b'as it is'
>>> decoded(zlib.compress(b"a" * 99), "deflate", 100) == b"a" * 99
True
"""

import zlib

WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 47}
"""Content-Encoding -> zlib's `wbits`; 47 detects the format."""
MOST_CODINGS = 5


class DecodedTooLong(Exception):
    """The decompressed body is longer than allowed."""


class NotDecoded(Exception):
    """The body does not match its Content-Encoding, or that is unknown."""


def decoded(body: bytes, coding: str, most: int) -> bytes:
    """The decompressed body, of at most `most` bytes. `coding` is the Content-Encoding field. Raises DecodedTooLong or NotDecoded."""
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

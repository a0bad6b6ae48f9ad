"""Text without secrets, for logs, reports and failure lines.

>>> redacted("Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl for ada with hunter2", ("hunter2", ""))
'Bearer <token> for ada with <secret>'
"""

from __future__ import annotations

import re
from collections.abc import Iterable

JSON_WEB_TOKEN = re.compile(r"\b(?:eyJ|eyA|ew[o0k])[\w-]+\.[\w-]+\.[\w-]*")
"""A JWS (RFC 7515) begins with the base64url of a brace and a quote, a blank or a line end."""


def redacted(text: str, secrets: Iterable[str] = (), *, longest: int | None = None) -> str:
    """Without anything that looks like a token and without these secrets; cut only afterwards, so that no half is left."""
    told = JSON_WEB_TOKEN.sub("<token>", text)
    for secret in secrets:
        if secret:
            told = told.replace(secret, "<secret>")
    return told if longest is None or len(told) <= longest else f"{told[: longest - 1]}…"

"""The second validator of request bodies and parameters, python's `jsonschema`, with the document's meaning of formats.

It is asked before a server is blamed for an answer that contradicts the first validator (`request_oracle`).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import jsonschema
from jsonschema import FormatChecker

from contracts.schema import standalone
from contracts.spec import Spec

DATE_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
)
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    found = DATE_TIME.fullmatch(value)
    if not found or " " in value or not value.isascii():
        return False
    try:
        datetime(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return found[1] == "0000"
    return True


@FORMATS.checks("date")
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII) is not None and bool(
            date.fromisoformat(value)
        )
    except ValueError:
        return value.startswith("0000")


@FORMATS.checks("email")
def _is_email(value: object) -> bool:
    # RFC 5321 allows ASCII only; other characters would be `idn-email`.
    return not isinstance(value, str) or re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", value) is not None


def validator(spec: Spec, schema: Mapping[str, Any]) -> Any:
    """The jsonschema validator of one schema of the document."""
    whole = _python_patterns(standalone(spec, schema))
    return jsonschema.Draft202012Validator(whole, format_checker=FORMATS)


def _python_patterns(node: Any) -> Any:
    """The schema with `\\Z` for a final `$` of patterns: ECMA's `$` matches only at the end, Python's also before a final newline."""
    if isinstance(node, dict):
        return {
            key: value[:-1] + r"\Z"
            if key == "pattern" and isinstance(value, str) and value.endswith("$")
            else _python_patterns(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_python_patterns(part) for part in node]
    return node

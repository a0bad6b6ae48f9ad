"""`SpecError`, the error of a document that cannot be used."""

LONGEST, BEGIN, END = 390, 240, 140
"""The most characters of a message; of a longer one, which quotes a large value, so many of its beginning and its end are kept."""


class SpecError(ValueError):
    """A document cannot be used. The message is one line for the user, with the file, the place and the cause."""

    def __init__(self, line: str) -> None:
        words = " ".join(line.split())
        super().__init__(words if len(words) <= LONGEST else f"{words[:BEGIN]} … {words[-END:]}")

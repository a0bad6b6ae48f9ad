"""`SpecError`, the error of a document that cannot be used."""


class SpecError(ValueError):
    """A document cannot be used. The message is one line for the user, with the file, the place and the cause."""

    def __init__(self, line: str) -> None:
        super().__init__(" ".join(line.split()))

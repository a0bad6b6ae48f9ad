"""The one error of reading a document."""


class SpecError(ValueError):
    """The document is wrong: whose fault is clear, so this carries one line for the user (file, place, cause) and no more."""

    def __init__(self, line: str) -> None:
        super().__init__(" ".join(line.split()))

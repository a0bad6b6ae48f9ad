"""Where words for people go. A reader that has had enough (`| head`) is no reason for another exit code."""

from typing import NoReturn

from rich.console import Console


class Output(Console):
    """Standard output. rich itself would exit with 1 when nobody reads any more, which is FAIL here."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError

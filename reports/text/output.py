"""Standard output for people, on which a closed pipe (`| head`) does not change the exit code."""

from typing import NoReturn

from rich.console import Console


class Output(Console):
    """A console that raises an error on a closed pipe, where rich would exit with 1, which means FAIL here."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError

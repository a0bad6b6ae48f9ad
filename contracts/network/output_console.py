"""Standard output for people, on which a closed pipe (`| head`) does not change the exit code, and no text controls the terminal."""

from collections.abc import Iterable
from typing import NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from contracts.network.printable import printable


class OutputConsole(Console):
    """A console that raises an error on a closed pipe, where rich would exit with 1, which means FAIL here. It writes control characters
    of texts, which may be a target's, as escapes; its own styles stay."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError
